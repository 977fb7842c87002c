"""Who has read what Reflect is, so that the page does not tell it again."""

from sqlalchemy import bindparam, select
from sqlalchemy.dialects.postgresql import insert
from sqlmodel import Field, Session, col

from reflect.storage.prepared import Prepared
from reflect.storage.tables import Table


class Introduction(Table, table=True):
    """One introduction that a person has put away, in any of their courses."""

    person_id: int = Field(foreign_key="person.id", ondelete="CASCADE", primary_key=True)
    kind: str = Field(primary_key=True)
    """For whom it is: `student` or `staff`."""


READ = Prepared(
    select(col(Introduction.kind))
    .where(col(Introduction.person_id) == bindparam("person_id"))
    .where(col(Introduction.kind) == bindparam("kind"))
)
_OF_PERSON = Prepared(
    select(col(Introduction.kind))
    .where(col(Introduction.person_id) == bindparam("person_id"))
    .order_by(col(Introduction.kind))
)
_KEEP = Prepared(
    insert(Introduction)
    .values(person_id=bindparam("person_id"), kind=bindparam("kind"))
    .on_conflict_do_nothing(index_elements=["person_id", "kind"])
)


def is_read(db: Session, person_id: int, kind: str) -> bool:
    """Whether a person has put the introduction away."""
    return READ.first(db, person_id=person_id, kind=kind) is not None


def of_person(db: Session, person_id: int) -> list[str]:
    """The kinds that a person has put away."""
    return [row.kind for row in _OF_PERSON.all(db, person_id=person_id)]


def keep(db: Session, person_id: int, kind: str) -> None:
    """Remember that a person has put it away; once more changes nothing."""
    _KEEP.run(db, person_id=person_id, kind=kind)
