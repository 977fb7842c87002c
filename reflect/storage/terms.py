"""Terms: periods that administrators name, so that leaders can look at one of them."""

from collections.abc import Sequence
from datetime import date

from sqlalchemy import select
from sqlmodel import Field, Session, col

from reflect.storage.tables import Table


class Term(Table, table=True):
    """A named period, both days in it."""

    id: int | None = Field(default=None, primary_key=True)
    name: str
    begins_on: date
    ends_on: date


def listed(db: Session) -> Sequence[Term]:
    """All terms, the newest first."""
    return db.scalars(select(Term).order_by(col(Term.begins_on).desc(), col(Term.id).desc())).all()
