import json
import re
from dataclasses import FrozenInstanceError
from typing import Any

import pytest

from reflect.domain.questions import (
    QUESTIONS,
    Category,
    Question,
    by_category,
)
from reflect.files import SEEDS

ENTRIES: list[dict[str, Any]] = json.loads((SEEDS / "questions.json").read_text(encoding="utf-8"))
FIRST = next(iter(QUESTIONS.values()))
ENGLISH = [(question, question.languages["en"]) for question in QUESTIONS.values()]
ADULT = 18
PRIVATE_MATTERS = re.compile(
    r"\b(famil\w*|parents?|mother|father|mum|mom|dad|brothers?|sisters?|at home|house|money|religi\w*|"
    r"sick\w*|ill(ness)?|doctors?|medic\w*|health\w*|diagnos\w*|pain\w*|sleep\w*|slept|eat\w*|food|lunch|"
    r"breakfast|weight)\b"
)
FEELING_WORDS_THAT_LEAD = re.compile(
    r"\b(happy|excited|stressed|worried|anxious|nervous|sad|angry|lonely|tired|proud|better|worse|enjoy\w*|"
    r"love\w*|hate\w*|fun|should|must)\b"
)


def keys_of(questions: tuple[Question, ...]) -> list[str]:
    return [question.key for question in questions]


def test_the_library_holds_at_least_seventy_questions() -> None:
    assert len(QUESTIONS) >= 70


def test_every_key_is_unique_and_in_snake_case() -> None:
    keys = [entry["key"] for entry in ENTRIES]
    assert len(set(keys)) == len(keys) == len(QUESTIONS)
    assert all(re.fullmatch(r"[a-z]+(_[a-z]+)+", key) for key in keys)
    assert all(question.key == key for key, question in QUESTIONS.items())


def test_no_question_is_in_the_library_twice() -> None:
    texts = [re.sub(r"\W+", " ", text.lower()) for _, text in ENGLISH]
    assert len(set(texts)) == len(texts)


def test_a_check_in_starts_with_how_are_you_feeling_today() -> None:
    assert FIRST.text("en") == "How are you feeling today?"
    assert next(iter(by_category().values()))[0] is FIRST


def test_the_first_question_suits_everybody() -> None:
    assert FIRST.to_age is None
    assert FIRST.from_age == min(question.from_age for question in QUESTIONS.values())


def test_every_category_offers_a_choice() -> None:
    assert list(by_category()) == list(Category)
    assert all(len(questions) >= 6 for questions in by_category().values())


def test_every_question_stands_in_its_own_category_and_in_no_other() -> None:
    listed = [key for questions in by_category().values() for key in keys_of(questions)]
    assert sorted(listed) == sorted(QUESTIONS)
    for category, questions in by_category().items():
        assert {question.category for question in questions} == {category}


def test_a_category_keeps_the_order_of_the_library() -> None:
    for category, questions in by_category().items():
        assert keys_of(questions) == [it["key"] for it in ENTRIES if it["category"] == category]


@pytest.mark.parametrize("question", QUESTIONS.values(), ids=lambda question: question.key)
def test_an_age_band_starts_at_school_age_and_ends_after_it_starts(question: Question) -> None:
    assert 5 <= question.from_age <= ADULT
    assert question.to_age is None or question.from_age < question.to_age <= ADULT


def test_staff_questions_are_for_adults_and_all_others_for_students() -> None:
    for question in QUESTIONS.values():
        assert (question.from_age >= ADULT) == (question.category is Category.STAFF)


@pytest.mark.parametrize("age", [6, 9, 13, 17])
def test_a_student_of_any_age_finds_a_question_for_every_occasion(age: int) -> None:
    for category, questions in by_category().items():
        if category is Category.STAFF or (age < 7 and category in {"before_a_test", "after_a_test"}):
            continue
        assert len([it for it in questions if it.from_age <= age <= (it.to_age or age)]) >= 2, category


@pytest.mark.parametrize("question", QUESTIONS.values(), ids=lambda question: question.key)
def test_every_question_fits_a_phone_screen_in_every_language(question: Question) -> None:
    for text in question.languages.values():
        assert 0 < len(text) <= 120
        assert text == text.strip()


@pytest.mark.parametrize(("question", "text"), ENGLISH, ids=QUESTIONS)
def test_a_question_asks_one_thing_and_leaves_the_answer_open(question: Question, text: str) -> None:
    assert text.count("?") == text.endswith("?") == 1
    asking = re.split(r"[:,] ", text)[-1]
    opened = re.match(r"(How|What|Which)\b", text) or re.match(r"(how|what|which)\b", asking)
    assert opened, text


@pytest.mark.parametrize(("question", "text"), ENGLISH, ids=QUESTIONS)
def test_a_question_can_be_answered_with_a_feeling(question: Question, text: str) -> None:
    assert re.search(r"\b(feel\w*|felt|energy|arriving)\b", text), text


@pytest.mark.parametrize(("question", "text"), ENGLISH, ids=QUESTIONS)
def test_a_question_puts_no_feeling_into_anyones_mouth(question: Question, text: str) -> None:
    assert not FEELING_WORDS_THAT_LEAD.search(text.lower())


@pytest.mark.parametrize(("question", "text"), ENGLISH, ids=QUESTIONS)
def test_a_question_asks_for_no_fact_about_family_or_health(question: Question, text: str) -> None:
    assert not PRIVATE_MATTERS.search(text.lower())


@pytest.mark.parametrize(("question", "text"), [it for it in ENGLISH if it[0].from_age <= 6])
def test_a_question_for_the_youngest_is_short(question: Question, text: str) -> None:
    assert len(text.split()) <= 12


def test_a_question_falls_back_to_english() -> None:
    languages = {
        "en": "How are you arriving?",
        "de": "Wie kommst du an?",
    }
    question = Question("arriving_here", Category.GENERAL, 6, None, languages)
    assert question.text("de_AT") == "Wie kommst du an?"
    assert question.text("fi") == "How are you arriving?"


def test_a_question_cannot_be_altered() -> None:
    with pytest.raises(FrozenInstanceError):
        FIRST.from_age = 3  # type: ignore[misc]
    with pytest.raises(TypeError):
        QUESTIONS["feeling_today"] = FIRST  # type: ignore[index]
    with pytest.raises(TypeError):
        by_category()[Category.STAFF] = ()  # type: ignore[index]


def test_a_question_can_be_counted_in_a_dictionary() -> None:
    assert {FIRST: 3}[FIRST] == 3
