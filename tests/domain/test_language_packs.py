import json
from typing import Any

import pytest

from reflect.domain.language_packs import PACKS, SOURCE_LANGUAGE, Status, nearest, spoken, words_of
from reflect.files import SEEDS

ENGLISH = PACKS[SOURCE_LANGUAGE].words


def shape(words: Any) -> Any:
    """The keys and lengths of a piece of a pack, without its words."""
    if isinstance(words, dict | type(ENGLISH)):
        return {key: shape(value) for key, value in words.items()}
    return [shape(word) for word in words] if isinstance(words, list) else str


def leaves(words: Any) -> list[str]:
    """Every text in a piece of a pack."""
    if isinstance(words, str):
        return [words]
    return [leaf for value in (words if isinstance(words, list) else words.values()) for leaf in leaves(value)]


@pytest.mark.parametrize("tag", PACKS)
def test_every_pack_is_whole(tag: str) -> None:
    assert shape(PACKS[tag].words) == shape(ENGLISH)


@pytest.mark.parametrize("tag", PACKS)
def test_no_text_of_a_pack_is_empty_or_carries_spaces_around_it(tag: str) -> None:
    assert [text for text in leaves(PACKS[tag].words) if not text or text != text.strip()] == []


@pytest.mark.parametrize("tag", [tag for tag in PACKS if tag != SOURCE_LANGUAGE])
def test_no_sentence_of_another_language_was_left_in_english(tag: str) -> None:
    english = {text for text in leaves(ENGLISH) if " " in text}
    assert english & set(leaves(PACKS[tag].words)) == set()


@pytest.mark.parametrize("tag", PACKS)
def test_a_language_says_how_far_it_may_be_trusted(tag: str) -> None:
    assert (PACKS[tag].status is Status.SOURCE) == (tag == SOURCE_LANGUAGE)


def test_a_status_nobody_knows_is_refused() -> None:
    with pytest.raises(ValueError, match="guessed"):
        Status("guessed")


def test_facts_lie_beside_the_words() -> None:
    for noun in ("emotions", "questions", "breaks"):
        entries = json.loads((SEEDS / f"{noun}.json").read_text(encoding="utf-8"))
        assert {entry["key"] for entry in entries} == set(ENGLISH[noun])
    assert set(json.loads((SEEDS / "body_signals.json").read_text(encoding="utf-8"))) == set(ENGLISH["body_signals"])


def test_a_region_we_lack_falls_back_to_its_language() -> None:
    assert nearest({"en": 1, "zh-hant": 2, "zh": 3}, "zh-Hant-TW") == 2
    assert nearest({"en": 1, "zh-hant": 2, "zh": 3}, "zh-Hans-CN") == 3


def test_a_key_that_nobody_knows_has_no_words() -> None:
    with pytest.raises(KeyError):
        words_of("questions", "nobody_asks_this")


@pytest.mark.parametrize(
    ("written", "said"),
    [
        ("cansado/a", "cansado, cansada"),
        ("pieno/a di vergogna", "pieno, piena di vergogna"),
        ("fatigué(e)", "fatigué, fatiguée"),
        ("empolgado(a)", "empolgado, empolgada"),
        ("plein(e) d’idées", "plein, pleine d’idées"),
        ("fier / fière", "fier, fière"),
        ("so-so. How was 9/11?", "so-so. How was 9/11?"),
        ("happy. You feel good inside.", "happy. You feel good inside."),
    ],
)
def test_both_genders_are_read_aloud_one_after_the_other(written: str, said: str) -> None:
    assert spoken(written) == said


def test_no_feeling_is_read_aloud_with_a_sign_in_it() -> None:
    for pack in PACKS.values():
        for words in pack.words["emotions"].values():
            assert not set("/()") & set(spoken(words["word"])), words["word"]
