"""A teacher's own questions, kept to be asked again."""

from collections.abc import Sequence

from sqlalchemy import UniqueConstraint, delete, select
from sqlalchemy.dialects.postgresql import insert
from sqlmodel import Field, Session, col

from reflect.storage.tables import Table


class OwnQuestion(Table, table=True):
    """A question in a teacher's own words."""

    __tablename__ = "own_question"
    __table_args__ = (UniqueConstraint("person_id", "text"),)

    id: int | None = Field(default=None, primary_key=True)
    person_id: int = Field(foreign_key="person.id", ondelete="CASCADE")
    text: str


def of_person(db: Session, person_id: int) -> Sequence[OwnQuestion]:
    """A person's own questions, newest first."""
    mine = select(OwnQuestion).where(col(OwnQuestion.person_id) == person_id)
    return db.scalars(mine.order_by(col(OwnQuestion.id).desc())).all()


def keep(db: Session, person_id: int, text: str) -> None:
    """Keep a question; one that is kept already stays once."""
    row = insert(OwnQuestion).values(person_id=person_id, text=text)
    db.execute(row.on_conflict_do_nothing(index_elements=["person_id", "text"]))


def discard(db: Session, person_id: int, question_id: int) -> bool:
    """Delete one of a person's own questions; whether it was theirs."""
    gone = delete(OwnQuestion).where(col(OwnQuestion.id) == question_id, col(OwnQuestion.person_id) == person_id)
    return bool(db.execute(gone).rowcount)  # type: ignore[attr-defined]
