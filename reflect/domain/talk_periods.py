"""How the institution follows up requests to talk: told in periods, once each, and taken back as a whole."""

from collections import defaultdict
from collections.abc import Sequence
from datetime import date, datetime
from typing import Any

from sqlmodel import Session

from reflect.domain.privacy.follow_ups import are_to_be_withdrawn, follow_ups
from reflect.domain.privacy.publication import SETTLING, WEEK, week_of
from reflect.storage import talk_periods
from reflect.storage.talk_periods import TalkPeriod


def renew(db: Session, k: int, now: datetime) -> int:
    """Tell of the periods that have become enough, and take back what too few are left of; how many were told."""
    talk_periods.hold(db)
    requests: dict[int, list[Any]] = defaultdict(list)
    for row in talk_periods.sent_before(db, now):
        requests[row.registration_id].append(row)
    told: dict[int, date] = {}
    for period in talk_periods.all_of(db):
        of_period = _between(requests[period.registration_id], period.begins_on, period.ends_on)
        told[period.registration_id] = period.ends_on
        if not of_period and not period.asked:
            # Kept so far only so that nothing of it was told again; now there is nothing left to tell.
            db.delete(period)
        elif period.asked and are_to_be_withdrawn(period.students, _students(of_period), period.min_group_size):
            period.asked = period.students = period.waiting = period.closed = 0
            period.median_minutes = None
    db.flush()
    end = week_of(now - SETTLING)
    return sum(_tell(db, number, rows, told.get(number), end, k) for number, rows in requests.items() if rows)


def _tell(db: Session, registration_id: int, rows: Sequence[Any], since: date | None, end: date, k: int) -> int:
    begins_on = since or week_of(rows[0].sent_at)
    ends_on, count = begins_on + WEEK, 0
    while ends_on <= end:
        found = follow_ups(_between(rows, begins_on, ends_on), k)
        if found is not None:
            db.add(
                TalkPeriod(
                    registration_id=registration_id,
                    begins_on=begins_on,
                    ends_on=ends_on,
                    asked=found.asked,
                    students=found.students,
                    waiting=found.waiting,
                    closed=found.closed,
                    median_minutes=found.median_minutes,
                    min_group_size=k,
                )
            )
            begins_on, count = ends_on, count + 1
        ends_on += WEEK
    db.flush()
    return count


def _between(rows: Sequence[Any], begins_on: date, ends_on: date) -> list[Any]:
    return [row for row in rows if begins_on <= row.sent_at.date() < ends_on]


def _students(rows: Sequence[Any]) -> int:
    return len({row.student_id for row in rows})
