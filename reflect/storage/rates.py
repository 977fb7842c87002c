"""How often something was done in a window of time: a number under a hash, and nothing of who did it."""

from datetime import datetime

from sqlalchemy import bindparam, delete, select, update
from sqlalchemy.dialects.postgresql import insert
from sqlmodel import Field, Session, col

from reflect.storage.prepared import Prepared
from reflect.storage.tables import UNORDERED, Table


class RateCount(Table, table=True):
    """What all workers together counted for one key in one window; the hash is another one in every window."""

    __tablename__ = "rate_count"
    __table_args__ = UNORDERED

    key_hash: bytes = Field(primary_key=True)
    counted: int
    ends_at: datetime = Field(index=True)
    """When it counts no more: at the end of the window after its own. The row goes in the hour after."""


_add = insert(RateCount).values(key_hash=bindparam("key_hash"), counted=1, ends_at=bindparam("ends_at"))
_ADD = Prepared(
    _add.on_conflict_do_update(index_elements=["key_hash"], set_={"counted": col(RateCount.counted) + 1}).returning(
        col(RateCount.counted)
    )
)
_TAKE_BACK = Prepared(
    update(RateCount).where(col(RateCount.key_hash) == bindparam("key_hash")).values(counted=col(RateCount.counted) - 1)
)
_COUNTED = Prepared(select(col(RateCount.counted)).where(col(RateCount.key_hash) == bindparam("key_hash")))
_SWEEP = Prepared(delete(RateCount).where(col(RateCount.ends_at) <= bindparam("now")))


def add(db: Session, key_hash: bytes, ends_at: datetime) -> int:
    """Count one more; how many it are now."""
    counted = _ADD.first(db, key_hash=key_hash, ends_at=ends_at).counted
    assert isinstance(counted, int)
    return counted


def take_back(db: Session, key_hash: bytes) -> None:
    """Count one less: it was not let through."""
    _TAKE_BACK.run(db, key_hash=key_hash)


def counted(db: Session, key_hash: bytes) -> int:
    """How many were counted so far."""
    row = _COUNTED.first(db, key_hash=key_hash)
    return 0 if row is None else int(row.counted)


def sweep(db: Session, now: datetime) -> int:
    """Delete what counts no more; the number of rows."""
    return _SWEEP.run(db, now=now)
