"""The audit log: who did what in the portal, when, and about what. It holds no secrets."""

from collections.abc import Sequence
from datetime import datetime

from sqlalchemy import func, select
from sqlmodel import Session, col

from reflect.storage.admins import AuditEntry

FROM_SHELL = "reflect"
"""The actor of what is done by the command of this name, which knows no e-mail addresses."""
MOST_SHOWN = 200


def note(db: Session, actor: str, action: str, about: str, now: datetime) -> None:
    """Write down a deed, in the transaction that does it."""
    db.add(AuditEntry(at=now, actor=actor, action=action, about=about))


def newest(db: Session) -> Sequence[AuditEntry]:
    """The last deeds, newest first."""
    return db.scalars(select(AuditEntry).order_by(col(AuditEntry.id).desc()).limit(MOST_SHOWN)).all()


def last_at(db: Session, actor: str, action: str) -> datetime | None:
    """When somebody last did this; None where nothing is written of it."""
    entries = select(func.max(col(AuditEntry.at))).where(col(AuditEntry.actor) == actor)
    found: datetime | None = db.scalar(entries.where(col(AuditEntry.action) == action))
    return found
