"""The gradebook: who took part, never what they felt. Marks wait in an outbox until the platform has them.

For an anonymous check-in all marks fall due together at its close, so that nothing can be told from when they come.
"""

from collections.abc import Iterable, Sequence
from datetime import datetime, timedelta
from typing import Any, NamedTuple

from sqlalchemy import select
from sqlmodel import Session, col

from reflect.storage.answers import Answer, Participation
from reflect.storage.checkins import Checkin
from reflect.storage.people import Person
from reflect.storage.services import LineItem, Score, hold_column
from reflect.storage.services import put_off as put_off_all

BACK_OFF = (timedelta(minutes=1), timedelta(minutes=5), timedelta(minutes=30), timedelta(hours=3), timedelta(hours=12))
"""How long a mark waits after each failure; then it waits the longest time again and again."""
GIVEN_UP_AFTER = 20
"""Tries; a platform that refuses a mark for a week will not take it."""
PLACING = timedelta(minutes=15)
"""How long the column of a link that was placed is left to the platform: Moodle makes it when the teacher has filled in
the activity and saves, and would make a second one beside ours."""
MAKING = timedelta(minutes=1)
"""How long a worker that makes a column is alone with it; one that dies meanwhile keeps nobody out for longer."""


class Hold(NamedTuple):
    """A try to be the one who makes a check-in's column."""

    is_ours: bool
    """Whether we may make it; otherwise the platform or another worker does, and we can only look for it."""
    is_first: bool = False
    """Whether nobody had asked for it, or tried, before."""


def mark(db: Session, checkin: Any, person_id: int, now: datetime) -> None:
    """Somebody took part: their mark is due, once, if the check-in gives any. The platform knows nobody by the name
    that we gave to who launched without one, and they were told of no mark."""
    if not checkin.gives_mark or db.get(Score, (checkin.id, person_id)) is not None:
        return
    if not db.get_one(Person, person_id).is_guest:
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
            db.add(LineItem(checkin_id=checkin_id, held_until=now + PLACING))
            asking.append(checkin_id)
        else:
            send_again(db, checkin_id, now)
    begin_marking(db, checkin_ids, now)
    return frozenset(asking)


def placed(db: Session, checkin_id: int, now: datetime) -> None:
    """A link of the check-in is opened for the first time: a column that the platform makes with it is there by now.

    A worker that is making one keeps its time, which is never longer.
    """
    column = db.get(LineItem, checkin_id)
    if column is not None and column.held_until is not None:
        column.held_until = min(column.held_until, now + MAKING)


def hold(db: Session, checkin_id: int, now: datetime) -> Hold:
    """Be alone in making the check-in's column for as long as MAKING, unless the platform or another worker is."""
    column, is_first = hold_column(db, checkin_id)
    if column.held_until is not None and column.held_until > now:
        return Hold(False)
    column.held_until = now + MAKING
    db.flush()
    return Hold(True, is_first)


def let_go(db: Session, checkin_id: int, held: Hold) -> None:
    """We did not make the column; where nobody had asked for it, a link that is placed later still may."""
    column = db.get(LineItem, checkin_id)
    if not held.is_ours or column is None:
        return
    column.held_until = None
    if held.is_first and column.url is None:
        db.delete(column)
    db.flush()


def found(db: Session, checkin_id: int, url: str, now: datetime) -> None:
    """The check-in's column is here; what an earlier one had is sent again."""
    column = db.get(LineItem, checkin_id) or LineItem(checkin_id=checkin_id)
    if column.url not in (None, url):
        send_again(db, checkin_id, now)
    column.url, column.held_until = url, None
    db.add(column)
    db.flush()


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


def put_off(db: Session, keys: Iterable[tuple[int, int]], until: datetime) -> None:
    """Marks by (check-in, person) that were taken up and not tried are due then; that is no fault of theirs."""
    for key in keys:
        score = db.get(Score, key)
        if score is not None and score.is_waiting:
            score.due_at = until
    db.flush()


def spare(
    db: Session,
    registration_id: int,
    keys: Iterable[tuple[int, int]],
    now: datetime,
    retry_after: timedelta | None,
    checkin_id: int | None = None,
) -> None:
    """A platform takes nothing for now, or nothing of one check-in: what waits for it, taken up (`keys`) or not, is
    spared until it may again."""
    until = now + max(BACK_OFF[0], retry_after or timedelta())
    put_off(db, keys, until)
    put_off_all(db, registration_id, until, checkin_id)
