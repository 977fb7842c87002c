"""Which occurrences of a series had their time after another, and the putting away of those that nobody waits for."""

from datetime import datetime
from typing import Any

from sqlalchemy import bindparam, null, select, tuple_, update
from sqlmodel import Session, col

from reflect.storage.checkins import IS_LISTED, Checkin
from reflect.storage.prepared import Prepared

_MOMENT = Checkin.__table__.c.opens_at.type  # type: ignore[attr-defined]
_NOW = bindparam("now", type_=_MOMENT)
_LATER = Prepared(
    select(col(Checkin.id))
    .where(col(Checkin.series_id) == bindparam("series_id"))
    .where(col(Checkin.opens_at) <= _NOW)
    .where(tuple_(col(Checkin.opens_at), col(Checkin.id)) > tuple_(bindparam("at", type_=_MOMENT), bindparam("id")))
    .where(col(Checkin.deleted_at).is_(None))
    .limit(1)
)
_put_away = (
    update(Checkin)
    .where(col(Checkin.opened_at).is_(None))
    .where(IS_LISTED)
    .values(
        opens_at=null(),
        opening_fault=bindparam("fault"),
        archived_at=_NOW,
        version=col(Checkin.version) + 1,
    )
)
_PUT_AWAY = Prepared(_put_away.where(col(Checkin.id) == bindparam("checkin_id")).where(col(Checkin.opens_at) <= _NOW))
_PUT_AWAY_ALL = Prepared(
    _put_away.where(col(Checkin.series_id) == bindparam("of_series")).where(col(Checkin.opens_at) < _NOW)
)


def is_overtaken(db: Session, checkin: Any, now: datetime) -> bool:
    """Whether another occurrence of its series had its time after it by now, opened or not."""
    return _LATER.first(db, series_id=checkin.series_id, now=now, at=checkin.opens_at, id=checkin.id) is not None


def put_away(db: Session, checkin_id: int, fault: str, now: datetime) -> None:
    """Archive one whose time has come, for this reason; what is open, or waits for a later moment, stays as it is."""
    _PUT_AWAY.run(db, checkin_id=checkin_id, fault=fault, now=now)


def put_away_all(db: Session, series_id: int, fault: str, now: datetime) -> None:
    """The same for all of a series whose time was before this moment."""
    _PUT_AWAY_ALL.run(db, of_series=series_id, fault=fault, now=now)
