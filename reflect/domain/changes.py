"""Telling the class what changed because of its answers: at its home, and above the next check-in's question."""

from collections.abc import Mapping
from datetime import datetime, timedelta
from typing import Any

from sqlmodel import Session

from reflect.domain import checkins
from reflect.domain.capabilities import Capability
from reflect.domain.refusals import Refused
from reflect.domain.responses import read_words
from reflect.domain.sessions import Viewer
from reflect.storage import changes

LONGEST_CHANGE = 500
IS_NEWS_FOR = timedelta(days=30)
"""How long the class is told."""


def of_checkin(db: Session, viewer: Viewer, checkin_id: int) -> tuple[Any, Any]:
    """A closed check-in, and what was told of it so far or None.

    Raises Refused `not_allowed`, `checkin_open` (its answers are not all in), Missing.
    """
    viewer.must(Capability.RESPOND)
    checkin = checkins.of(db, viewer, checkin_id)
    if checkin.closed_at is None:
        raise Refused("checkin_open")
    told = [change for change in changes.of_course(db, viewer.course_id) if change.checkin_id == checkin_id]
    return checkin, told[0] if told else None


def tell(db: Session, viewer: Viewer, checkin_id: int, form: Mapping[str, str], now: datetime) -> None:
    """Say what changed; no words take back what was said. Raises what `of_checkin` raises, FormRefused `change`."""
    of_checkin(db, viewer, checkin_id)
    words = read_words(form.get("change", ""), "change", LONGEST_CHANGE)
    if words:
        changes.tell(db, checkin_id, words, viewer.person_id, now)
    else:
        changes.take_back(db, checkin_id)


def newest(db: Session, viewer: Viewer, now: datetime) -> tuple[Any, Any] | None:
    """The newest change and its check-in, of those that were put to the viewer; None if there is no news."""
    told = [change for change in changes.of_course(db, viewer.course_id) if now - change.told_at < IS_NEWS_FOR]
    if not told:
        return None
    there = {checkin.id: checkin for checkin in checkins.of_course(db, viewer)}
    return next(((change, there[change.checkin_id]) for change in told if change.checkin_id in there), None)
