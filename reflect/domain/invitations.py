"""Addresses that work once: each carries the id of a row, signed, so that neither can be used without the other.

An administrator's sign-in address is one; the other lets an LMS register itself (dynamic registration).
"""

import secrets
from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import Literal

from itsdangerous import BadSignature, URLSafeSerializer
from sqlalchemy import delete, select
from sqlmodel import Session, col

from reflect.domain import audit
from reflect.domain.refusals import FormRefused, Refused
from reflect.domain.registrations import LMS, LONGEST
from reflect.keyring import Keyring
from reflect.storage import registering
from reflect.storage.registering import RegistrationDraft, RegistrationInvitation

LIFETIME = timedelta(hours=24)
CLAIM = timedelta(minutes=1)
"""How long one attempt to register may keep others away; an attempt that fails gives the invitation back."""

Purpose = Literal["sign in", "registration"]


def new_id() -> str:
    """The id of an invitation's row."""
    return secrets.token_urlsafe(12)


def signed(keyring: Keyring, purpose: Purpose, invitation_id: str) -> str:
    """What an address carries."""
    return str(_signer(keyring, purpose).dumps(invitation_id))


def read(keyring: Keyring, purpose: Purpose, text: str) -> str:
    """The id that an address carries; raises Refused `invitation_unknown`."""
    try:
        return str(_signer(keyring, purpose).loads(text))
    except BadSignature:
        raise Refused("invitation_unknown") from None


def _signer(keyring: Keyring, purpose: Purpose) -> URLSafeSerializer:
    return URLSafeSerializer(keyring.key_for(f"invitation to {purpose}"))


def must_be_live(row: RegistrationInvitation | None, now: datetime) -> RegistrationInvitation:
    """The invitation; raises Refused `invitation_unknown`, `invitation_used`, `invitation_expired`."""
    if row is None:
        raise Refused("invitation_unknown")
    if row.used_at is not None:
        raise Refused("invitation_used")
    if row.expires_at <= now:
        raise Refused("invitation_expired")
    return row


def invite(db: Session, name: str, lms: str, actor: str, now: datetime) -> str:
    """Let one LMS register itself within a day; the id of the invitation. Raises FormRefused."""
    faults = {} if len(name) <= LONGEST else {"name": "too_long"}
    if lms not in LMS:
        faults["lms"] = "choose"
    if faults:
        raise FormRefused(faults)
    row = RegistrationInvitation(id=new_id(), name=name, lms=lms, made_by=actor, expires_at=now + LIFETIME)
    db.add(row)
    audit.note(db, actor, "registration_invited", name or lms, now)
    return row.id


def find(db: Session, invitation_id: str, now: datetime) -> RegistrationInvitation:
    """A live invitation for an LMS; raises what `must_be_live` raises."""
    return must_be_live(db.get(RegistrationInvitation, invitation_id), now)


def claim(db: Session, invitation_id: str, now: datetime) -> RegistrationInvitation:
    """Keep a live invitation for one attempt; raises Refused `invitation_used` if another is under way."""
    row = find(db, invitation_id, now)
    if not registering.claim(db, invitation_id, now, now - CLAIM):
        raise Refused("invitation_used")
    return row


def give_back(db: Session, invitation_id: str) -> None:
    """The attempt came to nothing: the invitation may be used again."""
    if row := db.get(RegistrationInvitation, invitation_id):
        row.claimed_at = None


def spend(db: Session, invitation_id: str, registration_id: int, now: datetime) -> None:
    """The LMS is registered: the invitation is used up."""
    row = db.get_one(RegistrationInvitation, invitation_id)
    row.used_at, row.registration_id = now, registration_id


def withdraw(db: Session, invitation_id: str, actor: str, now: datetime) -> None:
    """Take an invitation back before it is used."""
    row = find(db, invitation_id, now)
    db.delete(row)
    audit.note(db, actor, "registration_invitation_withdrawn", row.name or row.lms, now)


def tidy(db: Session, oldest: datetime, now: datetime) -> None:
    """Forget invitations that can no more be used, and drafts that nobody has touched since `oldest`."""
    db.execute(delete(RegistrationInvitation).where(col(RegistrationInvitation.expires_at) < now))
    db.execute(delete(RegistrationDraft).where(col(RegistrationDraft.changed_at) < oldest))


def waiting(db: Session, now: datetime) -> Sequence[RegistrationInvitation]:
    """Invitations that can still be used, the newest first."""
    live = select(RegistrationInvitation).where(
        col(RegistrationInvitation.used_at).is_(None), col(RegistrationInvitation.expires_at) > now
    )
    return db.scalars(live.order_by(col(RegistrationInvitation.expires_at).desc())).all()
