import pytest

from reflect.domain.language_packs import PACKS
from reflect.web import language


def test_english_is_there_without_a_catalogue() -> None:
    assert language.available()[0] == "en"
    assert language.language("en").gettext("Send") == "Send"


def test_every_catalogue_has_a_pack_of_words_and_every_pack_a_catalogue() -> None:
    assert sorted(language.available()) == sorted(PACKS)


@pytest.mark.parametrize(
    ("wish", "found"),
    [
        ("en-GB", "en"),
        ("en_us_k12", "en"),
        ("EN", "en"),
        ("tlh", None),
        ("", None),
        ("x" * 30, None),
        ("../../etc", None),
    ],
)
def test_a_wish_finds_the_nearest_language(wish: str, found: str | None) -> None:
    assert language.nearest(wish) == found


def test_the_first_wish_that_can_be_fulfilled_wins() -> None:
    assert language.choose([None, "tlh", "en-GB"], "en") == "en"
    assert language.choose(["tlh"], "tlh") == "en"
    assert language.choose(["e" * 36], "en") == "en"
