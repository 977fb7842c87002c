"""What an answer says of how somebody feels, whatever its form: a place on the grid, and one of three bands.

Forms that do not ask how pleasant something is (energy, body signals, scales and choices of the teacher's own) say
nothing here: to read a feeling into them would be a guess.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum
from functools import cache

from reflect.domain.forms import FORMS, Option

_BETWEEN = 0.25
"""Answers this near to neither are in between: the middle face, and words such as `pensive`."""


class Band(StrEnum):
    """How pleasant an answer is, as coarsely as a reader can tell without a legend."""

    PLEASANT = "pleasant"
    BETWEEN = "between"
    UNPLEASANT = "unpleasant"


@dataclass(frozen=True, slots=True)
class Mood:
    """Counted answers that say something of a feeling; the means run from -1 to 1."""

    answers: int
    pleasantness: float
    energy: float
    bands: Mapping[Band, int]


@cache
def _options(form: str) -> Mapping[str, Option]:
    return {option.key: option for option in FORMS[form].options}


def place(form: str, choice: str) -> tuple[float, float] | None:
    """(pleasantness, energy) of a choice in an answer form; None where it says nothing of pleasantness."""
    option = _options(form).get(choice)
    if option is None or option.pleasantness is None:
        return None
    return option.pleasantness, option.energy or 0.0


def band(form: str, choice: str) -> Band | None:
    """The band of a choice in an answer form; None where it says nothing of pleasantness."""
    found = place(form, choice)
    return None if found is None else band_of(found[0])


def band_of(pleasantness: float) -> Band:
    """The band of a pleasantness (-1 to 1), also of a mean."""
    if abs(pleasantness) <= _BETWEEN:
        return Band.BETWEEN
    return Band.PLEASANT if pleasantness > 0 else Band.UNPLEASANT


def mood(counts: Mapping[tuple[str, str], int]) -> Mood | None:
    """The mood of counted answers, (form, choice) to how many; None where none of them says anything of a feeling.

    `skip`, other words and what is unsaid have no place, and are left out rather than taken as neutral.
    """
    bands = dict.fromkeys(Band, 0)
    answers, pleasantness, energy = 0, 0.0, 0.0
    for (form, choice), count in counts.items():
        found = place(form, choice)
        if found is None or not count:
            continue
        answers += count
        pleasantness += count * found[0]
        energy += count * found[1]
        bands[band_of(found[0])] += count
    return Mood(answers, pleasantness / answers, energy / answers, bands) if answers else None
