"""The occurrences of series: prepared ahead (`AHEAD`), each a check-in of its own that opens by itself.

After a time in which nothing ran, only the newest one that is due opens; `is_missed` says which do not. It needs
nothing of what is made here, so that it holds also where an occurrence cannot be made.
Everything here may be done twice, and by many workers at once: a series' row is held while its occurrences are made,
and the pair of series and day is unique.
"""

import json
from collections.abc import Sequence
from datetime import date, datetime, time, timedelta
from itertools import islice, takewhile
from typing import Any

from sqlalchemy import select
from sqlmodel import Session, col

from reflect.domain import checkins
from reflect.domain.checkins import Draft
from reflect.domain.recurrence import Rule
from reflect.domain.schedules import Schedule
from reflect.storage import groups
from reflect.storage import occurrences as storage
from reflect.storage import series as storage_of_series
from reflect.storage.checkins import Checkin
from reflect.storage.series import Series
from reflect.storage.tables import key_of

AHEAD = timedelta(days=7)
"""How long before its time an occurrence is prepared, so that it can be looked at and changed by itself."""
LONGEST_STANDSTILL = timedelta(days=100)
"""A series whose last day is longer ago is over: nothing is prepared of it, and what still waits opens no more."""
MISSED = "missed"
"""Why one did not open when its time came, where nothing ran then, or its series was paused."""


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
    """Its occurrences from a day on that are check-ins by now, also those that were put away or deleted."""
    of_series = select(Checkin).where(col(Checkin.series_id) == series.id, col(Checkin.occurs_on) >= since)
    return {row.occurs_on: row for row in db.scalars(of_series) if row.occurs_on is not None}


def is_missed(db: Session, checkin: Any, now: datetime) -> bool:
    """Whether an occurrence whose time has come is not to open any more: its series had another time after it, it fell
    into a pause, or its time is longer ago than `LONGEST_STANDSTILL`.

    Another time shows by what is there, as one that was changed by itself has its own, and by the rule, as days that
    nobody prepared have passed as well.
    """
    series = db.get_one(Series, checkin.series_id)
    if checkin.opens_at < max(series.since_at, now - LONGEST_STANDSTILL):
        return True
    return _has_passed(series, checkin, now) or storage.is_overtaken(db, checkin, now)


def _has_passed(series: Series, checkin: Any, now: datetime) -> bool:
    try:
        rule = rule_of(series)
        newest = rule.newest(now)
        return newest is not None and newest != checkin.occurs_on and rule.moment(newest) > checkin.opens_at
    except Exception:
        return False  # a rule that cannot be read says nothing; that is told where something is made by it


def to_make(db: Session, now: datetime) -> list[int]:
    """The ids of the series for which `make_all` has something to do, or that cannot be understood."""
    return [key_of(series) for series in _running(db, now) if _is_to_make(db, series, now)]


def _running(db: Session, now: datetime) -> Sequence[Series]:
    return storage_of_series.running(db, now.date() - LONGEST_STANDSTILL)


def _is_to_make(db: Session, series: Series, now: datetime) -> bool:
    try:
        days = _days(series, now)
    except Exception:
        # Nothing else than its rule was asked: the fault is told where it is worked on, and is only this one's.
        return True
    return bool(_missing(db, series, days))


def make_all(db: Session, min_group_size: int, now: datetime, only: int | None = None) -> int:
    """Prepare the occurrences of all series, or of one, that are soon or due; how many new."""
    count = 0
    for series_id in [key_of(series) for series in _running(db, now)] if only is None else [only]:
        row = db.get(Series, series_id, with_for_update=True, populate_existing=True)
        if row is not None and row.paused_at is None and row.ended_at is None:
            count += make(db, row, min_group_size, now)
    return count


def make(db: Session, series: Series, min_group_size: int, now: datetime) -> int:
    """Prepare what is soon or due of one series, whose row is held; how many new."""
    missing = _missing(db, series, _days(series, now))
    for day in missing:
        _prepare(db, series, day, min_group_size)
    return len(missing)


def _days(series: Series, now: datetime) -> list[date]:
    """The day that is due, and those that are soon."""
    rule = rule_of(series)
    newest = rule.newest(now)
    current = [newest] if newest is not None and rule.moment(newest) >= series.since_at else []
    soon = takewhile(lambda day: rule.moment(day) <= now + AHEAD, rule.after(max(now, series.since_at)))
    return [*current, *soon]


def _missing(db: Session, series: Series, days: Sequence[date]) -> list[date]:
    if not days:
        return []
    before = made(db, series, min(days))
    return [day for day in days if day not in before]


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
