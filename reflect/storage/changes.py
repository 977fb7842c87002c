"""What changed because of a check-in's answers, in the words of staff."""

from collections.abc import Sequence
from datetime import datetime
from typing import Any

from sqlalchemy import bindparam, delete, select
from sqlalchemy.dialects.postgresql import insert
from sqlmodel import Field, Session, col

from reflect.storage.checkins import Checkin
from reflect.storage.people import Enrolment, Person
from reflect.storage.prepared import Prepared
from reflect.storage.tables import Table


class Change(Table, table=True):
    """What staff tell the class they changed because of its answers."""

    checkin_id: int = Field(foreign_key="checkin.id", ondelete="CASCADE", primary_key=True)
    words: str
    author_id: int | None = Field(default=None, foreign_key="person.id", ondelete="SET NULL")
    told_at: datetime


OF_COURSE = Prepared(
    select(
        Change.__table__.c["checkin_id", "words", "told_at"],  # type: ignore[attr-defined]
        col(Person.sub),
        col(Person.name),
        col(Enrolment.role),
    )
    .join(Checkin, col(Checkin.id) == col(Change.checkin_id))
    .outerjoin(Person, col(Person.id) == col(Change.author_id))
    .outerjoin(
        Enrolment,
        (col(Enrolment.person_id) == col(Person.id)) & (col(Enrolment.course_id) == col(Checkin.course_id)),
    )
    .where(col(Checkin.course_id) == bindparam("course_id"))
    .order_by(col(Change.told_at).desc(), col(Change.checkin_id).desc())
)
_tell = insert(Change).values({name: bindparam(name) for name in Change.model_fields})
_TELL = Prepared(
    _tell.on_conflict_do_update(
        index_elements=["checkin_id"],
        set_={name: getattr(_tell.excluded, name) for name in ("words", "author_id", "told_at")},
    )
)
_TAKE_BACK = Prepared(delete(Change).where(col(Change.checkin_id) == bindparam("checkin_id")))


def of_course(db: Session, course_id: int) -> Sequence[Any]:
    """All that was told to a course, newest first: (checkin_id, words, told_at), and the author's (sub, name, role)."""
    return OF_COURSE.all(db, course_id=course_id)


def tell(db: Session, checkin_id: int, words: str, author_id: int, now: datetime) -> None:
    """Say what changed, in place of what was said before."""
    _TELL.run(db, checkin_id=checkin_id, words=words, author_id=author_id, told_at=now)


def take_back(db: Session, checkin_id: int) -> None:
    """Say nothing any more."""
    _TAKE_BACK.run(db, checkin_id=checkin_id)
