"""A class held against its own usual, and against nobody else's.

The rule, as the page says it: with at least 2k answers that name a feeling on both sides, and a difference of the means
of at least 0.1 (of 2 from one end to the other) and of more than twice its standard error, it is more or less pleasant
than usual; else about as usual; with fewer answers, too few to tell. Only answers of the same forms are compared.

Answers to one check-in hang together: they are to one question on one day. So the standard error counts each check-in
as one, where that makes it larger.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from enum import StrEnum
from math import sqrt

from reflect.domain.insights.feelings import place
from reflect.domain.insights.pictures import Count

_SURE = 2
"""Standard errors that a difference must be larger than."""
_SMALLEST = 0.1
"""What is less is no difference that a person would feel, however sure it is."""


class Change(StrEnum):
    """How a class is, held against its own usual."""

    MORE = "more"
    LESS = "less"
    USUAL = "usual"
    TOO_FEW = "too_few"


@dataclass(frozen=True, slots=True)
class Sample:
    """The mean pleasantness (-1 to 1) of so many answers, and its standard error."""

    answers: int
    mean: float
    error: float


@dataclass(frozen=True, slots=True)
class Comparison:
    """A stretch and what was before it; None where nobody named a feeling."""

    change: Change
    now: Sample | None
    usual: Sample | None


def compare(now: Sequence[Count], before: Iterable[Count], k: int) -> Comparison:
    """How these answers are, held against those; `k` is the smallest group."""
    forms = {count.form for count in now if place(count.form, count.choice)}
    found, usual = sample(now), sample(count for count in before if count.form in forms)
    return Comparison(_change(found, usual, 2 * k), found, usual)


def _change(now: Sample | None, usual: Sample | None, enough: int) -> Change:
    if now is None or usual is None or min(now.answers, usual.answers) < enough:
        return Change.TOO_FEW
    difference = now.mean - usual.mean
    if abs(difference) < _SMALLEST or abs(difference) <= _SURE * sqrt(now.error**2 + usual.error**2):
        return Change.USUAL
    return Change.MORE if difference > 0 else Change.LESS


def sample(counts: Iterable[Count]) -> Sample | None:
    """Mean and standard error of those answers that name a feeling; None where none does."""
    felt = [
        (count.checkin_id, found[0], count.count)
        for count in counts
        if (found := place(count.form, count.choice)) and count.count
    ]
    answers = sum(times for _, _, times in felt)
    if not answers:
        return None
    mean = sum(times * value for _, value, times in felt) / answers
    alone = sum(times * (value - mean) ** 2 for _, value, times in felt) / max(1, answers - 1) / answers
    return Sample(answers, mean, sqrt(max(alone, _together(felt, mean) / answers**2)))


def _together(felt: Sequence[tuple[int, float, int]], mean: float) -> float:
    """The variance of the sum where each check-in counts as one; 0 for a single one, which says nothing of others."""
    sums: dict[int, float] = {}
    for checkin_id, value, times in felt:
        sums[checkin_id] = sums.get(checkin_id, 0.0) + times * (value - mean)
    if len(sums) < 2:
        return 0.0
    return sum(total**2 for total in sums.values()) * len(sums) / (len(sums) - 1)
