"""The gradebook: who took part, never what they felt. Marks wait in an outbox until the platform has them.

For an anonymous check-in all marks fall due together at its close, so that nothing can be told from when they come.
"""

from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import select
from sqlmodel import Session, col

from reflect.storage.answers import Answer, Participation
from reflect.storage.checkins import Checkin
from reflect.storage.services import LineItem, Score

BACK_OFF = (timedelta(minutes=1), timedelta(minutes=5), timedelta(minutes=30), timedelta(hours=3), timedelta(hours=12))
"""How long a mark waits after each failure; then it waits the longest time again and again."""
GIVEN_UP_AFTER = 20
"""Tries; a platform that refuses a mark for a week will not take it."""


def mark(db: Session, checkin: Any, person_id: int, now: datetime) -> None:
    """Somebody took part: their mark is due, once, if the check-in gives any."""
    if checkin.gives_mark and db.get(Score, (checkin.id, person_id)) is None:
        db.add(Score(checkin_id=checkin.id, person_id=person_id, due_at=now))
        db.flush()


def mark_all(db: Session, checkin: Any, now: datetime) -> None:
    """An anonymous check-in closes: the marks of all who took part are due at the same moment."""
    took_part = select(col(Participation.person_id)).where(col(Participation.checkin_id) == checkin.id)
    for person_id in sorted(db.scalars(took_part)):
        mark(db, checkin, person_id, now)


def ask_for_columns(db: Session, checkin_ids: Sequence[int], now: datetime) -> frozenset[int]:
    """Check-ins are placed with a mark; those of them whose link is to bring a column along.

    A column belongs to a check-in, not to a link, and platforms make one for every link that asks. So only the first
    link asks; with another, marks are sent once more, for the activity that held the column may have been deleted.
    """
    asking = []
    for checkin_id in checkin_ids:
        # Two teachers may place one check-in at once.
        db.get_one(Checkin, checkin_id, with_for_update=True)
        if db.get(LineItem, checkin_id) is None:
            db.add(LineItem(checkin_id=checkin_id))
            asking.append(checkin_id)
        else:
            send_again(db, checkin_id, now)
    begin_marking(db, checkin_ids, now)
    return frozenset(asking)


def begin_marking(db: Session, checkin_ids: Sequence[int], now: datetime) -> None:
    """A gradebook column was asked for with these check-ins; who has answered already gets a mark too.

    Of an anonymous one that is open nobody does: its marks come at its close.
    """
    for checkin_id in checkin_ids:
        checkin = db.get_one(Checkin, checkin_id)
        checkin.gives_mark = True
        if checkin.is_anonymous:
            if checkin.closed_at is not None:
                mark_all(db, checkin, now)
        else:
            for person_id in db.scalars(select(col(Answer.person_id)).where(col(Answer.checkin_id) == checkin_id)):
                mark(db, checkin, person_id, now)
    db.flush()


def sent(db: Session, checkin_id: int, person_id: int, at: datetime) -> None:
    """The platform has the mark."""
    score = db.get(Score, (checkin_id, person_id))
    if score is not None:
        score.sent_at, score.is_waiting, score.fault, score.tries = at, False, "", score.tries + 1


def moment_after(last: datetime | None, now: datetime) -> datetime:
    """The timestamp of a mark that was sent before, at `last`: later by a second at least, for Moodle counts those."""
    return now if last is None else max(now, last + timedelta(seconds=1))


def send_again(db: Session, checkin_id: int, now: datetime) -> None:
    """The marks of a check-in are in no column any more, or may not be: all that were sent are due at the same moment.

    Of an anonymous check-in none was sent before its close.
    """
    taken = select(Score).where(col(Score.checkin_id) == checkin_id, ~col(Score.is_waiting))
    for score in db.scalars(taken):
        score.is_waiting, score.due_at, score.tries = True, now, 0
    db.flush()


def failed(
    db: Session, checkin_id: int, person_id: int, code: str, now: datetime, retry_after: timedelta | None = None
) -> None:
    """The platform did not take the mark: try again later, later each time."""
    score = db.get(Score, (checkin_id, person_id))
    if score is None:
        return
    wait = BACK_OFF[min(score.tries, len(BACK_OFF) - 1)]
    score.tries, score.fault = score.tries + 1, code
    score.due_at = now + max(wait, retry_after or timedelta())
    if score.tries >= GIVEN_UP_AFTER:
        score.due_at = now + timedelta(days=3650)
