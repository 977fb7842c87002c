"""A course's answers counted: from the roll-up and the participations, never from a seal. Each statement is bounded by
the course, so that a page costs the same however large the rest of the site is."""

from collections.abc import Sequence
from datetime import date
from typing import Any

from sqlalchemy import bindparam, func, select
from sqlmodel import Session, col

from reflect.storage.answers import Answer, Participation, Tally
from reflect.storage.checkins import Checkin
from reflect.storage.groups import GroupMembership
from reflect.storage.prepared import Prepared
from reflect.storage.series import Series
from reflect.storage.support import Support

_COUNTED = (
    (col(Checkin.course_id) == bindparam("course_id"))
    & col(Checkin.deleted_at).is_(None)
    & col(Checkin.opened_at).is_not(None)
)
"""Archived ones stay in the picture: they are out of the lists, not out of the past."""
_CHECKINS = Prepared(
    select(
        Checkin.__table__.c[  # type: ignore[attr-defined]
            "id", "question", "question_key", "form", "labels", "manner", "series_id", "is_anonymous", "for_groups",
            "min_group_size", "opened_at", "closed_at", "withheld",
        ]
    )
    .where(_COUNTED)
    .order_by(col(Checkin.opened_at), col(Checkin.id))
)  # fmt: skip
_TALLIED = Prepared(
    select(Tally.__table__.c["checkin_id", "on_day", "choice", "count"])  # type: ignore[attr-defined]
    .join(Checkin, col(Checkin.id) == col(Tally.checkin_id))
    .where(col(Tally.course_id) == bindparam("course_id"))
    .where(_COUNTED)
    .where(col(Tally.on_day) >= bindparam("since"))
    .where(col(Tally.count) > 0)
)
_TOOK_PART = Prepared(
    select(col(Participation.checkin_id), func.count().label("count"))
    .join(Checkin, col(Checkin.id) == col(Participation.checkin_id))
    .where(_COUNTED)
    .group_by(col(Participation.checkin_id))
)
_OF_GROUP = Prepared(
    select(Answer.__table__.c["checkin_id", "answered_at", "choice"])  # type: ignore[attr-defined]
    .join(Checkin, col(Checkin.id) == col(Answer.checkin_id))
    .join(GroupMembership, col(GroupMembership.person_id) == col(Answer.person_id))
    .where(_COUNTED)
    .where(col(GroupMembership.group_id) == bindparam("group_id"))
)
_SERIES_ZONE = Prepared(
    select(col(Series.zone))
    .where(col(Series.course_id) == bindparam("course_id"))
    .order_by(col(Series.id).desc())
    .limit(1)
)
_SCHOOL_ZONE = Prepared(select(col(Support.zone)).where(col(Support.zone) != "").limit(1))


def checkins(db: Session, course_id: int) -> Sequence[Any]:
    """The check-ins of a course that were opened and are not deleted, oldest first."""
    return _CHECKINS.all(db, course_id=course_id)


def tallied(db: Session, course_id: int, since: date) -> Sequence[Any]:
    """What was answered by name, or released, on that day of UTC or later: (checkin_id, on_day, choice, count)."""
    return _TALLIED.all(db, course_id=course_id, since=since)


def took_part(db: Session, course_id: int) -> dict[int, int]:
    """How many have answered each anonymous check-in of a course, released or not."""
    return {row.checkin_id: int(row.count) for row in _TOOK_PART.all(db, course_id=course_id)}


def of_group(db: Session, course_id: int, group_id: int) -> Sequence[Any]:
    """The named answers of who is in a group now: (checkin_id, answered_at, choice), without the person."""
    return _OF_GROUP.all(db, course_id=course_id, group_id=group_id)


def zone_of(db: Session, course_id: int) -> str:
    """The clocks that a course most likely goes by: its newest series', else the school's hours', else UTC."""
    found = _SERIES_ZONE.first(db, course_id=course_id) or _SCHOOL_ZONE.first(db)
    return str(found.zone) if found else "UTC"
