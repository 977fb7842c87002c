import pytest

from reflect.domain.language_packs import PACKS
from reflect.web import language


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
