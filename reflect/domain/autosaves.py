"""A form that saves itself as a prepared check-in while it is filled in, and becomes one check-in when it is sent."""

import re
from collections.abc import Mapping
from datetime import datetime

from sqlalchemy import delete, select
from sqlmodel import Session, col

from reflect.domain import checkins, lifecycle
from reflect.domain.capabilities import Capability
from reflect.domain.checkins import Draft
from reflect.domain.schedules import Schedule
from reflect.domain.sessions import Viewer
from reflect.storage import checkins as storage
from reflect.storage.checkins import Checkin

KEY = re.compile("[0-9a-f]{32}", re.ASCII)


def key_in(form: Mapping[str, str]) -> str | None:
    """The form's own key, if it has one."""
    found = KEY.fullmatch(form.get("draft_key", ""))
    return found[0] if found else None


def find(db: Session, viewer: Viewer, key: str | None) -> Checkin | None:
    """What the viewer's form with this key has become so far, held until commit."""
    if key is None:
        return None
    mine = select(Checkin).where(col(Checkin.course_id) == viewer.course_id, col(Checkin.draft_key) == key)
    return db.scalar(mine.where(col(Checkin.author_id) == viewer.person_id).with_for_update())


def save(
    db: Session, viewer: Viewer, key: str | None, draft: Draft, schedule: Schedule, min_group_size: int, now: datetime
) -> int:
    """Prepare a check-in, or bring the one that this form has become up to date; its id.

    Once that has been opened, put away or deleted, a late or second sending changes nothing. Raises what
    `checkins.prepare` does.
    """
    viewer.must(Capability.CREATE_CHECKINS)
    row = find(db, viewer, key)
    if row is None:
        checkin_id = checkins.prepare(db, viewer, draft, min_group_size, now)
        row = db.get_one(Checkin, checkin_id)
        row.draft_key = key
    elif row.opened_at is None and row.archived_at is None and row.deleted_at is None:
        lifecycle.edit(db, viewer, row.id or 0, draft, min_group_size, now, schedule.closes_after)
    else:
        return row.id or 0
    row.closes_after = schedule.closes_after
    db.flush()
    return row.id or 0


def send(
    db: Session, viewer: Viewer, key: str | None, draft: Draft, schedule: Schedule, min_group_size: int, now: datetime
) -> int:
    """Open the check-in of a form now or, by its schedule, later; its id. Raises what `save` does."""
    checkin_id = save(db, viewer, key, draft, schedule, min_group_size, now)
    put(db, viewer, checkin_id, schedule, min_group_size, now)
    return checkin_id


def put(db: Session, viewer: Viewer, checkin_id: int, schedule: Schedule, min_group_size: int, now: datetime) -> None:
    """Open a prepared check-in now, or let it open by itself later. Raises what `open_prepared` does."""
    if schedule.opens_at is not None and schedule.opens_at > now:
        storage.set_opening(db, checkin_id, schedule.opens_at)
    elif (row := db.get(Checkin, checkin_id)) is not None and row.deleted_at is None:
        checkins.open_prepared(db, viewer, checkin_id, min_group_size, now)


def discard(db: Session, viewer: Viewer, key: str | None) -> None:
    """Forget the draft of a form that has become something else."""
    row = find(db, viewer, key)
    if row is not None and row.opened_at is None:
        db.exec(delete(Checkin).where(col(Checkin.id) == row.id))
