"""Who may use the portal, administrators and leaders: how they get in, their sessions, and what they did."""

from datetime import datetime
from enum import StrEnum
from typing import Any

from sqlalchemy import bindparam, delete, select, update
from sqlmodel import Field, Session, col

from reflect.storage.prepared import Prepared
from reflect.storage.tables import Table


class Role(StrEnum):
    """What somebody may do in the portal."""

    ADMINISTRATOR = "administrator"
    LEADER = "leader"
    """Reads the institution's totals, and nothing else."""


class Admin(Table, table=True):
    """Someone who may use the portal; the e-mail address, in lower case, is who they are."""

    id: int | None = Field(default=None, primary_key=True)
    email: str = Field(unique=True)
    created_at: datetime
    role: str = Field(default=Role.ADMINISTRATOR, sa_column_kwargs={"server_default": Role.ADMINISTRATOR})
    registration_id: int | None = Field(default=None, foreign_key="registration.id", ondelete="CASCADE", index=True)
    """The only registration whose totals a leader reads; None for all."""


class AdminInvitation(Table, table=True):
    """A sign-in address that works once; the address carries the id, signed, so that the row alone opens nothing."""

    __tablename__ = "admin_invitation"

    id: str = Field(primary_key=True)
    admin_id: int = Field(foreign_key="admin.id", ondelete="CASCADE", index=True)
    expires_at: datetime
    used_at: datetime | None = None


class AdminSession(Table, table=True):
    """One browser's stay in the portal; the token itself is never stored."""

    __tablename__ = "admin_session"

    id: int | None = Field(default=None, primary_key=True)
    token_hash: bytes = Field(unique=True)
    """SHA-256 of the bearer's token."""
    admin_id: int = Field(foreign_key="admin.id", ondelete="CASCADE", index=True)
    browser: str
    """What the browser calls itself, so that its owner can tell one session from another."""
    created_at: datetime
    seen_at: datetime
    expires_at: datetime


class AuditEntry(Table, table=True):
    """One thing that an administrator did; it stays when the administrator or the thing has gone."""

    __tablename__ = "audit_entry"

    id: int | None = Field(default=None, primary_key=True)
    at: datetime = Field(index=True)
    actor: str
    """An e-mail address, or where the deed came from."""
    action: str
    about: str


_FIND = Prepared(
    select(
        AdminSession.__table__.c["id", "admin_id", "seen_at", "expires_at"],  # type: ignore[attr-defined]
        *Admin.__table__.c["email", "role", "registration_id"],  # type: ignore[attr-defined]
    )
    .join(Admin, col(Admin.id) == col(AdminSession.admin_id))
    .where(col(AdminSession.token_hash) == bindparam("token_hash"))
)
_SEEN = Prepared(
    update(AdminSession).where(col(AdminSession.id) == bindparam("session_id")).values(seen_at=bindparam("now"))
)
_USE = Prepared(
    update(AdminInvitation)
    .where(col(AdminInvitation.id) == bindparam("invitation_id"))
    .where(col(AdminInvitation.used_at).is_(None))
    .values(used_at=bindparam("now"))
)
_SWEEP = Prepared(
    delete(AdminSession).where(
        (col(AdminSession.expires_at) < bindparam("now")) | (col(AdminSession.seen_at) < bindparam("idle_since"))
    )
)


def find_session(db: Session, token_hash: bytes) -> Any:
    """The session of a token (id, admin_id, seen_at, expires_at, email, role, registration_id), or
    None; it may have expired."""
    return _FIND.first(db, token_hash=token_hash)


def mark_seen(db: Session, session_id: int, now: datetime) -> None:
    """Remember that the session was used, so that idleness counts from here."""
    _SEEN.run(db, session_id=session_id, now=now)


def use_invitation(db: Session, invitation_id: str, now: datetime) -> bool:
    """Use an invitation up; False if it already was. One update makes two browsers at once agree."""
    return _USE.run(db, invitation_id=invitation_id, now=now) == 1


def sweep_sessions(db: Session, now: datetime, idle_since: datetime) -> int:
    """Delete the sessions that are over; the number of rows."""
    return _SWEEP.run(db, now=now, idle_since=idle_since)
