"""What must not go on when an older state of the database comes back: whatever may have been published since.

Between the backup and now the server may have released batches, closed check-ins, and published weeks, which nobody
knows of any more. Were they released a second time, with other answers beside, the two results could be compared, and
differ by fewer than k. So everything that hides single answers ends as it stood at the backup: that state was
published, or was nothing, and every later one differed from it by 0 or by at least k.
"""

import json
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import delete, func, select
from sqlmodel import Session, col

from reflect.domain import gradebooks
from reflect.domain.occurrences import MISSED
from reflect.domain.privacy import publication
from reflect.domain.privacy.publication import WEEK, week_of
from reflect.storage import guests, talk_periods, weeks
from reflect.storage.answers import SealedAnswer
from reflect.storage.checkins import Checkin
from reflect.storage.class_totals import ClassTotal
from reflect.storage.guests import SealedGuestAnswer
from reflect.storage.series import Series
from reflect.storage.tables import key_of
from reflect.storage.talk_periods import TalkPeriod


@dataclass(frozen=True, slots=True)
class Ended:
    """What was ended, by numbers."""

    checkins: int = 0
    """Anonymous check-ins that were open, and are closed."""
    answers: int = 0
    """Sealed answers of students that were destroyed unread."""
    guests: int = 0
    """Sealed answers of guests that were destroyed unread."""
    unshared: int = 0
    """Named check-ins of which classmates will see no totals."""
    unopened: int = 0
    """Check-ins that do not open by themselves, since their time has come already."""
    weeks: int = 0
    """Check-ins whose week is not published for leaders."""


def end(db: Session, now: datetime) -> Ended:
    """End all that might be published a second time, in the transaction that brings the old state back."""
    closed, answers, of_guests = _close_anonymous(db, now)
    ended = Ended(
        checkins=closed,
        answers=answers,
        guests=of_guests,
        unshared=_unshare(db),
        unopened=_keep_shut(db, now),
        weeks=_leave_out_weeks(db, now),
    )
    _begin_new_periods(db, now)
    db.flush()
    return ended


def _close_anonymous(db: Session, now: datetime) -> tuple[int, int, int]:
    """Close what is open (also what is deleted, and could be brought back), and destroy whatever is sealed."""
    sealed, sealed_of_guests = _counts(db, SealedAnswer), _counts(db, SealedGuestAnswer)
    is_open = col(Checkin.opened_at).is_not(None) & col(Checkin.closed_at).is_(None)
    found = select(Checkin).where(
        col(Checkin.is_anonymous), is_open | col(Checkin.id).in_([*sealed, *sealed_of_guests])
    )
    closed = 0
    for row in db.scalars(found.order_by(col(Checkin.id))).all():
        checkin_id = key_of(row)
        row.withheld += sealed.get(checkin_id, 0)
        if waiting := sealed_of_guests.get(checkin_id, 0):
            guests.withhold(db, checkin_id, waiting)
        row.version += 1
        if row.closed_at is None:
            row.closed_at, closed = now, closed + 1
            db.flush()
            gradebooks.mark_all(db, row, now)
    for table in (SealedAnswer, SealedGuestAnswer):
        db.execute(delete(table))
    return closed, sum(sealed.values()), sum(sealed_of_guests.values())


def _counts(db: Session, table: Any) -> dict[int, int]:
    found = select(table.checkin_id, func.count()).group_by(table.checkin_id)
    return {checkin_id: int(count) for checkin_id, count in db.execute(found)}


def _unshare(db: Session) -> int:
    """Classmates may have seen totals of named check-ins that are not there any more; a second total would differ."""
    known = select(col(ClassTotal.checkin_id)).where(col(ClassTotal.checkin_id) == col(Checkin.id))
    found = select(Checkin).where(
        ~col(Checkin.is_anonymous), col(Checkin.shared_with_class), col(Checkin.opened_at).is_not(None), ~known.exists()
    )
    rows = db.scalars(found).all()
    for row in rows:
        row.shared_with_class, row.version = False, row.version + 1
    return len(rows)


def _keep_shut(db: Session, now: datetime) -> int:
    """What should have opened by now has perhaps been answered already; whoever wants it again opens it."""
    hides = col(Checkin.is_anonymous) | col(Checkin.shared_with_class)
    due = select(Checkin).where(hides, col(Checkin.opened_at).is_(None), col(Checkin.opens_at) <= now)
    rows = db.scalars(due).all()
    for row in rows:
        row.opens_at, row.opening_fault, row.version = None, MISSED, row.version + 1
        if row.series_id is not None:
            row.archived_at = row.archived_at or now
    for series in db.scalars(select(Series)):
        template = json.loads(series.template)
        if template.get("anonymity") == "anonymous" or template.get("shared_with_class"):
            series.since_at = max(series.since_at, now)
    return len(rows)


def _leave_out_weeks(db: Session, now: datetime) -> int:
    """A course's week that may have been published is not published again (`domain/weeks.py` takes it for done)."""
    latest = now - publication.SETTLING
    over = [row.id for row in weeks.uncounted(db, now) if week_of(row.opened_at) + WEEK <= latest.date()]
    return sum(weeks.count(db, checkin_id, now) for checkin_id in over)


def _begin_new_periods(db: Session, now: datetime) -> None:
    """Of requests to talk until the end of this week nothing is told any more: an empty period stands for them."""
    told = {period.registration_id: period.ends_on for period in talk_periods.all_of(db)}
    first: dict[int, datetime] = {}
    for row in talk_periods.sent_before(db, now):
        first.setdefault(row.registration_id, row.sent_at)
    for registration_id, sent_at in first.items():
        begins_on, ends_on = told.get(registration_id) or week_of(sent_at), week_of(now) + WEEK
        if begins_on < ends_on:
            db.add(
                TalkPeriod(
                    registration_id=registration_id, begins_on=begins_on, ends_on=ends_on,
                    asked=0, students=0, waiting=0, closed=0, min_group_size=0,
                )
            )  # fmt: skip
