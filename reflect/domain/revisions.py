"""Which question an answer answers: a teacher may change an open check-in until somebody has answered it."""

from collections.abc import Mapping
from typing import Any

from reflect.domain.refusals import Refused

ASKED = ("question", "question_key", "form", "labels", "asks_note", "is_anonymous")
"""Columns that make the question. An answer to it as it was before is no answer to it as it is now."""


def read(typed: str) -> int:
    """Which revision of a question a form answers; one that does not say, the question as it first was.

    What is no number is no revision.
    """
    return int(typed or "0") if len(typed) < 10 and (typed or "0").isdecimal() else -1


def must_be(checkin: Any, revision: int) -> None:
    """Raise Refused `question_changed` unless an answer is to the question as it is now."""
    if checkin.revision != revision:
        raise Refused("question_changed")


def count(checkin: Any, wanted: Mapping[str, Any]) -> None:
    """Count a change of the question of a check-in that is open; before it opened, nobody had it before them."""
    if checkin.opened_at is not None and any(getattr(checkin, name) != wanted[name] for name in ASKED):
        checkin.revision += 1
