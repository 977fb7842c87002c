"""How the institution follows up requests to talk: counts of a period, for leaders. No row refers to a talk."""

from collections.abc import Sequence
from datetime import date, datetime
from typing import Any

from sqlalchemy import select
from sqlmodel import Field, Session, col

from reflect.storage.courses import Course
from reflect.storage.people import Person
from reflect.storage.registrations import Deployment, Registration
from reflect.storage.tables import Table
from reflect.storage.talks import Talk


class TalkPeriod(Table, table=True):
    """The requests of some weeks, written once; all zero where it was taken back."""

    __tablename__ = "talk_period"

    registration_id: int = Field(foreign_key="registration.id", ondelete="CASCADE", primary_key=True)
    begins_on: date = Field(primary_key=True)
    """A Monday, in UTC."""
    ends_on: date
    """The Monday after its last week."""
    asked: int
    students: int
    """How many different students asked."""
    waiting: int
    """How many nobody had seen when it was written."""
    closed: int
    median_minutes: int | None = None
    """The median time until one was seen; None where too few were."""
    min_group_size: int


def hold(db: Session) -> None:
    """Let no other worker tell of periods until commit."""
    db.execute(select(col(Registration.id)).order_by(col(Registration.id)).with_for_update(key_share=True))


def sent_before(db: Session, before: datetime) -> Sequence[Any]:
    """All requests to talk that students sent before a moment: (registration_id, student_id, sent_at, seen_at,
    closed_at). Who launches without a `sub` is somebody else each time, and is not counted."""
    found = select(
        col(Deployment.registration_id),
        col(Talk.student_id),
        col(Talk.sent_at),
        col(Talk.seen_at),
        col(Talk.closed_at),
    )
    joined = found.join(Course, col(Course.id) == col(Talk.course_id))
    joined = joined.join(Deployment, col(Deployment.id) == col(Course.deployment_id))
    joined = joined.join(Person, col(Person.id) == col(Talk.student_id))
    return db.execute(joined.where(col(Talk.sent_at) < before, ~col(Person.is_guest)).order_by(col(Talk.sent_at))).all()


def all_of(db: Session) -> Sequence[TalkPeriod]:
    """All periods, the oldest first."""
    return db.scalars(select(TalkPeriod).order_by(col(TalkPeriod.ends_on))).all()
