"""Counted answers as a picture of a class: how pleasant, with how much energy, and how many took part."""

from collections import Counter
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from datetime import date
from typing import TypeVar

from reflect.domain.insights.feelings import Mood, asks_for_a_feeling, mood, place

Key = TypeVar("Key")


@dataclass(frozen=True, slots=True)
class Count:
    """So many answers of one choice to one check-in, on one day of the reader's."""

    checkin_id: int
    form: str
    on: date
    choice: str
    count: int


@dataclass(frozen=True, slots=True)
class Picture:
    """Answers to check-ins that ask for a feeling."""

    answers: int
    """All that may be shown or are known to be there: also those that named no feeling, and those that are unsaid."""
    choices: Mapping[tuple[str, str], int]
    """(form, choice) to how many, only those with a place on the grid."""
    mood: Mood | None

    @property
    def unplaced(self) -> int:
        """Answers without a place: other words, skipped, or set aside so that no single one is certain."""
        return self.answers - (self.mood.answers if self.mood else 0)


@dataclass(frozen=True, slots=True)
class Turnout:
    """How many have answered of how many who are asked, summed over check-ins."""

    checkins: int = 0
    answered: int = 0
    expected: int = 0

    def __add__(self, other: "Turnout") -> "Turnout":
        return Turnout(
            self.checkins + other.checkins, self.answered + other.answered, self.expected + other.expected
        )  # fmt: skip


def picture(counts: Iterable[Count]) -> Picture:
    """What these answers show together; forms that ask for no feeling are left out."""
    answers, placed = 0, Counter[tuple[str, str]]()
    for count in counts:
        if asks_for_a_feeling(count.form):
            answers += count.count
            if place(count.form, count.choice):
                placed[count.form, count.choice] += count.count
    return Picture(answers, placed, mood(placed))


def sorted_by(counts: Iterable[Count], key: Callable[[Count], Key]) -> dict[Key, list[Count]]:
    """The same counts, those of one key together."""
    found: dict[Key, list[Count]] = {}
    for count in counts:
        found.setdefault(key(count), []).append(count)
    return found
