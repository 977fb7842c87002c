"""A stay after a launch: begun with a random token, resumed by it, over after an hour of quiet or a school day."""

import secrets
import time
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from hashlib import sha256
from typing import Any, Self

from sqlmodel import Session

from reflect.domain.capabilities import OF_ROLE, STAFF, Capability
from reflect.domain.refusals import Refused
from reflect.storage import sessions
from reflect.storage.prepared import Question

IDLE = timedelta(minutes=60)
LONGEST = timedelta(hours=8)
NEVER = datetime.max.replace(tzinfo=UTC)
SEEN_AGAIN_AFTER = timedelta(minutes=1)
"""A session's last use is written at most this often: reading a page should not cost a durable write."""


@dataclass(frozen=True, slots=True)
class Viewer:
    """Who is looking, where, and as what; made only from a live session."""

    token_hash: bytes
    tab: str
    person_id: int
    course_id: int
    role: str
    is_preview: bool
    locale: str
    sub: str
    name: str
    course_title: str
    frame_ancestors: str
    """Origins of the platform that may hold our pages in a frame, as a CSP source list."""
    is_due: bool
    """Whether the session's last use should be written down."""
    awaits_sign_in: bool = False
    """Whether nothing may be shown yet: first the person signs in at the institution's provider."""
    expires_at: datetime = NEVER
    """When the session is over, however busy it is."""
    is_guest: bool = False
    """Whether the launch named nobody: the same human being may have been here before, as somebody else."""

    def may(self, capability: Capability) -> bool:
        """Whether the role of this session has the capability."""
        return capability in OF_ROLE[self.role]

    def must(self, capability: Capability) -> Self:
        """The viewer, or Refused `not_allowed`."""
        if not self.may(capability):
            raise Refused("not_allowed")
        return self


def fingerprint(token: str) -> bytes:
    """What is stored of a token."""
    return sha256(token.encode()).digest()


def new_tab() -> str:
    """A public handle for a tab; later ones sort after earlier ones."""
    return f"{int(time.time()):08x}{secrets.token_hex(3)}"


@dataclass(frozen=True, slots=True)
class Stay:
    """What a session is begun with."""

    person_id: int
    course_id: int
    role: str
    is_preview: bool
    locale: str
    frame_ancestors: str
    awaits_sign_in: bool = False

    def may(self, capability: Capability) -> bool:
        """Whether the role of this session has the capability."""
        return capability in OF_ROLE[self.role]


def begin(
    db: Session, stay: Stay, now: datetime, until: datetime | None = None, besides: Sequence[Question] = ()
) -> tuple[str, str]:
    """Start a session, which ends after `LONGEST` or at `until`; its public tab handle and its secret token, which is
    nowhere stored. What is to be done `besides` is done before."""
    tab, token = new_tab(), secrets.token_urlsafe(32)
    sessions.start(
        db,
        besides=besides,
        token_hash=fingerprint(token),
        tab=tab,
        person_id=stay.person_id,
        course_id=stay.course_id,
        role=stay.role,
        is_preview=stay.is_preview,
        locale=stay.locale,
        frame_ancestors=stay.frame_ancestors,
        awaits_sign_in=stay.awaits_sign_in,
        created_at=now,
        seen_at=now,
        expires_at=until or now + LONGEST,
    )
    return tab, token


def begin_beside(db: Session, token_hash: bytes, now: datetime) -> tuple[str, str]:
    """Start another session for the viewer of a live one, in the same course and role, that lasts no longer than it.

    Raises Refused `session_missing` if that session is over, or still waits for a sign-in.
    """
    row = sessions.find(db, token_hash)
    viewer = viewer_of(row, now)
    if viewer is None or viewer.awaits_sign_in:
        raise Refused("session_missing")
    stay = Stay(row.person_id, row.course_id, row.role, bool(row.is_preview), row.locale, row.frame_ancestors)
    return begin(db, stay, now, row.expires_at)


def resume(db: Session, token: str, now: datetime) -> Viewer | None:
    """The viewer of a live session; None for an unknown, idle, expired or ended one."""
    return viewer_of(sessions.find(db, fingerprint(token)), now)


def live(db: Session, token_hash: bytes, now: datetime) -> Viewer | None:
    """The viewer of a live session by the fingerprint of its token; None as of `resume`."""
    return viewer_of(sessions.find(db, token_hash), now)


def resume_at(db: Session, token: str, now: datetime, checkin_id: int | None) -> tuple[Viewer | None, bool]:
    """The viewer of a live session, and whether a check-in (if one is asked for) is in their course."""
    if checkin_id is None:
        return resume(db, token, now), True
    row = sessions.find_at_checkin(db, fingerprint(token), checkin_id)
    return viewer_of(row, now), row is not None and row.checkin_id is not None


def asked(token: str, checkin_id: int | None) -> Question:
    """What `resume_at` will ask."""
    return sessions.asked(fingerprint(token), checkin_id)


def resume_each_at(db: Session, asked: Sequence[tuple[str, int, datetime]]) -> list[Viewer | None]:
    """For each (token, check-in, moment) the viewer of its session, if it is live and in the check-in's course."""
    rows = sessions.find_each_at_checkin(db, [(fingerprint(token), checkin_id) for token, checkin_id, _ in asked])
    return [
        viewer_of(row, now) if row is not None and row.checkin_id is not None else None
        for row, (_, _, now) in zip(rows, asked, strict=True)
    ]


def viewer_of(row: Any, now: datetime) -> Viewer | None:
    """The viewer of a session's row; None without a row, and for one that is idle or expired."""
    if row is None or row.expires_at <= now or row.seen_at + IDLE <= now:
        return None
    return Viewer(
        token_hash=row.token_hash,
        tab=row.tab,
        person_id=row.person_id,
        course_id=row.course_id,
        role=_role_of(row),
        is_preview=bool(row.is_preview),
        locale=row.locale,
        sub=row.sub,
        name=row.name,
        course_title=row.course_title,
        frame_ancestors=row.frame_ancestors,
        is_due=row.seen_at + SEEN_AGAIN_AFTER <= now,
        expires_at=row.expires_at,
        awaits_sign_in=bool(row.awaits_sign_in),
        is_guest=bool(row.is_guest),
    )


def _role_of(row: Any) -> str:
    """The role of a session. Staff whom the receipt does not name now (without a `sub`, a test user, gone since) may
    make check-ins and see no answer: whoever answers goes by the receipt."""
    return "author" if row.role in STAFF and not row.is_named else str(row.role)
