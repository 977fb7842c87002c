"""Administrators and leaders: invited by e-mail address, signed in by an address that works once or by OIDC."""

import re
import secrets
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Self

from sqlalchemy import delete, func, select
from sqlmodel import Session, col

from reflect.domain import audit
from reflect.domain.invitations import LIFETIME, new_id
from reflect.domain.refusals import FormRefused, Missing, Refused
from reflect.domain.sessions import SEEN_AGAIN_AFTER, fingerprint
from reflect.storage import admins
from reflect.storage.admins import Admin, AdminInvitation, AdminSession, AuditEntry, Role
from reflect.storage.registrations import Registration

IDLE = timedelta(minutes=60)
LONGEST = timedelta(hours=12)

_EMAIL = re.compile(r"[^@\s<>]{1,64}@[^@\s<>.]+(\.[^@\s<>.]+)*")


class AdminSessionMissing(Refused):
    """Whoever asks is not signed in to the portal."""

    def __init__(self) -> None:
        super().__init__("admin_session_missing")


@dataclass(frozen=True, slots=True)
class Administrator:
    """Who is signed in; made only from a live session."""

    session_id: int
    admin_id: int
    email: str
    is_due: bool
    """Whether the session's last use should be written down."""
    role: Role = Role.ADMINISTRATOR
    registration_id: int | None = None
    """The only registration whose totals they read; None for all."""

    @property
    def is_leader(self) -> bool:
        """Whether they read the institution's totals and nothing else."""
        return self.role == Role.LEADER


@dataclass(frozen=True, slots=True)
class Appointment:
    """What somebody is invited as; by default an administrator."""

    role: Role = Role.ADMINISTRATOR
    registration_id: int | None = None
    """For a leader of one registration only."""

    @classmethod
    def read(cls, form: Mapping[str, str]) -> Self:
        """From a form's fields `role` and `registration`; raises FormRefused for what cannot be one."""
        role, registration = form.get("role", Role.ADMINISTRATOR), form.get("registration", "")
        if role not in set(Role):
            raise FormRefused({"role": "choose"})
        if role == Role.ADMINISTRATOR or not registration:
            return cls(Role(role))
        if not (registration.isascii() and registration.isdecimal() and len(registration) < 10):
            raise FormRefused({"registration": "choose"})
        return cls(Role(role), int(registration))


ADMINISTRATOR = Appointment()


@dataclass(frozen=True, slots=True)
class Listed:
    """Somebody who may use the portal, with the sessions that are live."""

    admin: Admin
    sessions: tuple[AdminSession, ...]
    registration: str = ""
    """The name of the only registration that a leader reads."""


def invite(db: Session, email: str, actor: str, now: datetime, appointment: Appointment = ADMINISTRATOR) -> str:
    """Make somebody an administrator or a leader and give them a way in; the invitation's id.

    For who is that already it is a new way in. Raises FormRefused `email` (also for who is the other of the two:
    nobody's rights change unseen), `registration`.
    """
    email = email.strip().lower()
    if len(email) > 254 or not _EMAIL.fullmatch(email):
        raise FormRefused({"email": "email"})
    if appointment.registration_id is not None and db.get(Registration, appointment.registration_id) is None:
        raise FormRefused({"registration": "choose"})
    admin = db.scalar(select(Admin).where(col(Admin.email) == email))
    if admin is None:
        admin = Admin(email=email, created_at=now, role=appointment.role, registration_id=appointment.registration_id)
        db.add(admin)
        db.flush()
    elif (admin.role, admin.registration_id) != (appointment.role, appointment.registration_id):
        raise FormRefused({"email": "appointed_otherwise"})
    assert admin.id is not None
    row = AdminInvitation(id=new_id(), admin_id=admin.id, expires_at=now + LIFETIME)
    db.add(row)
    audit.note(db, actor, "leader_invited" if admin.role == Role.LEADER else "admin_invited", email, now)
    return row.id


def invited(db: Session, invitation_id: str, now: datetime) -> str:
    """Whom a live sign-in address is for; raises Refused `invitation_…`."""
    row = db.get(AdminInvitation, invitation_id)
    if row is None:
        raise Refused("invitation_unknown")
    if row.used_at is not None:
        raise Refused("invitation_used")
    if row.expires_at <= now:
        raise Refused("invitation_expired")
    return db.get_one(Admin, row.admin_id).email


