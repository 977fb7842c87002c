"""When adults are there for students, and whom to call when nobody is: one for the whole installation."""

from collections.abc import Sequence
from datetime import date

from sqlalchemy import select
from sqlmodel import Field, Session, col

from reflect.storage.tables import Table


class Support(Table, table=True):
    """The only row: the clock that the hours go by, and a break in them."""

    id: int | None = Field(default=None, primary_key=True)
    zone: str
    """A time zone (IANA)."""
    back_on: date | None = None
    """Before this day nobody is there, as in the holidays."""


class StaffedHours(Table, table=True):
    """From when until when adults are there on a day of the week, in minutes after midnight."""

    __tablename__ = "staffed_hours"

    weekday: int = Field(primary_key=True)
    """0 is Monday."""
    starts: int = Field(primary_key=True)
    ends: int
    """Not included; 1440 is the end of the day."""


class CrisisLine(Table, table=True):
    """A line that students can call or write to at any time."""

    __tablename__ = "crisis_line"

    id: int | None = Field(default=None, primary_key=True)
    language: str
    """Whom it is for, as `de` or `pt-BR`; empty for everybody."""
    name: str
    contact: str
    """A telephone number, or an https address."""


ONLY = 1
"""The id of the row of `support`."""


def hours(db: Session) -> Sequence[StaffedHours]:
    """The week's hours in order."""
    return db.scalars(select(StaffedHours).order_by(col(StaffedHours.weekday), col(StaffedHours.starts))).all()


def lines(db: Session) -> Sequence[CrisisLine]:
    """All lines: those for everybody first, then by language, as they were added."""
    return db.scalars(select(CrisisLine).order_by(col(CrisisLine.language), col(CrisisLine.id))).all()
