"""Who of the staff had the named results of a check-in open, and which keys read them, to the hour."""

from collections.abc import Sequence
from datetime import datetime
from typing import Any

from sqlalchemy import bindparam, literal, select
from sqlalchemy.dialects.postgresql import insert
from sqlmodel import Field, Session, col

from reflect.storage.api_keys import ApiKey, KeyAccess
from reflect.storage.checkins import Checkin
from reflect.storage.people import Enrolment, Person
from reflect.storage.prepared import Prepared
from reflect.storage.tables import UNORDERED, Table


class Access(Table, table=True):
    """That somebody was shown named answers of a check-in within the hour that begins then.

    Whose answers these were follows from the answers themselves: all that had been given by the end of that hour.
    """

    __table_args__ = UNORDERED

    checkin_id: int = Field(foreign_key="checkin.id", ondelete="CASCADE", primary_key=True)
    reader_id: int = Field(foreign_key="person.id", ondelete="CASCADE", primary_key=True, index=True)
    hour: datetime = Field(primary_key=True)


_OF_CHECKINS = Prepared(
    select(
        col(Access.checkin_id),
        col(Access.hour),
        col(Person.sub),
        col(Person.name),
        col(Enrolment.role),
    )
    .join(Checkin, col(Checkin.id) == col(Access.checkin_id))
    .join(Person, col(Person.id) == col(Access.reader_id))
    .outerjoin(
        Enrolment,
        (col(Enrolment.person_id) == col(Person.id)) & (col(Enrolment.course_id) == col(Checkin.course_id)),
    )
    .where(col(Checkin.course_id) == bindparam("course_id"))
    .where(~col(Checkin.is_anonymous))
    .order_by(col(Access.hour).desc(), col(Access.checkin_id), col(Person.name), col(Person.id))
)
_BY_KEYS = Prepared(
    select(col(KeyAccess.checkin_id), col(KeyAccess.hour), col(ApiKey.name))
    .join(ApiKey, col(ApiKey.id) == col(KeyAccess.key_id))
    .join(Checkin, col(Checkin.id) == col(KeyAccess.checkin_id))
    .where(col(Checkin.course_id) == bindparam("course_id"))
    .order_by(col(KeyAccess.hour).desc(), col(KeyAccess.checkin_id), col(ApiKey.name), col(ApiKey.id))
)


def note_each(db: Session, checkin_ids: Sequence[int], reader_id: int, hour: datetime) -> None:
    """Write down that somebody was shown answers of these check-ins in that hour, as far as they are named; once is
    enough."""
    # Always in one order: two who note the same at once must not wait for each other in a ring.
    named = (
        select(col(Checkin.id), literal(reader_id), literal(hour, Access.__table__.c.hour.type))  # type: ignore[attr-defined]
        .where(col(Checkin.id).in_(checkin_ids))
        .where(~col(Checkin.is_anonymous))
        .order_by(col(Checkin.id))
    )
    columns = ["checkin_id", "reader_id", "hour"]
    db.execute(insert(Access).from_select(columns, named).on_conflict_do_nothing(index_elements=columns))


def in_course(db: Session, course_id: int) -> Sequence[Any]:
    """Who had which named results of a course open, newest first: (checkin_id, hour, sub, name, role)."""
    return _OF_CHECKINS.all(db, course_id=course_id)


def by_keys(db: Session, course_id: int) -> Sequence[Any]:
    """Under which keys named results of a course were read, newest first: (checkin_id, hour, name of the key)."""
    return _BY_KEYS.all(db, course_id=course_id)
