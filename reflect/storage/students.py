"""The students of a course as their teachers follow them: named answers only, and who of the staff looked at one.

Nothing here reads a participation, a seal or a released total: an anonymous answer has no student.
"""

from collections.abc import Sequence
from datetime import datetime
from typing import Any

from sqlalchemy import bindparam, func, select
from sqlalchemy.dialects.postgresql import insert
from sqlmodel import Field, Session, col

from reflect.storage.answers import Answer
from reflect.storage.checkins import Checkin
from reflect.storage.groups import CheckinGroup, GroupMembership
from reflect.storage.people import Enrolment, Person
from reflect.storage.prepared import Prepared
from reflect.storage.tables import UNORDERED, Table


class StudentAccess(Table, table=True):
    """That somebody was shown what a student answered by name, over all check-ins, within the hour that begins then."""

    __tablename__ = "student_access"
    __table_args__ = UNORDERED

    course_id: int = Field(foreign_key="course.id", ondelete="CASCADE", primary_key=True)
    student_id: int = Field(foreign_key="person.id", ondelete="CASCADE", primary_key=True, index=True)
    reader_id: int = Field(foreign_key="person.id", ondelete="CASCADE", primary_key=True, index=True)
    hour: datetime = Field(primary_key=True)
    kind: str = Field(primary_key=True)
    """`page`: the student's own page; `prompt`: a line about them in a list of students to ask after."""


_IS_STUDENT = (col(Enrolment.role) == "learner") & col(Enrolment.is_active) & ~col(Enrolment.is_test_user)
_STUDENTS = (
    select(Person.__table__.c["id", "sub", "name", "created_at"])  # type: ignore[attr-defined]
    .join(Enrolment, col(Enrolment.person_id) == col(Person.id))
    .where(col(Enrolment.course_id) == bindparam("course_id"))
    .where(_IS_STUDENT)
)
_OF_COURSE = Prepared(_STUDENTS.order_by(col(Person.name), col(Person.id)))
_FIND = Prepared(_STUDENTS.where(col(Person.id) == bindparam("person_id")))
_AT = Answer.__table__.c.answered_at.type  # type: ignore[attr-defined]
_IS_NAMED = ~col(Checkin.is_anonymous) & col(Checkin.deleted_at).is_(None)
_LAST_ANSWERED = Prepared(
    select(col(Answer.person_id), func.max(col(Answer.answered_at), type_=_AT).label("at"))
    .join(Checkin, col(Checkin.id) == col(Answer.checkin_id))
    .where(col(Checkin.course_id) == bindparam("course_id"))
    .where(_IS_NAMED)
    .group_by(col(Answer.person_id))
)
_SINCE = bindparam("since", type_=_AT)
_newest = (
    select(
        col(Answer.person_id),
        col(Answer.checkin_id),
        col(Checkin.form),
        col(Answer.choice),
        col(Answer.answered_at),
        func.row_number()
        .over(
            partition_by=col(Answer.person_id),
            order_by=(col(Answer.answered_at).desc(), col(Answer.checkin_id).desc()),
        )
        .label("place"),
    )
    .join(Checkin, col(Checkin.id) == col(Answer.checkin_id))
    .where(col(Checkin.course_id) == bindparam("course_id"))
    .where(_IS_NAMED)
    .where(col(Answer.answered_at) >= _SINCE)
    .subquery("newest")
)
_RECENT = Prepared(
    select(_newest.c.person_id, _newest.c.form, _newest.c.choice, _newest.c.answered_at)
    .where(_newest.c.place <= bindparam("most"))
    .order_by(_newest.c.answered_at, _newest.c.checkin_id)
)
_ASKED = Prepared(
    select(col(Checkin.id), col(Checkin.opened_at), col(Checkin.for_groups))
    .where(col(Checkin.course_id) == bindparam("course_id"))
    .where(_IS_NAMED)
    .where(col(Checkin.opened_at) >= _SINCE)
)
_IN_GROUPS = Prepared(
    select(col(CheckinGroup.checkin_id), col(GroupMembership.person_id))
    .distinct()
    .join(Checkin, col(Checkin.id) == col(CheckinGroup.checkin_id))
    .join(GroupMembership, col(GroupMembership.group_id) == col(CheckinGroup.group_id))
    .where(col(Checkin.course_id) == bindparam("course_id"))
    .where(_IS_NAMED)
    .where(col(Checkin.opened_at) >= _SINCE)
)
_NOTE = Prepared(
    insert(StudentAccess)
    .values({name: bindparam(name) for name in StudentAccess.model_fields})
    .on_conflict_do_nothing(index_elements=["course_id", "student_id", "reader_id", "hour", "kind"])
)
_LOOKED = Prepared(
    select(col(StudentAccess.hour), col(StudentAccess.kind), col(Person.sub), col(Person.name), col(Enrolment.role))
    .join(Person, col(Person.id) == col(StudentAccess.reader_id))
    .outerjoin(
        Enrolment,
        (col(Enrolment.person_id) == col(Person.id)) & (col(Enrolment.course_id) == col(StudentAccess.course_id)),
    )
    .where(col(StudentAccess.course_id) == bindparam("course_id"))
    .where(col(StudentAccess.student_id) == bindparam("person_id"))
    .order_by(col(StudentAccess.hour).desc(), col(Person.name), col(Person.id), col(StudentAccess.kind))
)


def of_course(db: Session, course_id: int) -> Sequence[Any]:
    """The active students of a course, by name: (id, sub, name, created_at); test users are none."""
    return _OF_COURSE.all(db, course_id=course_id)


def find(db: Session, course_id: int, person_id: int) -> Any:
    """One active student of a course, or None for anybody else."""
    return _FIND.first(db, course_id=course_id, person_id=person_id)


def last_answered(db: Session, course_id: int) -> dict[int, datetime]:
    """When each person of a course last gave a named answer."""
    return {row.person_id: row.at for row in _LAST_ANSWERED.all(db, course_id=course_id)}


def recent(db: Session, course_id: int, since: datetime, most: int) -> Sequence[Any]:
    """Named answers of a course from then on, the newest so many of each person, oldest first:
    (person_id, form, choice, answered_at)."""
    return _RECENT.all(db, course_id=course_id, since=since, most=most)


def asked(db: Session, course_id: int, since: datetime) -> Sequence[Any]:
    """The named check-ins of a course that were opened from then on: (id, opened_at, for_groups)."""
    return _ASKED.all(db, course_id=course_id, since=since)


def asked_in_groups(db: Session, course_id: int, since: datetime) -> set[tuple[int, int]]:
    """Of those that were put to some groups: which (check-in) was put to whom (person)."""
    return {(row.checkin_id, row.person_id) for row in _IN_GROUPS.all(db, course_id=course_id, since=since)}


def note(db: Session, course_id: int, student_id: int, reader_id: int, hour: datetime, kind: str) -> None:
    """Write down that somebody was shown a student's answers in that hour; once is enough."""
    _NOTE.run(db, course_id=course_id, student_id=student_id, reader_id=reader_id, hour=hour, kind=kind)


def looked_at(db: Session, course_id: int, person_id: int) -> Sequence[Any]:
    """Who was shown a student's answers over all check-ins of a course, newest first: (hour, kind, sub, name, role)."""
    return _LOOKED.all(db, course_id=course_id, person_id=person_id)
