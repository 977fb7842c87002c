"""An attacker's reasoning by brute force: every class that could have made what was read, person by person.

This restates the release rule in words of its own and uses none of Reflect's arithmetic.
"""

from collections import Counter
from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import product

FEELINGS = ("calm", "happy", "tired")
"""Fewer feelings mean fewer doubts: what three of them leave open, sixteen do."""

World = tuple[str, ...]
"""What each person answered, in the order in which they answered."""
Totals = frozenset[tuple[str, int]]


@dataclass(frozen=True)
class Batch:
    """Answers that became readable together: those of the people from `first` up to, not with, `end`."""

    first: int
    end: int
    totals: Totals


def publications(answers: Sequence[str]) -> set[Totals]:
    """All that the rule may publish of a batch: exact only when three or more differ from a most common answer."""
    counts = Counter(answers)
    most = max(counts.values())
    if len(answers) - most >= 3:
        return {frozenset(counts.items())}
    leaders = [feeling for feeling, count in counts.items() if count == most]
    return {totals_of({leader: len(answers) - 2, "unsaid": 2}) for leader in leaders}


def totals_of(counts: Mapping[str, int]) -> Totals:
    """Counts as a value, zeros left out."""
    return frozenset((key, count) for key, count in counts.items() if count)


def batches_in(states: Sequence[tuple[int, Mapping[str, int]]]) -> list[Batch]:
    """The batches in a sequence of (answers so far, totals), told by subtraction as an attacker would."""
    found, before, released = [], Counter[str](), 0
    for answered, totals in states:
        difference = Counter(totals)
        difference.subtract(before)
        if any(difference.values()):
            found.append(Batch(released, answered, totals_of(difference)))
            before, released = Counter(totals), answered
    return found


def consistent(people: int, batches: Collection[Batch]) -> list[World]:
    """Every world that may have led to these batches; what was never released could be anything."""
    return [
        world
        for world in product(FEELINGS, repeat=people)
        if all(batch.totals in publications(world[batch.first : batch.end]) for batch in batches)
    ]


def certainties(people: int, worlds: Collection[World], truth: World) -> Iterator[str]:
    """What some reader is sure of: somebody's answer, as an outsider or as one who knows their own."""
    for reader in (None, *range(people)):
        thinkable = [world for world in worlds if reader is None or world[reader] == truth[reader]]
        for person in range(people):
            if person != reader and len({world[person] for world in thinkable}) == 1:
                yield f"reader {reader} knows that person {person} answered {truth[person]}"
