"""A window of its own for a page that stands in a frame: the same viewer, in a session that begins where cookies do."""

import secrets
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Self

from sqlmodel import Session

from reflect.domain import sessions
from reflect.domain.refusals import Refused
from reflect.domain.sessions import Viewer
from reflect.storage.sessions import use_state

LIFETIME = timedelta(minutes=5)
"""How long a handover may lie in a page; pages with a script fetch a fresh one each minute."""


@dataclass(frozen=True, slots=True)
class Handover:
    """What a page hands to a new window, sealed: whose session it stands in, and what to show there."""

    id: str
    """Makes it good for one window."""
    session: str
    """Fingerprint of the session's token (hexadecimal), which begins nothing by itself."""
    place: str
    """The path of the page to show."""

    @classmethod
    def of(cls, viewer: Viewer, place: str) -> Self:
        """A new one, for a page that the viewer has open."""
        return cls(secrets.token_hex(16), viewer.token_hash.hex(), place)


def open(db: Session, handover: Handover, now: datetime) -> tuple[str, str]:
    """Use a handover up, and begin a session beside the one it came from; its public tab handle and secret token.

    The new session ends by itself when the old one would have ended at the latest. Leaving one does not end the other.
    Raises Refused `window_used` on a second try, `session_missing` if the session it came from is over.
    """
    if not use_state(db, f"window {handover.id}", now + LIFETIME):
        raise Refused("window_used")
    return sessions.begin_beside(db, bytes.fromhex(handover.session), now)
