"""The question library: what a teacher may ask without having to find the words.

Every question is open, can be answered with a feeling word, and asks for no fact about family or
health. Check-ins store the text that was asked; the key only says where it came from.
"""

import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from types import MappingProxyType
from typing import Any

from reflect.domain.language_packs import nearest, words_of
from reflect.files import SEEDS


class Category(StrEnum):
    """The occasion a question is for, in the order in which the library shows them."""

    GENERAL = "general"
    START_OF_DAY = "start_of_day"
    AFTER_A_LESSON = "after_a_lesson"
    BEFORE_A_TEST = "before_a_test"
    AFTER_A_TEST = "after_a_test"
    BELONGING = "belonging"
    ENERGY = "energy"
    FRIENDSHIP = "friendship"
    END_OF_WEEK = "end_of_week"
    STAFF = "staff"


@dataclass(frozen=True, slots=True)
class Question:
    """One question of the library and the ages, in years, it suits; no upper age means adults too.

    `languages` is keyed by lower-case BCP 47 tag and always holds English.
    """

    key: str
    category: Category
    from_age: int
    to_age: int | None
    languages: Mapping[str, str] = field(compare=False, repr=False)

    def text(self, locale: str) -> str:
        """The question in the nearest language we have."""
        return nearest(self.languages, locale)


def by_category() -> Mapping[Category, tuple[Question, ...]]:
    """Every category with its questions, both in the order of the library."""
    return _BY_CATEGORY


def _question(entry: Mapping[str, Any]) -> Question:
    from_age, to_age = entry["ages"]
    return Question(
        key=entry["key"],
        category=Category(entry["category"]),
        from_age=from_age,
        to_age=to_age,
        languages=words_of("questions", entry["key"]),
    )


def _read() -> tuple[Question, ...]:
    entries = json.loads((SEEDS / "questions.json").read_text(encoding="utf-8"))
    return tuple(map(_question, entries))


_LIBRARY = _read()
_BY_CATEGORY: Mapping[Category, tuple[Question, ...]] = MappingProxyType(
    {category: tuple(it for it in _LIBRARY if it.category is category) for category in Category}
)
QUESTIONS: Mapping[str, Question] = MappingProxyType({question.key: question for question in _LIBRARY})
