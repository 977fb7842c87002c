"""Released own words and notes of anonymous check-ins: under random keys, with nothing that leads anywhere."""

from collections.abc import Sequence
from enum import StrEnum
from typing import Any

from sqlalchemy import bindparam, insert, select
from sqlmodel import Field, Session, col

from reflect.storage.prepared import Prepared
from reflect.storage.tables import UNORDERED, Table


class Kind(StrEnum):
    """What a released text is."""

    NOTE = "note"
    WORD = "word"


class ReleasedText(Table, table=True):
    """One text of a released batch; deliberately without choice, time or order."""

    __tablename__ = "released_text"
    __table_args__ = UNORDERED

    checkin_id: int = Field(foreign_key="checkin.id", ondelete="CASCADE", primary_key=True)
    random_key: bytes = Field(primary_key=True)
    kind: str
    text: str


_KEEP = Prepared(insert(ReleasedText).values({name: bindparam(name) for name in ReleasedText.model_fields}))
_OF_CHECKIN = Prepared(
    select(col(ReleasedText.kind), col(ReleasedText.text))
    .where(col(ReleasedText.checkin_id) == bindparam("checkin_id"))
    .order_by(col(ReleasedText.random_key))
)


def keep(db: Session, checkin_id: int, random_key: bytes, kind: str, text: str) -> None:
    """Store one released text."""
    _KEEP.run(db, checkin_id=checkin_id, random_key=random_key, kind=str(kind), text=text)


def of_checkin(db: Session, checkin_id: int) -> Sequence[Any]:
    """A check-in's released texts (kind, text), in the order of their random keys."""
    return _OF_CHECKIN.all(db, checkin_id=checkin_id)