def accept(db: Session, invitation_id: str, browser: str, now: datetime) -> str:
    """Use a sign-in address up and begin a session; its secret token, which is nowhere stored."""
    email = invited(db, invitation_id, now)
    if not admins.use_invitation(db, invitation_id, now):
        raise Refused("invitation_used")
    return sign_in(db, email, browser, now)


def sign_in(db: Session, email: str, browser: str, now: datetime) -> str:
    """Begin a session of somebody who is an administrator or a leader already; raises Refused `admin_unknown`."""
    admin = db.scalar(select(Admin).where(col(Admin.email) == email.strip().lower()))
    if admin is None or admin.id is None:
        raise Refused("admin_unknown")
    token = secrets.token_urlsafe(32)
    session = AdminSession(
        token_hash=fingerprint(token),
        admin_id=admin.id,
        browser=browser[:200],
        created_at=now,
        seen_at=now,
        expires_at=now + LONGEST,
    )
    db.add(session)
    audit.note(db, admin.email, "admin_signed_in", admin.email, now)
    return token


def resume(db: Session, token: str, now: datetime) -> Administrator:
    """Who a live session belongs to; raises AdminSessionMissing for an unknown, idle, expired or ended one."""
    row = admins.find_session(db, fingerprint(token))
    if row is None or row.expires_at <= now or row.seen_at + IDLE <= now:
        raise AdminSessionMissing()
    is_due = row.seen_at + SEEN_AGAIN_AFTER <= now
    return Administrator(row.id, row.admin_id, row.email, is_due, Role(row.role), row.registration_id)


def sign_out(db: Session, token: str) -> None:
    """End one's own session."""
    row = db.scalar(select(AdminSession).where(col(AdminSession.token_hash) == fingerprint(token)))
    if row is not None:
        db.delete(row)


def revoke(db: Session, session_id: int, actor: str, now: datetime) -> None:
    """End somebody's session; raises Missing."""
    row = db.get(AdminSession, session_id)
    if row is None:
        raise Missing()
    audit.note(db, actor, "admin_session_ended", db.get_one(Admin, row.admin_id).email, now)
    db.delete(row)


def remove(db: Session, admin_id: int, actor: str, now: datetime) -> None:
    """Let somebody in no more, their sessions included; raises Missing, and Refused `admin_last` for the only one."""
    row = db.get(Admin, admin_id)
    if row is None:
        raise Missing()
    administrators = select(func.count()).select_from(Admin).where(col(Admin.role) == Role.ADMINISTRATOR)
    if row.role == Role.ADMINISTRATOR and db.scalar(administrators) == 1:
        raise Refused("admin_last")
    audit.note(db, actor, "leader_removed" if row.role == Role.LEADER else "admin_removed", row.email, now)
    db.delete(row)


def tidy(db: Session, oldest: datetime, now: datetime) -> int:
    """Forget sessions that are over, sign-in addresses that have expired, and what was done before `oldest`.

    The number of sessions.
    """
    db.execute(delete(AdminInvitation).where(col(AdminInvitation.expires_at) < now))
    db.execute(delete(AuditEntry).where(col(AuditEntry.at) < oldest))
    return admins.sweep_sessions(db, now, now - IDLE)


def listed(db: Session, now: datetime) -> Sequence[Listed]:
    """All administrators and leaders by address, each with their live sessions, the last used first."""
    live = select(AdminSession).where(col(AdminSession.expires_at) > now, col(AdminSession.seen_at) > now - IDLE)
    sessions = db.scalars(live.order_by(col(AdminSession.seen_at).desc())).all()
    is_limited_to = col(Registration.id) == col(Admin.registration_id)
    everybody = select(Admin, col(Registration.name)).outerjoin(Registration, is_limited_to)
    return [
        Listed(admin, tuple(session for session in sessions if session.admin_id == admin.id), name or "")
        for admin, name in db.execute(everybody.order_by(col(Admin.email)))
    ]
