"""A form that saves itself as a prepared check-in while it is filled in, and becomes one check-in when it is sent."""

import re
from collections.abc import Mapping
from datetime import datetime

from sqlalchemy import delete, select
from sqlmodel import Session, col

from reflect.domain import checkins, lifecycle, series
from reflect.domain.capabilities import Capability
from reflect.domain.checkins import Draft
from reflect.domain.refusals import FormRefused
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
    elif is_prepared(row):
        lifecycle.edit(db, viewer, row.id or 0, draft, min_group_size, now, schedule)
    else:
        return row.id or 0
    schedule.note_in(row)
    db.flush()
    return row.id or 0


def send(
    db: Session, viewer: Viewer, key: str | None, draft: Draft, schedule: Schedule, min_group_size: int, now: datetime
) -> int:
    """Open the check-in of a form now or, by its schedule, later; its id. Raises what `save` and `put` do."""
    checkin_id = save(db, viewer, key, draft, schedule, min_group_size, now)
    put(db, viewer, checkin_id, schedule, min_group_size, now)
    return checkin_id


def put(db: Session, viewer: Viewer, checkin_id: int, schedule: Schedule, min_group_size: int, now: datetime) -> None:
    """Open a prepared check-in now, or let it open by itself later; one that is open or deleted stays as it is.

    Raises FormRefused with `opens_on`: `moment_past`, and what `open_prepared` does.
    """
    row = db.get(Checkin, checkin_id)
    if row is None or row.deleted_at is not None or row.opened_at is not None:
        return
    if schedule.opens_at is None:
        checkins.open_prepared(db, viewer, checkin_id, min_group_size, now)
    else:
        _plan(db, checkin_id, schedule, now)


def replan(db: Session, checkin_id: int, schedule: Schedule, now: datetime) -> None:
    """Save one that was edited: what is planned moves to its new time, or is planned no more; a draft stays a draft.

    Raises FormRefused with `opens_on`: `moment_past`.
    """
    row = db.get_one(Checkin, checkin_id)
    if row.opens_at is not None and row.opened_at is None:
        _plan(db, checkin_id, schedule, now)


def _plan(db: Session, checkin_id: int, schedule: Schedule, now: datetime) -> None:
    if schedule.opens_at is not None and schedule.opens_at <= now:
        raise FormRefused({"opens_on": "moment_past"})
    storage.set_opening(db, checkin_id, schedule.opens_at)


def is_prepared(row: Checkin) -> bool:
    """Whether it has not come to anything yet, so that a form that is sent may change it."""
    return row.opened_at is None and row.archived_at is None and row.deleted_at is None


def is_draft(row: Checkin) -> bool:
    """Whether nothing becomes of it by itself and nobody has seen it: only such a one may change while it is typed."""
    return row.opens_at is None and is_prepared(row)


def may_repeat(row: Checkin) -> bool:
    """Whether this is a form's own draft and nothing else yet, so that a series may take its place."""
    return row.draft_key is not None and row.opens_at is None and row.opened_at is None and row.series_id is None


def repeat(
    db: Session,
    viewer: Viewer,
    checkin_id: int,
    fields: Mapping[str, str],
    schedule: Schedule,
    min_group_size: int,
    now: datetime,
) -> int:
    """Begin a series in the place of a draft, which is gone then; the series' id.

    Raises FormRefused with `when`: `choose` for a check-in that is more than a draft, and what `series.begin` does.
    """
    row = db.get_one(Checkin, checkin_id)
    if not may_repeat(row):
        raise FormRefused({"when": "choose"})
    db.delete(row)
    db.flush()
    return series.begin(db, viewer, fields, schedule, min_group_size, now)


def discard(db: Session, viewer: Viewer, key: str | None) -> None:
    """Forget the draft of a form that has become something else."""
    row = find(db, viewer, key)
    if row is not None and row.opened_at is None:
        db.exec(delete(Checkin).where(col(Checkin.id) == row.id))
