"""What classmates may see of named check-ins."""

from sqlalchemy import bindparam, delete, func, select
from sqlalchemy.dialects.postgresql import insert
from sqlmodel import Field, Session, col

from reflect.storage.answers import Answer
from reflect.storage.people import Person
from reflect.storage.prepared import Prepared
from reflect.storage.tables import UNORDERED, Table

GONE = "gone"
"""Stands in a row for the answers that were erased since. No form has it for a choice."""


class ClassTotal(Table, table=True):
    """What classmates may see of a named check-in, fixed at its first close; and once somebody erased, how many did.
    That row stays when the others are taken back, so that nothing is published a second time."""

    __tablename__ = "class_total"
    __table_args__ = UNORDERED

    checkin_id: int = Field(foreign_key="checkin.id", ondelete="CASCADE", primary_key=True)
    choice: str = Field(primary_key=True)
    count: int


_OF_CHECKIN = Prepared(
    select(col(ClassTotal.choice), col(ClassTotal.count)).where(col(ClassTotal.checkin_id) == bindparam("checkin_id"))
)
_publish = insert(ClassTotal).values({name: bindparam(name) for name in ("checkin_id", "choice", "count")})
_PUBLISH = Prepared(_publish)
_LOSE = Prepared(
    _publish.on_conflict_do_update(
        index_elements=["checkin_id", "choice"], set_={"count": col(ClassTotal.count) + _publish.excluded.count}
    )
)
_STUDENTS = Prepared(
    select(col(Answer.choice), func.count().label("count"))
    .join(Person, col(Person.id) == col(Answer.person_id))
    .where(col(Answer.checkin_id) == bindparam("checkin_id"))
    .where(~col(Person.is_guest))
    .group_by(col(Answer.choice))
)


def of_checkin(db: Session, checkin_id: int) -> dict[str, int]:
    """What classmates may see of a named check-in; empty if nothing was published, or it was taken back."""
    return {row.choice: row.count for row in _OF_CHECKIN.all(db, checkin_id=checkin_id) if row.choice != GONE}


def was_published(db: Session, checkin_id: int) -> bool:
    """Whether classmates ever saw totals of a named check-in, taken back or not."""
    return bool(_OF_CHECKIN.all(db, checkin_id=checkin_id))


def of_students(db: Session, checkin_id: int) -> dict[str, int]:
    """What students answered in a named check-in. Who launches without a `sub` is none: they are somebody else each
    time, and could be all but one of those who are counted."""
    return {row.choice: int(row.count) for row in _STUDENTS.all(db, checkin_id=checkin_id)}


def lose(db: Session, checkin_id: int) -> int:
    """Count one more answer that was erased since the totals were published; how many that makes."""
    _LOSE.run(db, checkin_id=checkin_id, choice=GONE, count=1)
    return next(int(row.count) for row in _OF_CHECKIN.all(db, checkin_id=checkin_id) if row.choice == GONE)


def withdraw(db: Session, checkin_id: int) -> None:
    """Take back what was published to classmates, but for the mark that it was."""
    db.execute(delete(ClassTotal).where(col(ClassTotal.checkin_id) == checkin_id, col(ClassTotal.choice) != GONE))


def publish(db: Session, checkin_id: int, totals: dict[str, int]) -> None:
    """Fix what classmates see of a named check-in."""
    for choice, count in totals.items():
        _PUBLISH.run(db, checkin_id=checkin_id, choice=choice, count=count)
