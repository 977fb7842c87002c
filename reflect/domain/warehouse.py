"""Answers for the institution's data warehouse, page by page: named ones as promised, anonymous ones as released.

An anonymous check-in is read from its tally alone, which only ever grows by softened batches of at least k answers.
Its rows are made up from the counts, so that there is nothing in them that a single answer left: their ids are a keyed
hash of the choice and a number, their order is that of the ids, and all bear the midnight of the day it was opened on.
A page may end amid a check-in; the rest of it is then read from the counts that it ended in, however many batches were
released meanwhile, and what is new comes with the next reading. So whoever puts pages together has a state that was.

Check-ins come by their numbers, which new answers do not change.
"""

import hmac
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from hashlib import sha256
from typing import Any
from uuid import UUID

from sqlmodel import Session

from reflect.domain import graph
from reflect.storage import answers, warehouse
from reflect.storage.warehouse import Reach

_CHECKINS_AT_ONCE = 100
_SMALLEST = timedelta(microseconds=1)
LAST_DAY = timedelta(days=1)


@dataclass(frozen=True, slots=True)
class Window:
    """The time from `since` to before `before`, in UTC."""

    since: datetime
    before: datetime

    def has(self, moment: datetime) -> bool:
        """Whether a moment is in it."""
        return self.since <= moment < self.before

    @property
    def days(self) -> tuple[date, date] | None:
        """The first and the last day whose midnight is in it, or None."""
        first = self.since.date()
        if _midnight(first) < self.since:
            first += timedelta(days=1)
        last = (self.before - _SMALLEST).date()
        return (first, last) if self.has(_midnight(first)) else None


@dataclass(frozen=True, slots=True)
class Place:
    """Where the next page begins: after this row of this check-in, or (empty) with its first.

    Of an anonymous one that was begun, with the counts that it was read by.
    """

    checkin_id: int
    row_id: str
    counts: Mapping[str, int] | None = None


@dataclass(frozen=True, slots=True)
class Row:
    """One answer; `responder_id` and `creator_id` are the platform's ids, None where there is nobody to be told."""

    id: str
    checkin_id: int
    checkin_key: str
    question: str
    class_id: str
    created_at: datetime
    creator_id: str | None
    is_closed: bool
    responder_id: str | None
    emotion: str
    feedback: str
    submitted_at: datetime


@dataclass(frozen=True, slots=True)
class Page:
    """Some rows in order; `end` is None where no more follow."""

    rows: tuple[Row, ...]
    end: Place | None

    @property
    def named(self) -> list[int]:
        """The check-ins of which it tells names."""
        return sorted({row.checkin_id for row in self.rows if row.responder_id is not None})


class Ids:
    """Makes ids that mean nothing to whoever lacks the installation's secret, and stay the same."""

    def __init__(self, key: bytes) -> None:
        self._key = key

    def of(self, *what: object) -> str:
        """The id of something, as a UUID."""
        text = ":".join(map(str, what)).encode()
        return str(UUID(bytes=hmac.digest(self._key, text, sha256)[:16], version=4))


def read(db: Session, reach: Reach, window: Window, ids: Ids, most: int, after: Place | None = None) -> Page:
    """The next rows of a window, at most so many."""
    rows: list[Row] = []
    for checkin, row, counts in _rows(db, reach, window, ids, after):
        if len(rows) == most:
            is_amid = checkin.id == rows[-1].checkin_id
            return Page(tuple(rows), Place(checkin.id, rows[-1].id if is_amid else "", counts if is_amid else None))
        rows.append(row)
    return Page(tuple(rows), None)


def count(db: Session, reach: Reach, window: Window) -> int:
    """How many rows a window has."""
    return warehouse.count(db, reach, window.since, window.before, window.days)


def _rows(
    db: Session, reach: Reach, window: Window, ids: Ids, after: Place | None
) -> Iterator[tuple[Any, Row, Mapping[str, int] | None]]:
    """Every row after a place, with its check-in and, if that is anonymous, the counts that it is read by."""
    from_id = after.checkin_id if after else 0
    while True:
        found = warehouse.checkins(db, reach, window.since, _end_of(window), from_id, _CHECKINS_AT_ONCE)
        for checkin in found:
            here = after if after and after.checkin_id == checkin.id else None
            counts, rows = None, []
            if checkin.is_anonymous:
                counts = here.counts if here and here.counts is not None else answers.tally(db, checkin.id)
                rows = _anonymous(checkin, counts, window, ids)
            else:
                rows = _named(db, checkin, window, ids)
            for row in sorted(rows, key=lambda row: row.id):
                if here is None or row.id > here.row_id:
                    yield checkin, row, counts
        if len(found) < _CHECKINS_AT_ONCE:
            return
        from_id = found[-1].id + 1


def _end_of(window: Window) -> datetime:
    """An anonymous check-in counts from the midnight before its opening, so it may open up to a day too late."""
    return window.before + LAST_DAY


def _anonymous(checkin: Any, counts: Mapping[str, int], window: Window, ids: Ids) -> list[Row]:
    day = _midnight(checkin.opened_at.date())
    if not window.has(day):
        return []
    return [
        _row(checkin, ids.of("released", checkin.id, choice, number), None, choice, day, ids)
        for choice, total in counts.items()
        for number in range(total)
    ]


def _named(db: Session, checkin: Any, window: Window, ids: Ids) -> list[Row]:
    return [
        _row(checkin, ids.of("answer", checkin.id, it.person_id), it.sub, it.choice, it.changed_at, ids)
        for it in warehouse.answers(db, checkin.id, window.since, window.before)
    ]


def _row(checkin: Any, row_id: str, responder_id: str | None, choice: str, at: datetime, ids: Ids) -> Row:
    emotion, feedback = graph.told(checkin.form, choice)
    return Row(
        id=row_id,
        checkin_id=checkin.id,
        checkin_key=ids.of("check-in", checkin.id),
        question=checkin.question,
        class_id=checkin.class_id,
        created_at=checkin.opened_at,
        creator_id=checkin.creator_id,
        is_closed=checkin.closed_at is not None,
        responder_id=responder_id,
        emotion=emotion,
        feedback=feedback,
        submitted_at=at,
    )


def _midnight(day: date) -> datetime:
    return datetime.combine(day, time(), UTC)
