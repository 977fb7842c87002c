"""Where the lines and bars of a chart go, in the units of its box. Drawing them is the templates' part.

Time runs from left to right; for languages that run the other way the style sheet mirrors the whole picture, in which
there are no letters.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import pairwise

WIDTH, HEIGHT, MARGIN = 640, 240, 14
"""The box, and how far from its edges points of a line stay."""
_GAP = 0.3
"""Of a bar's place that is left free."""
_NARROWEST = 1.2


@dataclass(frozen=True, slots=True)
class Point:
    """A place in the box."""

    x: float
    y: float


@dataclass(frozen=True, slots=True)
class Bar:
    """A rectangle; `part` says what it stands for."""

    part: str
    x: float
    y: float
    width: float
    height: float


@dataclass(frozen=True, slots=True)
class Bars:
    """Stacks side by side around a middle line: what is pleasant grows upwards, what is unpleasant downwards."""

    bars: tuple[Bar, ...]
    middle: float


@dataclass(frozen=True, slots=True)
class Line:
    """A line that breaks off where there is nothing to show; `lone` are the points of too few answers, off the line."""

    paths: tuple[str, ...]
    points: tuple[Point, ...]
    lone: tuple[Point, ...]


def height_of(value: float, height: float = HEIGHT) -> float:
    """How far from the top a value from -1 to 1 stands."""
    return round(height / 2 - value * (height / 2 - MARGIN), 1)


def centre_of(place: int, places: int, width: float = WIDTH) -> float:
    """The middle of a place, of so many that share the width."""
    return round((place + 0.5) * width / max(1, places), 1)


def calm_path(points: Sequence[Point]) -> str:
    """A line through these points (SVG `d`). Level at every one: it never swings beyond what was answered."""
    if not points:
        return ""
    drawn = [f"M{points[0].x} {points[0].y}"]
    for before, after in pairwise(points):
        middle = round((before.x + after.x) / 2, 1)
        drawn.append(f"C{middle} {before.y} {middle} {after.y} {after.x} {after.y}")
    return "".join(drawn)


def line(values: Sequence[float | None], is_enough: Sequence[bool]) -> Line:
    """Values from -1 to 1 over time, None where there is none; what is not enough stands beside the line.

    The line goes on over a time without answers, as over a holiday, but not over one that cannot be told.
    """
    runs: list[list[Point]] = [[]]
    lone: list[Point] = []
    for place, value in enumerate(values):
        if value is None:
            continue
        point = Point(centre_of(place, len(values)), height_of(value))
        if is_enough[place]:
            runs[-1].append(point)
        else:
            lone.append(point)
            runs.append([])
    points = tuple(point for run in runs for point in run)
    return Line(tuple(calm_path(run) for run in runs if len(run) > 1), points, tuple(lone))


def bars(counts: Sequence[tuple[int, int, int]], height: float = HEIGHT) -> Bars:
    """Of each place how many are pleasant, in between and unpleasant; in between lies across the middle line."""
    above = max((pleasant + between / 2 for pleasant, between, _ in counts), default=0)
    below = max((unpleasant + between / 2 for _, between, unpleasant in counts), default=0)
    unit = height / (above + below) if above + below else 0.0
    middle, room = above * unit if unit else height / 2, WIDTH / max(1, len(counts))
    width = max(min(_NARROWEST, room), room * (1 - _GAP))
    found: list[Bar] = []
    for place, (pleasant, between, unpleasant) in enumerate(counts):
        x, top = place * room + (room - width) / 2, middle - (pleasant + between / 2) * unit
        for part, count in (("pleasant", pleasant), ("between", between), ("unpleasant", unpleasant)):
            if count:
                found.append(Bar(part, round(x, 1), round(top, 1), round(width, 1), round(count * unit, 1)))
            top += count * unit
    return Bars(tuple(found), round(middle, 1))
