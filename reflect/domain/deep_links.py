"""Choosing content for the platform's own dialog: what may be chosen, and what is chosen."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlmodel import Session

from reflect.domain.capabilities import Capability
from reflect.domain.checkins import open_prepared
from reflect.domain.periods import Period
from reflect.domain.refusals import Missing, Refused
from reflect.domain.sessions import Viewer
from reflect.storage import checkins
from reflect.storage.checkins import Checkin
from reflect.storage.sessions import DeepLink

HOME = "home"
"""The choice of the course's home, where a check-in is chosen by its id."""
LINK = "ltiResourceLink"
"""The one kind of content that we have (Deep Linking 2.0 3.2)."""


@dataclass(frozen=True, slots=True)
class Wish:
    """What a platform's content dialog wants back."""

    return_url: str
    data: str | None
    accept_types: str
    """Kinds of content it takes, separated by spaces."""
    accept_multiple: bool
    accept_lineitem: bool | None
    """None where the platform does not say."""


@dataclass(frozen=True, slots=True)
class Choice:
    """What a teacher chose: check-ins, and perhaps the home of the course."""

    checkins: tuple[Any, ...]
    wants_home: bool
    wants_mark: bool


def begin(db: Session, token_hash: bytes, wish: Wish) -> None:
    """Remember what the dialog wants for as long as its session lives."""
    db.add(
        DeepLink(
            token_hash=token_hash,
            return_url=wish.return_url,
            data=wish.data,
            accept_types=wish.accept_types,
            accept_multiple=wish.accept_multiple,
            accept_lineitem=wish.accept_lineitem,
        )
    )
    db.flush()


def of(db: Session, viewer: Viewer) -> DeepLink:
    """The dialog of this session; raises Refused `deep_link_missing` for any other session."""
    viewer.must(Capability.CREATE_CHECKINS)
    found = db.get(DeepLink, viewer.token_hash)
    if found is None:
        raise Refused("deep_link_missing")
    return found


def find(db: Session, viewer: Viewer) -> DeepLink | None:
    """The dialog of this session, or None for an ordinary one."""
    return db.get(DeepLink, viewer.token_hash)


def place(
    db: Session, viewer: Viewer, choice: Choice, available: Period | None, min_group_size: int, now: datetime
) -> None:
    """Open what is placed and was only prepared: now, or once students are to see it; raises what opening raises."""
    starts_at = available.starts_at if available else None
    for row in choice.checkins:
        if starts_at is not None and starts_at > now:
            checkins.set_opening(db, row.id, starts_at)
            # The dialog's word is newer than what its form once said.
            db.get_one(Checkin, row.id).typed_times = None
            db.flush()
        else:
            open_prepared(db, viewer, row.id, min_group_size, now)


def choose(db: Session, viewer: Viewer, chosen: Sequence[str], wants_mark: bool) -> Choice:
    """The check-ins (by id) and perhaps `home` that were chosen.

    Raises Refused `deep_link_type`, `deep_link_too_many`, Missing.
    """
    wish = of(db, viewer)
    if chosen and LINK not in wish.accept_types.split():
        raise Refused("deep_link_type")
    if len(chosen) > 1 and not wish.accept_multiple:
        raise Refused("deep_link_too_many")
    ids = {int(value) for value in chosen if value.isdecimal() and len(value) < 10}
    rows = [row for row in checkins.of_course(db, viewer.course_id) if row.id in ids]
    if len(rows) != len(ids) or len(ids) + (HOME in chosen) != len(set(chosen)):
        raise Missing()
    return Choice(tuple(rows), HOME in chosen, wants_mark and wish.accept_lineitem is not False)
