import pytest

from reflect.domain.language_packs import PACKS
from reflect.web import language
from reflect.web.pages import environment


def test_english_is_there_without_a_catalogue() -> None:
    assert language.available()[0] == "en"
    assert language.language("en").gettext("Send") == "Send"


def test_every_catalogue_has_a_pack_of_words_and_every_pack_a_catalogue() -> None:
    assert sorted(language.available()) == sorted(PACKS)


def test_the_twelve_languages_are_there() -> None:
    assert sorted(PACKS) == sorted(
        ["ar", "de", "en", "es", "fr", "he", "it", "ja", "nl", "pl", "pt-BR", "tr", "zh-Hans"]
    )


@pytest.mark.parametrize(
    ("wish", "found"),
    [
        ("en-GB", "en"),
        ("en_us_k12", "en"),
        ("EN", "en"),
        ("de-AT", "de"),
        ("de_du", "de"),
        ("es-419", "es"),
        ("iw", "he"),
        ("pt_br", "pt-BR"),
        ("pt-PT", "pt-BR"),
        ("zh_cn", "zh-Hans"),
        ("zh-SG", "zh-Hans"),
        ("zh", "zh-Hans"),
        ("zh-TW", None),
        ("zh_Hant", None),
        ("tlh", None),
        ("", None),
        ("x" * 30, None),
        ("../../etc", None),
    ],
)
def test_a_wish_finds_the_nearest_language(wish: str, found: str | None) -> None:
    assert language.nearest(wish) == found


@pytest.mark.parametrize("tag", ["ar", "he"])
def test_arabic_and_hebrew_run_from_right_to_left(tag: str) -> None:
    assert language.language(tag).direction == "rtl"


def test_the_first_wish_that_can_be_fulfilled_wins() -> None:
    assert language.choose([None, "tlh", "fr-CA", "de"], "en") == "fr"
    assert language.choose(["tlh"], "de") == "de"
    assert language.choose(["tlh"], "tlh") == "en"
    assert language.choose(["d" * 36], "en") == "en"


@pytest.mark.parametrize(
    ("tag", "words", "is_apart"),
    [
        ("ar", "How are you?", True),
        ("he", "童小画", True),
        ("ar", "قمر الحكاية", False),
        ("ar", "29 %", False),
        ("en", "מה שלומך?", True),
        ("de", "Zoë Märchenwald", False),
    ],
)
def test_words_that_run_the_other_way_are_kept_apart(tag: str, words: str, is_apart: bool) -> None:
    assert language.language(tag).isolated(words) == (f"\u2068{words}\u2069" if is_apart else words)


@pytest.mark.parametrize(("tag", "between"), [("en", " "), ("ar", " "), ("ja", ""), ("zh-Hans", "")])
def test_a_full_stop_of_chinese_and_japanese_brings_its_own_room(tag: str, between: str) -> None:
    assert environment(tag).from_string("1.{{ space }}2.").render() == f"1.{between}2."


def test_a_template_keeps_what_people_wrote_apart_and_escapes_it() -> None:
    said = environment("ar").from_string("{{ _('“%(question)s” was deleted.', question=question) }}")
    assert "«\u2068How &lt;b&gt;are&lt;/b&gt; you?\u2069»" in said.render(question="How <b>are</b> you?")
    german = environment("de").from_string("{{ pgettext('button', 'Set aside') }} {{ _('Set aside') }}")
    assert german.render() == "Beiseitelegen Beiseitegelegt"
