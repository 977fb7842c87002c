"""The occurrences of series: prepared ahead (`AHEAD`), each a check-in of its own that opens by itself.

After a time in which nothing ran, only the newest one that is due opens; those before it are put away as missed.
Everything here may be done twice, and by many workers at once: a series' row is held while its occurrences are made,
and the pair of series and day is unique.
"""

import json
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from itertools import islice, takewhile

from sqlalchemy import and_, select
from sqlmodel import Session, col

from reflect.domain import checkins
from reflect.domain.checkins import Draft
from reflect.domain.recurrence import Rule
from reflect.domain.schedules import Schedule
from reflect.storage import groups
from reflect.storage import series as storage
from reflect.storage.checkins import Checkin
from reflect.storage.series import Series
from reflect.storage.tables import key_of

AHEAD = timedelta(days=7)
"""How long before its time an occurrence is prepared, so that it can be looked at and changed by itself."""
LONGEST_STANDSTILL = timedelta(days=100)
"""A series whose last day is longer ago has nothing left to prepare or to put away, however long nothing ran."""


def rule_of(series: Series) -> Rule:
    """The rule of a series."""
    hour, minute = series.at.split(":")
    return Rule(
        frequency=series.frequency,
        starts_on=series.starts_on,
        at=time(int(hour), int(minute)),
        zone=series.zone,
        every=series.every,
        weekdays=frozenset(int(number) for number in series.weekdays.split(",") if number),
        until_on=series.until_on,
        times=series.times,
        skips=frozenset(date.fromisoformat(day) for day in series.skips.split(",") if day),
    )


def template_of(series: Series) -> dict[str, str]:
    """The fields of the form that each occurrence is made from."""
    return {str(name): str(value) for name, value in json.loads(series.template).items()}


def closes_after(series: Series) -> int | None:
    """Minutes that each occurrence stays open; None where somebody closes it."""
    return Schedule.read({**template_of(series), "when": "now"}).closes_after


def upcoming(series: Series, now: datetime, count: int = 5) -> list[date]:
    """The next days it occurs on."""
    return list(islice(rule_of(series).after(max(now, series.since_at)), count))


def made(db: Session, series: Series, since: date = date.min) -> dict[date, Checkin]:
    """Its occurrences from a day on that are check-ins by now, also those that were put away or deleted, and all that
    still wait for their opening."""
    waits = (
        col(Checkin.opened_at).is_(None),
        col(Checkin.archived_at).is_(None),
        col(Checkin.deleted_at).is_(None),
    )
    counts = (col(Checkin.occurs_on) >= since) | and_(*waits)
    rows = db.scalars(select(Checkin).where(col(Checkin.series_id) == series.id, counts))
    return {row.occurs_on: row for row in rows if row.occurs_on is not None}


def to_make(db: Session, now: datetime) -> list[int]:
    """The ids of the series for which `make_all` has something to do, or that cannot be understood."""
    return [key_of(series) for series in _running(db, now) if _is_to_make(db, series, now)]


def _running(db: Session, now: datetime) -> Sequence[Series]:
    return storage.running(db, now.date() - LONGEST_STANDSTILL)


def _is_to_make(db: Session, series: Series, now: datetime) -> bool:
    try:
        work = _work_on(db, series, now)
    except ValueError:
        return True  # the fault is told where it is worked on, and is only this one's
    return bool(work.missing or work.missed)


def make_all(db: Session, min_group_size: int, now: datetime, only: int | None = None) -> int:
    """Prepare the occurrences of all series, or of one, that are soon or due, and put away those that were missed; how
    many new."""
    count = 0
    for series_id in [key_of(series) for series in _running(db, now)] if only is None else [only]:
        row = db.get(Series, series_id, with_for_update=True, populate_existing=True)
        if row is not None and row.paused_at is None and row.ended_at is None:
            count += make(db, row, min_group_size, now)
    return count


def make(db: Session, series: Series, min_group_size: int, now: datetime) -> int:
    """Prepare what is soon or due of one series, whose row is held; how many new."""
    work = _work_on(db, series, now)
    for day in work.missing:
        _prepare(db, series, day, min_group_size)
    for checkin in work.missed:
        checkin.opens_at, checkin.opening_fault, checkin.archived_at = None, "missed", now
    db.flush()
    return len(work.missing)


@dataclass(frozen=True, slots=True)
class _Work:
    """What there is to do for a series now."""

    missing: list[date]
    missed: list[Checkin]


def _work_on(db: Session, series: Series, now: datetime) -> _Work:
    rule = rule_of(series)
    newest = rule.newest(now)
    current = [newest] if newest is not None and rule.moment(newest) >= series.since_at else []
    soon = takewhile(lambda day: rule.moment(day) <= now + AHEAD, rule.after(max(now, series.since_at)))
    days = [*current, *soon]
    before = made(db, series, min(days, default=now.date()))
    missed = [
        checkin
        for day, checkin in before.items()
        if checkin.opened_at is None and checkin.archived_at is None and checkin.deleted_at is None
        if checkin.opens_at is not None and checkin.opens_at <= now
        if day not in current or checkin.opens_at < series.since_at
    ]
    return _Work([day for day in days if day not in before], missed)


def _prepare(db: Session, series: Series, day: date, min_group_size: int) -> None:
    """One occurrence, for those of its groups that there still are."""
    draft = Draft.read(template_of(series))
    there = frozenset(group.id for group in groups.of_course(db, series.course_id))
    occurrence = Checkin(
        course_id=series.course_id,
        author_id=series.author_id,
        **checkins.settings_of(db, series.course_id, draft),
        closes_after=closes_after(series),
        min_group_size=min_group_size,
        opens_at=rule_of(series).moment(day),
        series_id=series.id,
        occurs_on=day,
    )
    db.add(occurrence)
    db.flush()
    checkins.put_to(db, key_of(occurrence), draft.group_ids & there)
