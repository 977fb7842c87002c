"""The feelings people answer with: stable keys, each with two numbers and its words in every language.

Pleasantness and energy place a feeling on the grid and draw its character, so that a feeling means
the same in every language. Answers store the key, never a word.
"""

import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from types import MappingProxyType
from typing import Any

from reflect.domain.language_packs import Wording, nearest, wordings_of
from reflect.files import SEEDS


class Quadrant(StrEnum):
    """A quarter of the grid, in the order in which a picker shows them."""

    PLEASANT_HIGH = "pleasant-high"
    PLEASANT_LOW = "pleasant-low"
    UNPLEASANT_HIGH = "unpleasant-high"
    UNPLEASANT_LOW = "unpleasant-low"


@dataclass(frozen=True, slots=True)
class Emotion:
    """One feeling; pleasantness and energy run from -1 to 1 and are never 0.

    `graph_name` is its member of Microsoft Graph's `responseEmotionType`, for imported history.
    `languages` is keyed by lower-case BCP 47 tag and always holds English.
    """

    key: str
    graph_name: str
    is_core: bool
    pleasantness: float
    energy: float
    languages: Mapping[str, Wording] = field(compare=False, repr=False)

    @property
    def quadrant(self) -> Quadrant:
        """The quarter of the grid the two numbers fall into."""
        if self.pleasantness > 0:
            return Quadrant.PLEASANT_HIGH if self.energy > 0 else Quadrant.PLEASANT_LOW
        return Quadrant.UNPLEASANT_HIGH if self.energy > 0 else Quadrant.UNPLEASANT_LOW

    def word(self, locale: str) -> str:
        """The feeling's word in the nearest language we have."""
        return nearest(self.languages, locale).word

    def definition(self, locale: str, child: bool) -> str:
        """One sentence that explains the feeling, in a young child's words or an adult's."""
        wording = nearest(self.languages, locale)
        return wording.child if child else wording.adult


def vocabulary(name: str) -> tuple[Emotion, ...]:
    """The feelings of `core` or `full`, quadrant by quadrant and within each from most to least energy."""
    return _VOCABULARIES[name]


def _emotion(entry: Mapping[str, Any]) -> Emotion:
    return Emotion(
        key=entry["key"],
        graph_name=entry["graph_name"],
        is_core=entry["set"] == "core",
        pleasantness=entry["pleasantness"],
        energy=entry["energy"],
        languages=wordings_of("emotions", entry["key"]),
    )


def _place_in_picker(emotion: Emotion) -> tuple[int, float, str]:
    return tuple(Quadrant).index(emotion.quadrant), -emotion.energy, emotion.key


def _read() -> tuple[Emotion, ...]:
    entries = json.loads((SEEDS / "emotions.json").read_text(encoding="utf-8"))
    return tuple(sorted(map(_emotion, entries), key=_place_in_picker))


_FULL = _read()
_VOCABULARIES: Mapping[str, tuple[Emotion, ...]] = {
    "core": tuple(emotion for emotion in _FULL if emotion.is_core),
    "full": _FULL,
}
EMOTIONS: Mapping[str, Emotion] = MappingProxyType({emotion.key: emotion for emotion in _FULL})
