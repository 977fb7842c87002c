"""Breaks: a minute of breathing, looking or moving after an answer, for whoever wants one. Nothing is kept of it."""

import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from types import MappingProxyType
from typing import Any

from reflect.domain.emotions import Quadrant
from reflect.domain.language_packs import nearest, words_of
from reflect.domain.refusals import Missing
from reflect.files import SEEDS

MOST_OFFERED = 3


@dataclass(frozen=True, slots=True)
class Script:
    """A break's words in one language; `steps` are as many as the break has, `done` is said at the end."""

    title: str
    purpose: str
    done: str
    steps: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Break:
    """One break: how many seconds each step takes, and how often all of them are gone through.

    `suits` are the quarters of the grid after which it is offered first. `languages` is keyed by lower-case BCP 47 tag
    and always holds English.
    """

    key: str
    suits: frozenset[Quadrant]
    rounds: int
    seconds: tuple[int, ...]
    languages: Mapping[str, Script] = field(compare=False, repr=False)

    def script(self, locale: str) -> Script:
        """Its words in the nearest language we have."""
        return nearest(self.languages, locale)

    @property
    def length(self) -> int:
        """Seconds that it takes."""
        return self.rounds * sum(self.seconds)


def find(key: str) -> Break:
    """The break with this key; raises Missing."""
    if key not in BREAKS:
        raise Missing()
    return BREAKS[key]


def fitting(quadrant: Quadrant | None) -> tuple[Break, ...]:
    """What to offer after an answer: breaks that suit it first; where the answer is not known, one and the same few."""
    if quadrant is None:
        return tuple(BREAKS.values())[:MOST_OFFERED]
    return tuple(sorted(BREAKS.values(), key=lambda it: quadrant not in it.suits))[:MOST_OFFERED]


def _script(entry: Mapping[str, Any]) -> Script:
    return Script(entry["title"], entry["purpose"], entry["done"], tuple(entry["steps"]))


def _break(entry: Mapping[str, Any]) -> Break:
    return Break(
        key=entry["key"],
        suits=frozenset(map(Quadrant, entry["suits"])),
        rounds=entry["rounds"],
        seconds=tuple(entry["steps"]),
        languages=MappingProxyType({tag: _script(it) for tag, it in words_of("breaks", entry["key"]).items()}),
    )


def _read() -> tuple[Break, ...]:
    return tuple(map(_break, json.loads((SEEDS / "breaks.json").read_text(encoding="utf-8"))))


BREAKS: Mapping[str, Break] = MappingProxyType({it.key: it for it in _read()})
