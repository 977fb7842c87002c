import json
import math
import re
from dataclasses import FrozenInstanceError
from itertools import combinations, pairwise
from typing import Any

import pytest

from reflect.domain.emotions import EMOTIONS, Emotion, Quadrant, vocabulary
from reflect.domain.language_packs import PACKS, Wording
from reflect.files import SEEDS

ENTRIES: list[dict[str, Any]] = json.loads((SEEDS / "emotions.json").read_text(encoding="utf-8"))
ENGLISH = [(emotion.key, emotion.languages["en"]) for emotion in EMOTIONS.values()]

# responseEmotionType of Microsoft Graph v1.0 without `none` and `unknownFutureValue`
GRAPH_NAMES = """
    confident excited happy motivated peaceful ambitious cheerful comfortable creative determined energized
    focused fulfilled grateful included inspired optimistic proud successful valuable annoyed bored calm
    confused glad content pensive reserved restless shocked tired angry depressed exhausted lonely nervous
    anxious apathetic concerned disappointed frightened frustrated hopeless hurt jealous miserable
    overwhelmed skeptical stressed stuck worthless awed ashamed curious sensitive sad
"""
CORE_KEYS = """
    confident excited happy motivated peaceful bored calm confused tired angry lonely nervous frustrated
    stressed curious sad
"""
CLINICAL = re.compile(
    r"disorder|symptom|diagnos|illness|patient\b|clinical|syndrome|therap|chronic|patholog|disease|suicid"
)


def an_emotion(pleasantness: float = 0.5, energy: float = 0.5) -> Emotion:
    english = Wording("merry", "You want to sing.", "You are in high spirits.")
    brazilian = Wording("contente", "Você quer cantar.", "Você está de bom humor.")
    languages = {"en": english, "pt-br": brazilian}
    return Emotion("merry", "merry", True, pleasantness, energy, languages)


def test_every_feeling_of_microsoft_graph_has_exactly_one_emotion() -> None:
    assert sorted(entry["graph_name"] for entry in ENTRIES) == sorted(GRAPH_NAMES.split())


def test_no_key_that_answers_were_stored_under_ever_changes() -> None:
    assert set(EMOTIONS) >= set(GRAPH_NAMES.split())
    assert all(EMOTIONS[name].graph_name == name for name in GRAPH_NAMES.split())


def test_every_key_is_unique_and_stays_a_plain_word() -> None:
    keys = [entry["key"] for entry in ENTRIES]
    assert len(set(keys)) == len(keys) == len(EMOTIONS)
    assert all(re.fullmatch(r"[a-z]+(_[a-z]+)*", key) for key in keys)
    assert all(emotion.key == key for key, emotion in EMOTIONS.items())


def test_every_entry_is_in_the_core_or_the_full_set() -> None:
    assert {entry["set"] for entry in ENTRIES} == {"core", "full"}


def test_the_core_vocabulary_is_the_sixteen_agreed_words() -> None:
    assert sorted(emotion.key for emotion in vocabulary("core")) == sorted(CORE_KEYS.split())


def test_the_full_vocabulary_offers_every_emotion_once() -> None:
    assert sorted(emotion.key for emotion in vocabulary("full")) == sorted(EMOTIONS)


def test_the_core_vocabulary_keeps_the_order_of_the_full_one() -> None:
    assert vocabulary("core") == tuple(emotion for emotion in vocabulary("full") if emotion.is_core)


@pytest.mark.parametrize("name", ["core", "full"])
def test_a_picker_goes_through_the_quadrants_in_order_and_down_in_energy(name: Any) -> None:
    order = list(Quadrant)
    for earlier, later in pairwise(vocabulary(name)):
        assert order.index(earlier.quadrant) <= order.index(later.quadrant)
        if earlier.quadrant is later.quadrant:
            assert earlier.energy >= later.energy


def test_a_picker_starts_pleasant_and_lively() -> None:
    assert vocabulary("core")[0].key == "excited"
    assert vocabulary("full")[0].key == "energized"


def test_an_unknown_vocabulary_is_an_error() -> None:
    with pytest.raises(KeyError):
        vocabulary("tiny")  # type: ignore[arg-type]


@pytest.mark.parametrize("quadrant", Quadrant)
def test_every_quadrant_offers_a_choice_even_in_the_core_vocabulary(quadrant: Quadrant) -> None:
    assert len([emotion for emotion in vocabulary("core") if emotion.quadrant is quadrant]) >= 2
    assert len([emotion for emotion in vocabulary("full") if emotion.quadrant is quadrant]) >= 7


@pytest.mark.parametrize("emotion", EMOTIONS.values(), ids=lambda emotion: emotion.key)
def test_both_numbers_lie_within_the_grid_and_on_neither_axis(emotion: Emotion) -> None:
    for number in (emotion.pleasantness, emotion.energy):
        assert isinstance(number, float)
        assert -1 <= number <= 1
        assert number != 0


def test_no_two_emotions_stand_closer_than_a_tenth_on_the_grid() -> None:
    for one, other in combinations(EMOTIONS.values(), 2):
        apart = math.dist((one.pleasantness, one.energy), (other.pleasantness, other.energy))
        assert apart > 0.1, f"{one.key} and {other.key}"


