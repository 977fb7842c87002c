"""Keys of the institution's data warehouse, and what was read by name under each."""

from collections.abc import Collection
from datetime import datetime
from typing import Any

from sqlalchemy import ColumnElement, bindparam, exists, select, update
from sqlalchemy.dialects.postgresql import insert
from sqlmodel import Field, Session, col

from reflect.storage.courses import Course
from reflect.storage.prepared import Prepared
from reflect.storage.registrations import Deployment
from reflect.storage.tables import UNORDERED, Table


class ApiKey(Table, table=True):
    """A program's way into the API; the secret itself is never stored."""

    __tablename__ = "api_key"

    id: int | None = Field(default=None, primary_key=True)
    name: str
    secret_hash: bytes = Field(unique=True)
    """SHA-256 of the secret."""
    reads_anonymous: bool
    reads_named: bool
    registration_id: int | None = Field(default=None, foreign_key="registration.id", ondelete="CASCADE", index=True)
    """The only registration whose courses it reads; None for all. It goes with the registration: it must not come to
    read more."""
    made_by: str
    """The administrator's e-mail address."""
    created_at: datetime
    used_in: datetime | None = None
    """The beginning of the hour in which it was last used."""
    revoked_at: datetime | None = None


class KeyAccess(Table, table=True):
    """That named answers of a check-in were read under a key within the hour that begins then."""

    __tablename__ = "key_access"
    __table_args__ = UNORDERED

    checkin_id: int = Field(foreign_key="checkin.id", ondelete="CASCADE", primary_key=True)
    key_id: int = Field(foreign_key="api_key.id", ondelete="CASCADE", primary_key=True, index=True)
    hour: datetime = Field(primary_key=True)


_TABLE = ApiKey.__table__  # type: ignore[attr-defined]
_BY_SECRET = Prepared(
    select(_TABLE).where(col(ApiKey.secret_hash) == bindparam("secret_hash")).where(col(ApiKey.revoked_at).is_(None))
)
_USE = Prepared(
    update(ApiKey)
    .where(col(ApiKey.id) == bindparam("key_id"))
    .where(col(ApiKey.used_in).is_(None) | (col(ApiKey.used_in) < bindparam("this_hour", type_=_TABLE.c.used_in.type)))
    .values(used_in=bindparam("this_hour"))
)
_NOTE = Prepared(
    insert(KeyAccess)
    .values({name: bindparam(name) for name in KeyAccess.model_fields})
    .on_conflict_do_nothing(index_elements=["checkin_id", "key_id", "hour"])
)


def reads_by_name(course_id: Any) -> ColumnElement[bool]:
    """Whether a key that lives now reads named answers of a course; `course_id` may be a column of the statement."""
    return exists(
        select(col(ApiKey.id))
        .join(Course, col(Course.id) == course_id)
        .join(Deployment, col(Deployment.id) == col(Course.deployment_id))
        .where(col(ApiKey.reads_named), col(ApiKey.revoked_at).is_(None))
        .where(col(ApiKey.registration_id).is_(None) | (col(ApiKey.registration_id) == col(Deployment.registration_id)))
        .correlate_except(ApiKey, Course, Deployment)
    )


def by_secret(db: Session, secret_hash: bytes) -> Any:
    """The columns of the key with this secret, or None for one that is unknown or revoked."""
    return _BY_SECRET.first(db, secret_hash=secret_hash)


def use(db: Session, key_id: int, hour: datetime) -> bool:
    """Remember that a key was used in this hour; False if that was known. One update makes all workers agree."""
    return _USE.run(db, key_id=key_id, this_hour=hour) == 1


def note(db: Session, checkin_ids: Collection[int], key_id: int, hour: datetime) -> None:
    """Write down that named answers of these check-ins were read in this hour; once is enough."""
    for checkin_id in sorted(checkin_ids):
        _NOTE.run(db, checkin_id=checkin_id, key_id=key_id, hour=hour)
