"""How somebody's newest answers lie beside their own usual: never beside anybody else's, and never as a number to show.

Values are pleasantness from -1 to 1, oldest first.
"""

from collections.abc import Sequence
from enum import StrEnum
from statistics import fmean

FACE = 0.5
"""From one of the five faces to the next."""
NEWEST = 3
FEWEST_BEFORE = 5
"""Answers before the newest, without which nobody can speak of a usual."""


class Change(StrEnum):
    """The newest answers against those before, as coarsely as a few answers allow."""

    TOO_FEW = "too_few"
    MUCH_LESS = "much_less"
    LESS = "less"
    AS_USUAL = "as_usual"
    MORE = "more"
    MUCH_MORE = "much_more"


def difference(values: Sequence[float], newest: int = NEWEST) -> float | None:
    """How far the mean of the newest values lies above (or, negative, below) the mean of those before; None where there
    are fewer than `FEWEST_BEFORE` before."""
    before, last = values[:-newest], values[-newest:]
    return fmean(last) - fmean(before) if len(before) >= FEWEST_BEFORE else None


def change(values: Sequence[float]) -> Change:
    """The newest three values against those before: less or more from one face on, much from two."""
    found = difference(values)
    if found is None:
        return Change.TOO_FEW
    faces = round(found / FACE, 6)
    if abs(faces) < 1:
        return Change.AS_USUAL
    if faces < 0:
        return Change.MUCH_LESS if faces <= -2 else Change.LESS
    return Change.MUCH_MORE if faces >= 2 else Change.MORE
