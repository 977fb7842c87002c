"""Students who would like to talk: what they ask, and what became of it. No table of answers knows of these."""

from collections.abc import Collection, Sequence
from datetime import datetime
from typing import Any

from sqlalchemy import bindparam, func, select
from sqlmodel import Field, Session, col

from reflect.storage.people import Enrolment, Person
from reflect.storage.prepared import Prepared
from reflect.storage.tables import Table


class Talk(Table, table=True):
    """A student would like to talk to an adult of the course. Taking it back deletes it."""

    id: int | None = Field(default=None, primary_key=True)
    course_id: int = Field(foreign_key="course.id", ondelete="CASCADE", index=True)
    student_id: int = Field(foreign_key="person.id", ondelete="CASCADE", index=True)
    for_anyone: bool
    """Whether it is for any adult of the course; kept here, so that it is nobody's rather than everybody's once the
    adult it was for has gone."""
    adult_id: int | None = Field(default=None, foreign_key="person.id", ondelete="SET NULL", index=True)
    """The adult it is for now, unless it is for any."""
    message: str = ""
    is_for_today: bool
    sent_at: datetime
    seen_at: datetime | None = None
    """When the adult it is for now said that they have seen it."""
    closed_at: datetime | None = None
    word: str = ""
    """What was said back at the close."""


class TalkAct(Table, table=True):
    """One thing that an adult did with it; the student sees each."""

    __tablename__ = "talk_act"

    id: int | None = Field(default=None, primary_key=True)
    talk_id: int = Field(foreign_key="talk.id", ondelete="CASCADE", index=True)
    kind: str
    """`opened`, `seen`, `handed_over` or `closed`."""
    person_id: int | None = Field(default=None, foreign_key="person.id", ondelete="SET NULL", index=True)
    to_id: int | None = Field(default=None, foreign_key="person.id", ondelete="SET NULL", index=True)
    """Whom it was handed over to."""
    at: datetime


_WAITING = Prepared(
    select(
        col(Talk.id),
        col(Talk.student_id),
        col(Talk.for_anyone),
        col(Talk.is_for_today),
        col(Talk.sent_at),
        col(Talk.seen_at),
        col(Person.sub),
        col(Person.name),
    )
    .join(Person, col(Person.id) == col(Talk.student_id))
    .where(col(Talk.course_id) == bindparam("course_id"))
    .where(col(Talk.closed_at).is_(None))
    .where(col(Talk.for_anyone) | (col(Talk.adult_id) == bindparam("adult_id")))
    .order_by(col(Talk.is_for_today).desc(), col(Talk.seen_at).is_not(None), col(Talk.sent_at), col(Talk.id))
)


def waiting(db: Session, course_id: int, adult_id: int) -> Sequence[Any]:
    """What is open and for this adult, or for any: (id, student_id, for_anyone, is_for_today, sent_at, seen_at, sub,
    name), what is for today first, then what nobody has seen, then the oldest."""
    return _WAITING.all(db, course_id=course_id, adult_id=adult_id)


def closed(db: Session, course_id: int, adult_id: int, most: int) -> Sequence[Talk]:
    """The newest that are closed and are this adult's, or any's."""
    mine = col(Talk.for_anyone) | (col(Talk.adult_id) == adult_id)
    found = select(Talk).where(col(Talk.course_id) == course_id, col(Talk.closed_at).is_not(None), mine)
    return db.scalars(found.order_by(col(Talk.closed_at).desc(), col(Talk.id).desc()).limit(most)).all()


def of_student(db: Session, course_id: int, student_id: int) -> Sequence[Talk]:
    """All of a student's in a course, open ones first, then the newest."""
    found = select(Talk).where(col(Talk.course_id) == course_id, col(Talk.student_id) == student_id)
    return db.scalars(found.order_by(col(Talk.closed_at).is_not(None), col(Talk.id).desc())).all()


def open_of(db: Session, course_id: int, student_id: int) -> Sequence[Talk]:
    """A student's open ones in a course; held until commit, with the student, so that two at once see each other."""
    db.get_one(Person, student_id, with_for_update=True)
    return [talk for talk in of_student(db, course_id, student_id) if talk.closed_at is None]


def acts_of(db: Session, talk_id: int) -> Sequence[TalkAct]:
    """What adults did with it, the first first."""
    return db.scalars(select(TalkAct).where(col(TalkAct.talk_id) == talk_id).order_by(col(TalkAct.id))).all()


def last_opened_at(db: Session, talk_id: int, person_id: int) -> datetime | None:
    """When somebody's last opening of it was written down."""
    opened = select(func.max(col(TalkAct.at))).where(
        col(TalkAct.talk_id) == talk_id, col(TalkAct.person_id) == person_id, col(TalkAct.kind) == "opened"
    )
    found: datetime | None = db.scalar(opened)
    return found


def named(db: Session, course_id: int, person_ids: Collection[int]) -> dict[int, Any]:
    """People by id: (id, sub, name, role), the role being None for who is not enrolled in the course."""
    of_course = (col(Enrolment.person_id) == col(Person.id)) & (col(Enrolment.course_id) == course_id)
    found = select(col(Person.id), col(Person.sub), col(Person.name), col(Enrolment.role)).outerjoin(
        Enrolment, of_course
    )
    return {row.id: row for row in db.execute(found.where(col(Person.id).in_(person_ids)))}
