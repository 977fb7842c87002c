"""What a teacher noted about a student for themselves, to come back to."""

from collections.abc import Sequence
from datetime import date, datetime
from typing import Any

from sqlalchemy import bindparam, delete, select
from sqlmodel import Field, Session, col

from reflect.storage.courses import Course
from reflect.storage.people import Enrolment, Person
from reflect.storage.prepared import Prepared
from reflect.storage.tables import Table


class FollowUp(Table, table=True):
    """A private note about a student. Its author alone is shown it; either of the two being erased deletes it."""

    __tablename__ = "follow_up"

    id: int | None = Field(default=None, primary_key=True)
    course_id: int = Field(foreign_key="course.id", ondelete="CASCADE", index=True)
    student_id: int = Field(foreign_key="person.id", ondelete="CASCADE", index=True)
    author_id: int = Field(foreign_key="person.id", ondelete="CASCADE", index=True)
    words: str
    back_on: date | None = None
    """The day on which the author wants to come back to it."""
    written_at: datetime
    changed_at: datetime


_TABLE = FollowUp.__table__  # type: ignore[attr-defined]
_ABOUT = Prepared(
    select(_TABLE)
    .where(col(FollowUp.course_id) == bindparam("course_id"))
    .where(col(FollowUp.student_id) == bindparam("student_id"))
    .where(col(FollowUp.author_id) == bindparam("author_id"))
    .order_by(col(FollowUp.id).desc())
)
_DUE = Prepared(
    select(_TABLE, col(Person.sub), col(Person.name))
    .join(Person, col(Person.id) == col(FollowUp.student_id))
    .join(
        Enrolment,
        (col(Enrolment.person_id) == col(Person.id)) & (col(Enrolment.course_id) == col(FollowUp.course_id)),
    )
    .where(col(FollowUp.course_id) == bindparam("course_id"))
    .where(col(FollowUp.author_id) == bindparam("author_id"))
    .where(col(FollowUp.back_on) <= bindparam("today", type_=_TABLE.c.back_on.type))
    .where((col(Enrolment.role) == "learner") & col(Enrolment.is_active))
    .order_by(col(FollowUp.back_on), col(FollowUp.id))
)


def about(db: Session, course_id: int, student_id: int, author_id: int) -> Sequence[Any]:
    """What one author noted about one student of a course, newest first; the columns of FollowUp."""
    return _ABOUT.all(db, course_id=course_id, student_id=student_id, author_id=author_id)


def due(db: Session, course_id: int, author_id: int, today: date) -> Sequence[Any]:
    """An author's notes of a course that they wanted to come back to by that day, with the student's (sub, name); the
    longest waiting first. Students who have left the course are left out."""
    return _DUE.all(db, course_id=course_id, author_id=author_id, today=today)


def held_on(db: Session, course_id: int, person_id: int) -> Sequence[Any]:
    """Everybody's notes of a course about a person: the columns of FollowUp, and the author's (sub, name)."""
    found = select(_TABLE, col(Person.sub), col(Person.name)).join(Person, col(Person.id) == col(FollowUp.author_id))
    return _in_course(db, found.where(col(FollowUp.student_id) == person_id), course_id)


def written_by(db: Session, course_id: int, person_id: int) -> Sequence[Any]:
    """A person's own notes of a course: the columns of FollowUp, and the student's (sub, name)."""
    found = select(_TABLE, col(Person.sub), col(Person.name)).join(Person, col(Person.id) == col(FollowUp.student_id))
    return _in_course(db, found.where(col(FollowUp.author_id) == person_id), course_id)


def _in_course(db: Session, found: Any, course_id: int) -> Sequence[Any]:
    return db.execute(found.where(col(FollowUp.course_id) == course_id).order_by(col(FollowUp.id))).all()


def courses_of(person_id: int) -> Any:
    """A statement for the courses in which a person wrote or is written about."""
    is_theirs = (col(FollowUp.student_id) == person_id) | (col(FollowUp.author_id) == person_id)
    return select(col(Course.id)).join(FollowUp, col(FollowUp.course_id) == col(Course.id)).where(is_theirs)


def discard(db: Session, follow_up_id: int) -> None:
    """Delete a note."""
    db.execute(delete(FollowUp).where(col(FollowUp.id) == follow_up_id))
