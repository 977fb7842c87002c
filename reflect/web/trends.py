"""Feelings one after the other as a line: higher is more pleasant. It shows a course of things and judges none."""

from collections.abc import Sequence
from dataclasses import dataclass

from reflect.web.charts import MARGIN, Point, calm_path, height_of

WIDTH, HEIGHT = 360, 150
"""The picture's box."""
MOST_POINTS = 30


@dataclass(frozen=True, slots=True)
class Feeling(Point):
    """One feeling's place in the picture, and its quadrant as the characters' colours name it."""

    kind: str


@dataclass(frozen=True, slots=True)
class Trend:
    """Points from left to right, and the path of a calm line through them (SVG `d`)."""

    points: tuple[Feeling, ...]
    path: str


def trend(feelings: Sequence[tuple[float, float]]) -> Trend:
    """The newest feelings, given as (pleasantness, energy), each from -1 to 1, oldest first."""
    newest = feelings[-MOST_POINTS:]
    step = (WIDTH - 2 * MARGIN) / max(1, len(newest) - 1)
    points = tuple(
        Feeling(round(MARGIN + place * step, 1), height_of(pleasantness, HEIGHT), _kind(pleasantness, energy))
        for place, (pleasantness, energy) in enumerate(newest)
    )
    return Trend(points, calm_path(points))


def _kind(pleasantness: float, energy: float) -> str:
    if pleasantness >= 0:
        return "bright" if energy >= 0 else "calm"
    return "tense" if energy >= 0 else "low"
