"""Our key pairs for a platform: one signs, retired ones are published for an overlap, one that leaked ends at once."""

from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import delete, select, update
from sqlmodel import Session, col

from reflect.domain import audit, registrations
from reflect.domain.refusals import Missing
from reflect.storage.registrations import RegistrationKey, public_jwks

OVERLAP = timedelta(days=7)
"""For how long a retired key stays published: what it signed may still be under way, and a platform that keeps our
keyset for a day and then fails to fetch it has some days left."""
NO_PRIVATE_HALF = b""


def published(db: Session, now: datetime) -> Sequence[str]:
    """The public halves that platforms may check our signatures by, as JSON."""
    return public_jwks(db, now - OVERLAP)


def of(db: Session, registration_id: int, now: datetime) -> list[RegistrationKey]:
    """Our keys for a platform, the newest first; all are published, the first one signs."""
    own = select(RegistrationKey).where(
        col(RegistrationKey.registration_id) == registration_id,
        col(RegistrationKey.retired_at).is_(None) | (col(RegistrationKey.retired_at) > now - OVERLAP),
    )
    return list(db.scalars(own.order_by(col(RegistrationKey.id).desc())))


def add(db: Session, registration_id: int, key: Mapping[str, Any], now: datetime) -> None:
    """Rotate: sign with a new key from now on, and keep the old ones published for an overlap; raises Missing.

    Nothing is signed with a retired key, so that its private half goes at once. `key` comes from
    `registrations.new_key`.
    """
    registrations.find(db, registration_id)
    signing = (col(RegistrationKey.registration_id) == registration_id, col(RegistrationKey.retired_at).is_(None))
    db.execute(update(RegistrationKey).where(*signing).values(retired_at=now, sealed_private_key=NO_PRIVATE_HALF))
    db.add(RegistrationKey(registration_id=registration_id, created_at=now, **key))


def revoke(
    db: Session, registration_id: int, key_id: int, successor: Mapping[str, Any], actor: str, now: datetime
) -> None:
    """Publish a key no more, because somebody else may have it; raises Missing.

    If it was the one that signs, `successor` does from now on. Both in one transaction, and so before anything is
    signed with the successor: a platform that fetches our keyset then does not find the leaked key in it.
    """
    name = registrations.find(db, registration_id).registration.name
    key = db.get(RegistrationKey, key_id, with_for_update=True)
    if key is None or key.registration_id != registration_id:
        raise Missing()
    audit.note(db, actor, "key_revoked", f"{name}: {key.kid}", now)
    if key.retired_at is None:
        add(db, registration_id, successor, now)
        audit.note(db, actor, "key_rotated", name, now)
    db.execute(delete(RegistrationKey).where(col(RegistrationKey.id) == key_id))


def tidy(db: Session, now: datetime) -> None:
    """Forget keys whose overlap is over, and private halves that sign nothing any more (an older release kept them)."""
    db.execute(delete(RegistrationKey).where(col(RegistrationKey.retired_at) <= now - OVERLAP))
    kept = (col(RegistrationKey.retired_at).is_not(None), col(RegistrationKey.sealed_private_key) != NO_PRIVATE_HALF)
    db.execute(update(RegistrationKey).where(*kept).values(sealed_private_key=NO_PRIVATE_HALF))
