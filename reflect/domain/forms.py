"""Answer forms: what a check-in lets people choose from. An answer stores the key of a choice, never a word."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum
from functools import cached_property
from types import MappingProxyType
from typing import Any

from reflect.domain.body_signals import SIGNALS
from reflect.domain.emotions import Emotion, vocabulary
from reflect.domain.refusals import FormRefused
from reflect.domain.writing import in_one_line, is_readable

DEFAULT = "words_core"
SKIP = "skip"
"""I'd rather not say: a choice like any other, and counts as taking part."""
OTHER_WORD = "other_word"
"""Another word than those offered; the word itself lies beside the answer."""
NOT_TOLD = "not_told"
"""Of an imported answer: that somebody answered, and no feeling that we know."""
STEPS = (-1.0, -0.5, 0.0, 0.5, 1.0)
LONGEST_LABEL = 40
FEWEST_CHOICES, MOST_CHOICES = 2, 8
LABEL = "label-"
"""A field of the new check-in's form that holds an own choice is called so, with its number from 1."""
ENDS = ("lowest", "highest")
"""Fields of the two end labels of a scale."""


class Kind(StrEnum):
    """How a form is laid out, and where the labels of its options come from."""

    FACES = "faces"
    WORDS = "words"
    GRID = "grid"
    ENERGY = "energy"
    BODY = "body"
    SCALE = "scale"
    CHOICES = "choices"
    IMPORTED = "imported"


@dataclass(frozen=True, slots=True)
class Option:
    """One thing to choose; pleasantness and energy run from -1 to 1, None where it says nothing of them."""

    key: str
    pleasantness: float | None = None
    energy: float | None = None


@dataclass(frozen=True)
class Form:
    """One way of answering. `options` are in the form's own order, without `skip` and the other word."""

    key: str
    kind: Kind
    options: tuple[Option, ...]

    @property
    def offers_other_word(self) -> bool:
        """Whether people may write a word of their own instead."""
        return self.kind == Kind.WORDS

    @property
    def is_ordered(self) -> bool:
        """Whether a result keeps the form's own order, with the options nobody chose in their places."""
        return self.kind in {Kind.FACES, Kind.GRID, Kind.ENERGY, Kind.SCALE}

    @cached_property
    def besides(self) -> tuple[str, ...]:
        """The keys that are offered apart from the options."""
        if self.kind == Kind.IMPORTED:
            return (NOT_TOLD,)
        return (OTHER_WORD, SKIP) if self.offers_other_word else (SKIP,)

    @cached_property
    def keys(self) -> frozenset[str]:
        """All keys an answer may hold, for as many own choices as there can be."""
        return frozenset((*(option.key for option in self.options), *self.besides))

    def offered(self, labels: Sequence[str] | None) -> tuple[Option, ...]:
        """The options of a check-in with these own labels."""
        return self.options[: len(labels or ())] if self.kind == Kind.CHOICES else self.options

    def takes(self, key: str, labels: Sequence[str] | None) -> bool:
        """Whether a check-in of this form with these own labels offers that choice."""
        if key not in self.keys:
            return False
        return self.kind != Kind.CHOICES or key == SKIP or key in {option.key for option in self.offered(labels)}

    def read_labels(self, fields: Mapping[str, str]) -> list[str] | None:
        """The teacher's own labels out of a form's fields; None where the form has none or its own are kept.

        Raises FormRefused with `labels`: `labels_too_few`, `label_too_long`, `label_unprintable`, `labels_alike`.
        """
        if self.kind == Kind.SCALE:
            ends = [in_one_line(fields.get(name, "")) for name in ENDS]
            return _checked(ends, 2) if any(ends) else None
        if self.kind == Kind.CHOICES:
            written = [in_one_line(fields.get(f"{LABEL}{number}", "")) for number in range(1, MOST_CHOICES + 1)]
            return _checked([label for label in written if label], FEWEST_CHOICES)
        return None


def fields_of_labels(checkin: Any) -> dict[str, str]:
    """A check-in's own labels as the fields that `read_labels` reads."""
    labels = checkin.labels or ()
    names = ENDS if of(checkin).kind == Kind.SCALE else [f"{LABEL}{number}" for number in range(1, len(labels) + 1)]
    return dict(zip(names, labels, strict=False))


def _checked(labels: list[str], fewest: int) -> list[str]:
    if len(labels) < fewest or not all(labels):
        fault = "labels_too_few"
    elif any(len(label) > LONGEST_LABEL for label in labels):
        fault = "label_too_long"
    elif not all(map(is_readable, labels)):
        fault = "label_unprintable"
    elif len({label.casefold() for label in labels}) < len(labels):
        fault = "labels_alike"
    else:
        return labels
    raise FormRefused({"labels": fault})


def of(checkin: Any) -> Form:
    """The form of a check-in."""
    return FORMS[checkin.form]


def _of_emotions(emotions: Sequence[Emotion]) -> tuple[Option, ...]:
    return tuple(Option(emotion.key, emotion.pleasantness, emotion.energy) for emotion in emotions)


_FACES = tuple(Option(f"face_{place}", step, 0.2) for place, step in enumerate(STEPS, 1))
_ALL = (
    Form("faces", Kind.FACES, _FACES),
    Form("words_core", Kind.WORDS, _of_emotions(vocabulary("core"))),
    Form("words_full", Kind.WORDS, _of_emotions(vocabulary("full"))),
    Form("grid", Kind.GRID, tuple(
        Option(f"grid_{column}_{row}", pleasantness, energy)
        for row, energy in reversed(tuple(enumerate(STEPS, 1)))
        for column, pleasantness in enumerate(STEPS, 1)
    )),
    Form("energy", Kind.ENERGY, tuple(Option(f"energy_{place}", None, step) for place, step in enumerate(STEPS, 1))),
    Form("body", Kind.BODY, tuple(Option(signal.key) for signal in SIGNALS.values())),
    Form("scale", Kind.SCALE, tuple(Option(f"scale_{place}") for place in range(1, 6))),
    Form("choices", Kind.CHOICES, tuple(Option(f"choice_{place}") for place in range(1, MOST_CHOICES + 1))),
)  # fmt: skip
IMPORTED = Form("imported", Kind.IMPORTED, (*_FACES, *_of_emotions(vocabulary("full"))))
"""The form of check-ins that were imported: there some answer with a face and others with a word."""
OFFERED: Mapping[str, Form] = MappingProxyType({form.key: form for form in _ALL})
"""The forms that a teacher is offered, in order."""
FORMS: Mapping[str, Form] = MappingProxyType({**OFFERED, IMPORTED.key: IMPORTED})
"""Every form."""
