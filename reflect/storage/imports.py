"""Whom and which course the ids of an imported history mean, and how what was imported moves to where it belongs."""

from typing import Any

from sqlalchemy import bindparam, delete, func, select, update
from sqlmodel import Field, Session, col

from reflect.storage.answers import Answer, Tally
from reflect.storage.checkins import Checkin
from reflect.storage.courses import Course
from reflect.storage.people import Person
from reflect.storage.prepared import Prepared
from reflect.storage.tables import Table

PERSON, CLASS = "person", "class"
COURSE = "import"
"""The `kind` of a course that is known only from an import; no launch leads there."""
STRANGER = "import "
"""What the `sub` of a person begins with who is known only from an import; no platform's has a space there."""


class ImportedId(Table, table=True):
    """An id of the system that the history came from, and the person or the course here that it stands for."""

    __tablename__ = "imported_id"

    deployment_id: int = Field(foreign_key="deployment.id", ondelete="CASCADE", primary_key=True)
    kind: str = Field(primary_key=True)
    """`person` or `class`."""
    foreign_id: str = Field(primary_key=True)
    person_id: int | None = Field(default=None, foreign_key="person.id", ondelete="CASCADE", index=True)
    course_id: int | None = Field(default=None, foreign_key="course.id", ondelete="CASCADE", index=True)


_ANSWER = Prepared(
    select(col(Answer.choice), col(Answer.answered_at), col(Answer.changed_at))
    .where(col(Answer.checkin_id) == bindparam("checkin_id"))
    .where(col(Answer.person_id) == bindparam("person_id"))
)


def course(db: Session, deployment_id: int, kind: str, lti_id: str) -> Course | None:
    """A course of a deployment."""
    same = (col(Course.deployment_id) == deployment_id, col(Course.kind) == kind, col(Course.lti_id) == lti_id)
    return db.scalar(select(Course).where(*same))


def person(db: Session, deployment_id: int, sub: str) -> Person | None:
    """A person of a deployment."""
    return db.scalar(select(Person).where(col(Person.deployment_id) == deployment_id, col(Person.sub) == sub))


def checkin(db: Session, deployment_id: int, import_key: str) -> Checkin | None:
    """The check-in that was imported under an id, in whichever course it is now."""
    found = select(Checkin).join(Course, col(Course.id) == col(Checkin.course_id))
    return db.scalar(found.where(col(Course.deployment_id) == deployment_id, col(Checkin.import_key) == import_key))


def answer(db: Session, checkin_id: int, person_id: int) -> Any:
    """A person's named answer (choice, answered_at, changed_at), or None."""
    return _ANSWER.first(db, checkin_id=checkin_id, person_id=person_id)


def move_course(db: Session, from_id: int, to_id: int) -> None:
    """Let all check-ins of one course belong to another, and forget the first."""
    db.execute(update(Checkin).where(col(Checkin.course_id) == from_id).values(course_id=to_id))
    db.execute(update(Tally).where(col(Tally.course_id) == from_id).values(course_id=to_id))
    db.execute(update(ImportedId).where(col(ImportedId.course_id) == from_id).values(course_id=to_id))
    db.execute(delete(Course).where(col(Course.id) == from_id))


def answered_by_both(db: Session, one_id: int, other_id: int) -> list[int]:
    """The check-ins that two people have answered by name."""
    first = select(col(Answer.checkin_id)).where(col(Answer.person_id) == one_id)
    both = first.where(
        col(Answer.checkin_id).in_(select(col(Answer.checkin_id)).where(col(Answer.person_id) == other_id))
    )
    return list(db.scalars(both.order_by(col(Answer.checkin_id))))


def move_person(db: Session, from_id: int, to_id: int) -> None:
    """Let all named answers of one person belong to another, who has answered none of these check-ins, and forget the
    first."""
    db.execute(update(Answer).where(col(Answer.person_id) == from_id).values(person_id=to_id))
    db.execute(update(Checkin).where(col(Checkin.author_id) == from_id).values(author_id=to_id))
    db.execute(update(ImportedId).where(col(ImportedId.person_id) == from_id).values(person_id=to_id))
    db.execute(delete(Person).where(col(Person.id) == from_id))


def ids_of_person(db: Session, person_id: int) -> list[str]:
    """The ids that a person has in the systems their answers were imported from."""
    mine = select(col(ImportedId.foreign_id)).where(col(ImportedId.person_id) == person_id)
    return list(db.scalars(mine.order_by(col(ImportedId.foreign_id))))


def total(db: Session, checkin_id: int) -> int:
    """How many answers the roll-up of a check-in has."""
    return (
        db.scalar(select(func.coalesce(func.sum(col(Tally.count)), 0)).where(col(Tally.checkin_id) == checkin_id)) or 0
    )
