"""A series: a question put again and again; begun, changed, paused and ended. `occurrences` makes its check-ins."""

import json
from collections.abc import Mapping, Sequence
from datetime import date, datetime, timedelta
from typing import Any

from sqlalchemy import delete
from sqlmodel import Session, col

from reflect.domain import checkins
from reflect.domain.capabilities import Capability
from reflect.domain.checkins import Draft
from reflect.domain.occurrences import MISSED, make, rule_of, upcoming
from reflect.domain.privacy import audiences
from reflect.domain.refusals import FormRefused, Missing
from reflect.domain.schedules import Schedule
from reflect.domain.sessions import Viewer
from reflect.storage import occurrences
from reflect.storage import series as storage
from reflect.storage.checkins import Checkin
from reflect.storage.series import Series
from reflect.storage.tables import key_of


def begin(
    db: Session, viewer: Viewer, fields: Mapping[str, str], schedule: Schedule, min_group_size: int, now: datetime
) -> int:
    """Begin a series from a form's fields; its id. Raises what opening such a check-in now raises of groups that are
    missing, and FormRefused with `opens_on`: `never` where the rule has no day to come."""
    viewer.must(Capability.CREATE_CHECKINS)
    return _begin(db, viewer, _columns(db, viewer, fields, schedule, min_group_size, now), min_group_size, now)


def _begin(
    db: Session,
    viewer: Viewer,
    columns: Mapping[str, Any],
    min_group_size: int,
    now: datetime,
    paused_at: datetime | None = None,
) -> int:
    row = Series(course_id=viewer.course_id, author_id=viewer.person_id, **columns, since_at=now, paused_at=paused_at)
    db.add(row)
    db.flush()
    if paused_at is None:
        make(db, row, min_group_size, now)
    return key_of(row)


def _columns(
    db: Session, viewer: Viewer, fields: Mapping[str, str], schedule: Schedule, min_group_size: int, now: datetime
) -> dict[str, Any]:
    rule = schedule.rule
    assert rule is not None
    if next(rule.after(now), None) is None:
        raise FormRefused({"opens_on": "never"})
    draft = Draft.read(fields)
    promise = Checkin(
        course_id=viewer.course_id,
        min_group_size=min_group_size,
        **checkins.settings_of(db, viewer.course_id, draft),
    )
    try:
        audiences.refuse(db, promise, draft.group_ids, now)
    except FormRefused as refusal:
        # What was asked today does not stand in the way of another day; each occurrence is looked at when it opens.
        if refusal.errors["groups"] != "groups_overlap":
            raise
    return {
        "template": json.dumps(dict(fields)),
        "frequency": rule.frequency,
        "every": rule.every,
        "weekdays": ",".join(map(str, sorted(rule.weekdays))),
        "starts_on": rule.starts_on,
        "at": rule.at.isoformat("minutes"),
        "zone": rule.zone,
        "until_on": rule.until_on,
        "times": rule.times,
        "skips": _listed(rule.skips),
    }


def _listed(days: frozenset[date]) -> str:
    return ",".join(sorted(day.isoformat() for day in days))


def of(db: Session, viewer: Viewer, series_id: int, *, is_held: bool = False) -> Series:
    """A series of the viewer's course that has not ended; any other is Missing. Only for staff."""
    viewer.must(Capability.CREATE_CHECKINS)
    row = db.get(Series, series_id, with_for_update=is_held or None)
    if row is None or row.course_id != viewer.course_id or row.ended_at is not None:
        raise Missing()
    return row


def of_course(db: Session, viewer: Viewer) -> Sequence[Series]:
    """The series of the viewer's course that have not ended, newest first."""
    viewer.must(Capability.CREATE_CHECKINS)
    return storage.of_course(db, viewer.course_id)


def pause(db: Session, viewer: Viewer, series_id: int, now: datetime) -> None:
    """Let nothing open by itself until somebody goes on with it."""
    row = of(db, viewer, series_id, is_held=True)
    row.paused_at = row.paused_at or now
    db.flush()


def resume(db: Session, viewer: Viewer, series_id: int, min_group_size: int, now: datetime) -> None:
    """Go on with a paused series from now; what fell into the pause is not made up for."""
    row = of(db, viewer, series_id, is_held=True)
    if row.paused_at is not None:
        row.paused_at, row.since_at = None, now
        db.flush()
        occurrences.put_away_all(db, series_id, MISSED, now)
        make(db, row, min_group_size, now)


def end(db: Session, viewer: Viewer, series_id: int, now: datetime) -> None:
    """Make no more of it, and take back what is not open yet. What was asked stays as it is."""
    row = of(db, viewer, series_id, is_held=True)
    row.ended_at = now
    _take_back(db, row, date.min)


def edit(
    db: Session,
    viewer: Viewer,
    series_id: int,
    fields: Mapping[str, str],
    schedule: Schedule,
    min_group_size: int,
    now: datetime,
) -> int:
    """Change this and all following occurrences: those from the rule's first day on that are not open yet.

    What comes before that day stays with the old series, which then ends; the id of the series that goes on.
    Raises what `begin` does.
    """
    row = of(db, viewer, series_id, is_held=True)
    assert schedule.rule is not None
    columns = _columns(db, viewer, fields, schedule, min_group_size, now)
    from_on = schedule.rule.starts_on
    if any(day < from_on for day in upcoming(row, now, 1)):
        _take_back(db, row, from_on)
        row.until_on = from_on - timedelta(days=1)
        db.flush()
        return _begin(db, viewer, columns, min_group_size, now, paused_at=row.paused_at)
    _take_back(db, row, date.min)
    for name, value in columns.items():
        setattr(row, name, value)
    row.since_at = now
    db.flush()
    if row.paused_at is None:
        make(db, row, min_group_size, now)
    return key_of(row)


def skip(db: Session, checkin: Checkin) -> None:
    """An occurrence was deleted by itself: its day is left out for good, also once its row is gone."""
    row = db.get(Series, checkin.series_id, with_for_update=True) if checkin.series_id else None
    if row is not None and checkin.occurs_on is not None:
        row.skips = _listed(rule_of(row).skips | {checkin.occurs_on})
        db.flush()


def unskip(db: Session, checkin: Checkin) -> None:
    """The deletion of an occurrence was undone."""
    row = db.get(Series, checkin.series_id, with_for_update=True) if checkin.series_id else None
    if row is not None and checkin.occurs_on is not None:
        row.skips = _listed(rule_of(row).skips - {checkin.occurs_on})
        db.flush()


def _take_back(db: Session, series: Series, from_on: date) -> None:
    """Remove the occurrences from a day on that never opened: nobody but staff has seen them."""
    unopened = delete(Checkin).where(col(Checkin.series_id) == series.id, col(Checkin.opened_at).is_(None))
    db.exec(unopened.where(col(Checkin.occurs_on) >= from_on))
    db.flush()
