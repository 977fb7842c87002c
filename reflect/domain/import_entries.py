"""One row of an imported history, checked; and the account of what became of all of them."""

from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from typing import Any, Self

from reflect.domain import graph
from reflect.domain.refusals import ImportRefused
from reflect.domain.writing import in_one_line, is_readable

LONGEST_ID, LONGEST_TITLE = 255, 500
MOST_TOLD = 1000
"""Rows that are told of one by one; all are counted."""
NO_TITLE = "—"
_SLACK = timedelta(days=1)
"""How far another clock may be ahead."""


@dataclass(frozen=True, slots=True)
class Entry:
    """A row as we take it; `responder_id` is empty where the answer was anonymous."""

    checkin_id: str
    class_id: str
    title: str
    creator_id: str
    responder_id: str
    choice: str
    is_understood: bool
    """Whether its feeling is one that we know."""
    created_at: datetime
    submitted_at: datetime

    @classmethod
    def read(cls, values: Mapping[str, Any], now: datetime) -> Self:
        """From the values of a row.

        Raises ImportRefused `field_missing`, `too_long`, `not_text`, `moment`, `in_the_future`, each with the `field`.
        """
        texts = {name: _text(values, name) for name in graph.FIELDS if name != "isClosed"}
        for name in ("checkInId", "classId"):
            if not texts[name]:
                raise ImportRefused("field_missing", field=name)
        submitted_at = _moment(texts, "submitDateTime")
        created_at = _moment(texts, "createdDateTime") if texts["createdDateTime"] else submitted_at
        if submitted_at > now + _SLACK:
            raise ImportRefused("in_the_future", field="submitDateTime")
        choice, is_understood = graph.choice_of(texts["responseEmotion"], texts["responseFeedback"])
        return cls(
            checkin_id=texts["checkInId"],
            class_id=texts["classId"],
            title=texts["checkInTitle"] or NO_TITLE,
            creator_id=texts["creatorId"],
            responder_id=texts["responderId"],
            choice=choice,
            is_understood=is_understood,
            created_at=created_at,
            submitted_at=submitted_at,
        )


def _text(values: Mapping[str, Any], name: str) -> str:
    value = values.get(name)
    if value is None:
        return ""
    if not isinstance(value, str):
        raise ImportRefused("not_text", field=name)
    text = in_one_line(value)
    if len(text) > (LONGEST_TITLE if name == "checkInTitle" else LONGEST_ID):
        raise ImportRefused("too_long", field=name)
    if not is_readable(text):
        raise ImportRefused("not_text", field=name)
    return text


def _moment(texts: Mapping[str, str], name: str) -> datetime:
    if not texts[name]:
        raise ImportRefused("field_missing", field=name)
    try:
        return graph.moment(texts[name])[0]
    except ValueError:
        raise ImportRefused("moment", field=name) from None


@dataclass
class Report:
    """What became of a file: every row is counted once, and nothing of anybody is told but lines and counts."""

    rows: int = 0
    imported: int = 0
    already_there: int = 0
    changed: int = 0
    """Later answers of people whose earlier one was there."""
    superseded: int = 0
    """Answers of people whose later one was there."""
    withheld: int = 0
    """Anonymous answers of check-ins that had too few of them to show."""
    refused: int = 0
    reasons: Counter[str] = field(default_factory=Counter)
    """How many rows were refused for each reason."""
    told: list[dict[str, Any]] = field(default_factory=list)
    """The first refused rows: line, reason and field."""
    not_understood: int = 0
    """Rows among those above whose feeling we do not know; they are kept as answers that tell none."""
    checkins: int = 0
    courses: int = 0
    people: int = 0
    """How many of each are new."""
    unplaced_courses: int = 0
    unplaced_people: int = 0
    """How many of the history's courses and people are known from imports only, by now."""
    kept_until: date | None = None
    """Until when the least kept course is kept if nobody visits it."""
    is_kept: bool = False
    """Whether all this was done, or was only tried."""

    def refuse(self, line: int, refusal: ImportRefused) -> None:
        """Count a row that cannot be taken."""
        self.refused += 1
        self.reasons[refusal.code] += 1
        if len(self.told) < MOST_TOLD:
            self.told.append({"line": line, "reason": refusal.code, **refusal.facts})