@pytest.mark.parametrize(
    ("milder", "stronger"),
    [("annoyed", "angry"), ("concerned", "anxious"), ("sad", "miserable"), ("glad", "happy")],
)
def test_a_stronger_feeling_lies_further_from_neutral(milder: str, stronger: str) -> None:
    assert abs(EMOTIONS[milder].pleasantness) < abs(EMOTIONS[stronger].pleasantness)


@pytest.mark.parametrize(
    ("livelier", "quieter"),
    [("excited", "happy"), ("calm", "tired"), ("bored", "exhausted"), ("frightened", "nervous")],
)
def test_a_livelier_feeling_has_more_energy(livelier: str, quieter: str) -> None:
    assert EMOTIONS[livelier].energy > EMOTIONS[quieter].energy


@pytest.mark.parametrize(
    ("key", "quadrant"),
    [
        ("excited", Quadrant.PLEASANT_HIGH),
        ("peaceful", Quadrant.PLEASANT_LOW),
        ("angry", Quadrant.UNPLEASANT_HIGH),
        ("tired", Quadrant.UNPLEASANT_LOW),
    ],
)
def test_well_known_feelings_fall_into_their_quadrant(key: str, quadrant: Quadrant) -> None:
    assert EMOTIONS[key].quadrant is quadrant


@pytest.mark.parametrize("tag", PACKS)
def test_every_language_explains_every_emotion_to_children_and_to_adults(tag: str) -> None:
    for emotion in EMOTIONS.values():
        wording = emotion.languages[tag.lower()]
        assert wording.word == wording.word.strip() != ""
        for sentence in (wording.child, wording.adult):
            assert sentence == sentence.strip() != ""
            assert len(sentence) <= 150
        assert wording.child != wording.adult


@pytest.mark.parametrize("tag", PACKS)
def test_every_language_names_every_emotion_with_a_word_of_its_own(tag: str) -> None:
    words = [emotion.languages[tag.lower()].word for emotion in EMOTIONS.values()]
    assert [word for word in words if words.count(word) > 1] == []


@pytest.mark.parametrize(("key", "english"), ENGLISH)
def test_no_definition_explains_a_word_by_itself(key: str, english: Wording) -> None:
    stem = english.word[: max(3, len(english.word) - 3)].lower()
    for sentence in (english.child, english.adult):
        assert not [token for token in re.findall(r"[a-z]+", sentence.lower()) if token.startswith(stem)]


@pytest.mark.parametrize(("key", "english"), ENGLISH)
def test_a_child_gets_one_short_sentence_of_short_words(key: str, english: Wording) -> None:
    tokens = re.findall(r"[A-Za-z']+", english.child)
    assert len(tokens) <= 13
    assert max(map(len, tokens)) <= 11
    assert english.child.count(".") == english.child.endswith(".") == 1


@pytest.mark.parametrize(("key", "english"), ENGLISH)
def test_an_adult_gets_one_sentence(key: str, english: Wording) -> None:
    assert english.adult.count(".") == english.adult.endswith(".") == 1
    assert len(english.adult) <= 120


@pytest.mark.parametrize(("key", "english"), ENGLISH)
def test_no_definition_sounds_like_a_diagnosis(key: str, english: Wording) -> None:
    assert not CLINICAL.search(f"{english.child} {english.adult}".lower())


def test_no_two_emotions_are_explained_alike() -> None:
    sentences = [sentence for _, english in ENGLISH for sentence in (english.child, english.adult)]
    assert len(set(sentences)) == len(sentences)


@pytest.mark.parametrize("locale", ["pt-BR", "pt_BR", "PT-br", "pt-BR-abl1943"])
def test_a_locale_finds_its_language_however_it_is_written(locale: str) -> None:
    assert an_emotion().word(locale) == "contente"
    assert an_emotion().definition(locale, child=True) == "Você quer cantar."
    assert an_emotion().definition(locale, child=False) == "Você está de bom humor."


@pytest.mark.parametrize("locale", ["", "fi", "pt", "en-GB", "enm", "x-klingon"])
def test_a_language_we_lack_falls_back_to_english(locale: str) -> None:
    assert an_emotion().word(locale) == "merry"
    assert an_emotion().definition(locale, child=True) == "You want to sing."
    assert an_emotion().definition(locale, child=False) == "You are in high spirits."


def test_the_seeded_emotions_speak_english() -> None:
    assert EMOTIONS["happy"].word("en") == "happy"
    assert EMOTIONS["happy"].definition("en", child=True) == "You feel good inside and want to smile."


def test_an_emotion_cannot_be_altered() -> None:
    with pytest.raises(FrozenInstanceError):
        EMOTIONS["happy"].energy = 0.1  # type: ignore[misc]
    with pytest.raises(TypeError):
        EMOTIONS["happy"] = an_emotion()  # type: ignore[index]
    with pytest.raises(TypeError):
        EMOTIONS["happy"].languages["en"] = an_emotion().languages["en"]  # type: ignore[index]


def test_an_emotion_can_be_counted_in_a_dictionary() -> None:
    assert {EMOTIONS["happy"]: 3}[EMOTIONS["happy"]] == 3
