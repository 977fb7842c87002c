"""What is kept of choices is the same for everybody: no language, manner, form or person gets into another's."""

from dataclasses import dataclass, replace
from itertools import combinations

import pytest
from markupsafe import escape

from reflect.domain.privacy.sealing import Content
from reflect.web.choices import choices


@dataclass(frozen=True)
class Asked:
    form: str = "words_core"
    labels: tuple[str, ...] | None = None
    manner: str = "character"
    simple_words: bool = False


CORE = Asked()
OFFERS = [
    (CORE, "en"),
    (CORE, "de"),
    (replace(CORE, manner="plain"), "en"),
    (replace(CORE, simple_words=True), "en"),
    (replace(CORE, form="faces"), "en"),
    (replace(CORE, form="grid"), "en"),
]


def test_what_nobody_has_touched_is_rendered_once() -> None:
    assert choices(Asked(), "en") is choices(replace(CORE, form="words_core"), "en", Content(""))


@pytest.mark.parametrize(("one", "other"), list(combinations(OFFERS, 2)))
def test_each_form_manner_and_language_has_choices_of_its_own(one: tuple[Asked, str], other: tuple[Asked, str]) -> None:
    kept = [choices(*offer) for offer in (one, other, one)]
    assert kept[0] != kept[1] and kept[0] == kept[2]


@pytest.mark.parametrize(
    "touched",
    [
        {"typed": Content("calm")},
        {"typed": Content("other_word", "murmur")},
        {"typed": Content("", "murmur")},
        {"has_fault": True},
    ],
)
def test_what_somebody_chose_or_typed_stays_on_their_page(touched: dict[str, Content]) -> None:
    before = escape(choices(CORE, "en"))
    own = escape(choices(CORE, "en", **touched))  # type: ignore[arg-type]
    assert own != before
    after = escape(choices(CORE, "en"))
    assert after == before
    assert not any(sign in after for sign in (" checked", "murmur", "choice-problem"))


def test_labels_of_one_teacher_are_not_those_of_another() -> None:
    own = [escape(choices(Asked("choices", labels), "en")) for labels in (("<tea>", "milk"), ("rain", "sun"))]
    assert "&lt;tea&gt;" in own[0] and "rain" not in own[0]
    assert "rain" in own[1] and "tea" not in own[1]
    assert "tea" not in escape(choices(Asked("scale"), "en"))
