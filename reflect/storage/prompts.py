"""What adults want to be reminded of, and what they did with the prompts that came of it."""

from collections.abc import Sequence
from datetime import datetime
from typing import Any

from sqlalchemy import JSON, Column, bindparam, delete, null, select
from sqlalchemy.dialects.postgresql import insert
from sqlmodel import Field, Session, col

from reflect.storage.people import Person
from reflect.storage.prepared import Prepared
from reflect.storage.tables import Table


class Reminder(Table, table=True):
    """One rule of one adult in one course, with the numbers they chose."""

    course_id: int = Field(foreign_key="course.id", ondelete="CASCADE", primary_key=True)
    adult_id: int = Field(foreign_key="person.id", ondelete="CASCADE", primary_key=True, index=True)
    kind: str = Field(primary_key=True)
    is_on: bool
    count: int
    span: int


class Prompt(Table, table=True):
    """What one adult did with the prompts about a student, and what another adult handed over to them.

    That a rule holds is written nowhere: it is worked out anew each time from the answers that are there.
    """

    course_id: int = Field(foreign_key="course.id", ondelete="CASCADE", primary_key=True)
    adult_id: int = Field(foreign_key="person.id", ondelete="CASCADE", primary_key=True, index=True)
    """Whose list it is about."""
    student_id: int = Field(foreign_key="person.id", ondelete="CASCADE", primary_key=True, index=True)
    settled_at: datetime | None = None
    """Reasons up to then are dealt with."""
    settled_as: str = ""
    """`seen`, `closed` or `handed_over`."""
    handed_to_id: int | None = Field(default=None, foreign_key="person.id", ondelete="SET NULL", index=True)
    handed_by_id: int | None = Field(default=None, foreign_key="person.id", ondelete="SET NULL", index=True)
    handed_at: datetime | None = None
    """When somebody handed it over to this adult."""
    reasons: list[Any] | None = Field(default=None, sa_column=Column(JSON(none_as_null=True), nullable=True))
    """What it was handed over for: (kind, count, span) of each reason, as it was then."""


_TABLE = Prompt.__table__  # type: ignore[attr-defined]
_KEY = ["course_id", "adult_id", "student_id"]
_REMINDERS = Prepared(
    select(col(Reminder.kind), col(Reminder.is_on), col(Reminder.count), col(Reminder.span))
    .where(col(Reminder.course_id) == bindparam("course_id"))
    .where(col(Reminder.adult_id) == bindparam("adult_id"))
)
_remind = insert(Reminder).values({name: bindparam(name) for name in Reminder.model_fields})
_REMIND = Prepared(
    _remind.on_conflict_do_update(
        index_elements=["course_id", "adult_id", "kind"],
        set_={name: getattr(_remind.excluded, name) for name in ("is_on", "count", "span")},
    )
)
_OF_ADULT = Prepared(
    select(_TABLE)
    .where(col(Prompt.course_id) == bindparam("course_id"))
    .where(col(Prompt.adult_id) == bindparam("adult_id"))
)


def reminders(db: Session, course_id: int, adult_id: int) -> Sequence[Any]:
    """The rules that an adult has set in a course: (kind, is_on, count, span)."""
    return _REMINDERS.all(db, course_id=course_id, adult_id=adult_id)


def remind(db: Session, course_id: int, adult_id: int, kind: str, is_on: bool, count: int, span: int) -> None:
    """Set one rule of an adult in a course."""
    _REMIND.run(db, course_id=course_id, adult_id=adult_id, kind=kind, is_on=is_on, count=count, span=span)


def of_adult(db: Session, course_id: int, adult_id: int) -> dict[int, Any]:
    """What became of an adult's prompts in a course, by the student; the columns of Prompt."""
    return {row.student_id: row for row in _OF_ADULT.all(db, course_id=course_id, adult_id=adult_id)}


def hold(db: Session, course_id: int, adult_id: int, student_id: int) -> Prompt:
    """The row of an adult's prompts about a student, made if there is none, and held until commit."""
    key = (course_id, adult_id, student_id)
    made = insert(Prompt).values(**dict(zip(_KEY, key, strict=True)), settled_as="", reasons=null())
    db.execute(made.on_conflict_do_nothing(index_elements=_KEY))
    return db.get_one(Prompt, key, with_for_update=True, populate_existing=True)


def held_on(db: Session, course_id: int, student_id: int) -> Sequence[Any]:
    """What is kept of prompts about a student of a course: (settled_at, settled_as, handed_at, reasons), and the
    adult's (sub, name)."""
    kept = select(_TABLE, col(Person.sub), col(Person.name)).join(Person, col(Person.id) == col(Prompt.adult_id))
    mine = kept.where(col(Prompt.course_id) == course_id, col(Prompt.student_id) == student_id)
    return db.execute(mine.order_by(col(Prompt.adult_id))).all()


def forget(db: Session, course_id: int, student_id: int) -> int:
    """Delete what is kept of prompts about a student of a course; how many adults that concerned."""
    gone = delete(Prompt).where(col(Prompt.course_id) == course_id, col(Prompt.student_id) == student_id)
    return int(db.execute(gone).rowcount)  # type: ignore[attr-defined]
