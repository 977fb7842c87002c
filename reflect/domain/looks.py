"""Looks at results: whether staff who look again and again would see anything new."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from sqlmodel import Session

from reflect.domain import checkins
from reflect.domain.capabilities import Capability
from reflect.domain.sessions import Viewer, fingerprint, viewer_of
from reflect.storage import sessions

USED_AGAIN_AFTER = timedelta(minutes=5)
"""A page that looks by itself need not say so as often as a person: its session idles up to so much earlier."""


@dataclass(frozen=True, slots=True)
class Look:
    """Somebody with a token, at a check-in, at a moment."""

    token: str
    checkin_id: int
    now: datetime


def at_each(db: Session, looks: Sequence[Look]) -> list[tuple[Viewer, Any] | None]:
    """For each look who looks, and of the check-in what names its state; asked about in one statement for many.

    None where that is not all that there is to say or to do: to whoever may not see results there, has no live session
    (or one that waits), or whose use of it is to be written down.
    """
    rows = sessions.find_each_looking(db, [(fingerprint(look.token), look.checkin_id) for look in looks])
    return [_seen(db, row, look.now) for row, look in zip(rows, looks, strict=True)]


def _seen(db: Session, row: Any, now: datetime) -> tuple[Viewer, Any] | None:
    viewer = viewer_of(row, now)
    if viewer is None or viewer.awaits_sign_in or not viewer.may(Capability.SEE_RESULTS):
        return None
    if row.seen_at + USED_AGAIN_AFTER <= now:
        return None
    return (viewer, row) if checkins.is_there_for(db, viewer, row) else None
