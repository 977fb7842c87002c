"""Feelings one after the other as a line: higher is more pleasant. It shows a course of things and judges none."""

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import pairwise

WIDTH, HEIGHT, MARGIN = 360, 150, 14
"""The picture's box, and how far from its edges points stay."""
MOST_POINTS = 30


@dataclass(frozen=True, slots=True)
class Point:
    """One feeling's place in the picture, and its quadrant as the characters' colours name it."""

    x: float
    y: float
    kind: str


@dataclass(frozen=True, slots=True)
class Trend:
    """Points from left to right, and the path of a calm line through them (SVG `d`)."""

    points: tuple[Point, ...]
    path: str


def trend(feelings: Sequence[tuple[float, float]]) -> Trend:
    """The newest feelings, given as (pleasantness, energy), each from -1 to 1, oldest first."""
    newest = feelings[-MOST_POINTS:]
    step = (WIDTH - 2 * MARGIN) / max(1, len(newest) - 1)
    points = tuple(
        Point(
            round(MARGIN + place * step, 1),
            round(HEIGHT / 2 - pleasantness * (HEIGHT / 2 - MARGIN), 1),
            _kind(pleasantness, energy),
        )
        for place, (pleasantness, energy) in enumerate(newest)
    )
    return Trend(points, _path(points))


def _kind(pleasantness: float, energy: float) -> str:
    if pleasantness >= 0:
        return "bright" if energy >= 0 else "calm"
    return "tense" if energy >= 0 else "low"


def _path(points: Sequence[Point]) -> str:
    if not points:
        return ""
    drawn = [f"M{points[0].x} {points[0].y}"]
    for before, after in pairwise(points):
        # Level at every point: the line never swings beyond what was answered.
        middle = round((before.x + after.x) / 2, 1)
        drawn.append(f"C{middle} {before.y} {middle} {after.y} {after.x} {after.y}")
    return "".join(drawn)
