"""A new secret: what the old one protects and must survive is opened with it, and closed with the new one.

Sealed answers are opened in memory only to be sealed again, as bytes that nobody looks into: the new seals have the
sizes of the old ones, new random keys, and the order of these keys, so that no row tells which one it was before.
"""

import secrets
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from cryptography.exceptions import InvalidTag
from cryptography.fernet import InvalidToken
from sqlalchemy import delete, select
from sqlmodel import Session

from reflect.domain import audit, registrations
from reflect.domain.audit import FROM_SHELL
from reflect.domain.privacy.sealing import Sealer
from reflect.domain.refusals import RotationRefused
from reflect.domain.restores import void_invitations
from reflect.keyring import Keyring
from reflect.storage import answers, guests
from reflect.storage.answers import SealedAnswer
from reflect.storage.guests import SealedGuestAnswer
from reflect.storage.identities import Identity
from reflect.storage.registrations import with_private_half


@dataclass(frozen=True, slots=True)
class Rotated:
    """What was closed anew, and what is void, by numbers."""

    keys: int
    """Private keys of registrations."""
    answers: int
    """Sealed answers, guests' included."""
    invitations: int
    """Invitations that were not used, and are void."""
    identities: int
    """Links with the institution's sign-in, which people make anew."""


def rotate(db: Session, old: Keyring, new: Keyring, now: datetime) -> Rotated:
    """Let the new secret open what the old one opened. Raises RotationRefused `secret_other` where that opens not all;
    then nothing is changed."""
    try:
        rotated = Rotated(
            keys=_keys(db, old, new),
            answers=_seals(db, SealedAnswer, answers.keep_sealed, old, new)
            + _seals(db, SealedGuestAnswer, guests.keep_sealed, old, new),
            invitations=void_invitations(db),
            # A keyed hash leads back to nobody, so it cannot be made anew; with a key that leaked it could be guessed.
            identities=db.execute(delete(Identity)).rowcount,  # type: ignore[attr-defined]
        )
    except (InvalidToken, InvalidTag):
        raise RotationRefused("secret_other") from None
    audit.note(db, FROM_SHELL, "secret_changed", "", now)
    db.flush()
    return rotated


def _keys(db: Session, old: Keyring, new: Keyring) -> int:
    rows = with_private_half(db)
    for row in rows:
        row.sealed_private_key = registrations.seal_pem(new, registrations.private_pem(old, row))
    return len(rows)


def _seals(db: Session, table: Any, keep: Any, old: Keyring, new: Keyring) -> int:
    opening, closing = Sealer(old), Sealer(new)
    found = db.execute(select(table.checkin_id, table.seal)).all()
    sealed = [(row[0], secrets.token_bytes(16), opening.reseal(row[0], bytes(row[1]), closing)) for row in found]
    db.execute(delete(table))
    for checkin_id, random_key, seal in sorted(sealed):
        keep(db, checkin_id, random_key, seal)
    return len(sealed)
