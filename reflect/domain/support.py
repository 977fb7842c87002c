"""When adults are there for students, and whom to call when nobody is; an administrator of the portal keeps it."""

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from functools import cache
from itertools import pairwise
from typing import Self
from zoneinfo import ZoneInfo, available_timezones

from sqlalchemy import delete
from sqlmodel import Session

from reflect.domain import audit
from reflect.domain.refusals import FormRefused, Missing
from reflect.domain.writing import in_one_line, is_readable
from reflect.storage import support
from reflect.storage.support import ONLY, CrisisLine, StaffedHours, Support

DAYS = ("monday", "tuesday", "wednesday", "thursday", "friday", "saturday", "sunday")
"""The fields of the form, in the order of `date.weekday`."""
WHOLE_DAY = 24 * 60
LONGEST_NAME = 100
LONGEST_CONTACT = 200

_PERIOD = re.compile(r"([0-2]?\d)[:.]([0-5]\d)\s*[-–]\s*([0-2]?\d)[:.]([0-5]\d)", re.ASCII)
_NUMBER = re.compile(r"\+?[0-9(][0-9 ()/.-]{1,30}", re.ASCII)
_ADDRESS = re.compile(r"https://[^\s/?#@<>\"'\\]+([/?#][^\s<>\"'\\]*)?")
_LANGUAGE = re.compile(r"[a-z]{2,3}(-[a-z0-9]{2,8})*", re.ASCII | re.IGNORECASE)

Period = tuple[int, int]
"""From and until, in minutes after midnight."""


@dataclass(frozen=True, slots=True)
class Week:
    """The hours of a week by wall clock, and a day before which nobody is there."""

    zone: str = ""
    """A time zone (IANA); empty until an administrator has said which, for a wrong one would make the hours untrue."""
    days: tuple[tuple[Period, ...], ...] = ((),) * 7
    back_on: date | None = None

    @classmethod
    def read(cls, form: Mapping[str, str]) -> Self:
        """From a form's fields: each day's periods as text, `hours_zone`, `back_on`; raises FormRefused."""
        errors: dict[str, str] = {}
        days = [_periods(form.get(day, "")) for day in DAYS]
        errors |= {day: "hours" for day, periods in zip(DAYS, days, strict=True) if periods is None}
        zone, typed = form.get("hours_zone", "").strip(), form.get("back_on", "").strip()
        if zone not in _zones():
            errors["hours_zone"] = "zone_unknown"
        back_on = _day(typed)
        if typed and back_on is None:
            errors["back_on"] = "day"
        if errors:
            raise FormRefused(errors)
        return cls(zone, tuple(periods or () for periods in days), back_on)

    def texts(self) -> dict[str, str]:
        """The form's fields again."""
        days = {day: ", ".join(map(_text, periods)) for day, periods in zip(DAYS, self.days, strict=True)}
        return {**days, "hours_zone": self.zone, "back_on": self.back_on.isoformat() if self.back_on else ""}


@dataclass(frozen=True, slots=True)
class Presence:
    """Whether somebody is usually there, as far as the hours say."""

    is_known: bool
    """Whether any hours are set."""
    is_there: bool = False
    changes_at: datetime | None = None
    """Until when somebody is there, or from when again; in the zone of the hours."""


def week(db: Session) -> Week:
    """The hours as they are set."""
    row = db.get(Support, ONLY)
    days: list[list[Period]] = [[] for _ in DAYS]
    for hours in support.hours(db):
        days[hours.weekday].append((hours.starts, hours.ends))
    return Week(row.zone, tuple(map(tuple, days)), row.back_on) if row else Week()


def presence(found: Week, now: datetime) -> Presence:
    """Whether somebody is there at a moment. Wall-clock hours stay what they are when the clocks change."""
    if not any(found.days):
        return Presence(is_known=False)
    here = now.astimezone(ZoneInfo(found.zone))
    first = max(here.date(), found.back_on or here.date())
    for day in (first + timedelta(days) for days in range(8)):
        for starts, ends in found.days[day.weekday()]:
            from_, until = _moment(day, starts, found.zone), _moment(day, ends, found.zone)
            if from_ <= now < until:
                return Presence(is_known=True, is_there=True, changes_at=until.astimezone(here.tzinfo))
            if from_ > now:
                return Presence(is_known=True, changes_at=from_.astimezone(here.tzinfo))
    return Presence(is_known=True)


def set_week(db: Session, wanted: Week, actor: str, now: datetime) -> None:
    """Set the hours anew."""
    db.execute(delete(StaffedHours))
    for weekday, periods in enumerate(wanted.days):
        db.add_all(StaffedHours(weekday=weekday, starts=starts, ends=ends) for starts, ends in periods)
    db.merge(Support(id=ONLY, zone=wanted.zone, back_on=wanted.back_on))
    audit.note(db, actor, "staffed_hours_changed", wanted.zone, now)
    db.flush()


def lines_for(db: Session, tags: Sequence[str]) -> Sequence[CrisisLine]:
    """The lines for readers of these languages and for everybody; all, before it would be none."""
    lines = support.lines(db)
    wanted = {tag.replace("_", "-").lower() for tag in tags}
    wanted |= {tag.partition("-")[0] for tag in wanted}
    fitting = [line for line in lines if not line.language or line.language.lower() in wanted]
    return fitting or lines


def add_line(db: Session, form: Mapping[str, str], actor: str, now: datetime) -> None:
    """Add a line from a form's fields `line_name`, `contact` and `line_language`; raises FormRefused."""
    name, contact = in_one_line(form.get("line_name", "")), form.get("contact", "").strip()
    language, errors = form.get("line_language", "").strip(), {}
    if not name:
        errors["line_name"] = "required"
    elif len(name) > LONGEST_NAME or not is_readable(name):
        errors["line_name"] = "name_too_long" if is_readable(name) else "question_unprintable"
    if len(contact) > LONGEST_CONTACT or not (_NUMBER.fullmatch(contact) or _ADDRESS.fullmatch(contact)):
        errors["contact"] = "contact"
    if language and not _LANGUAGE.fullmatch(language):
        errors["line_language"] = "language_tag"
    if errors:
        raise FormRefused(errors)
    db.add(CrisisLine(language=language, name=name, contact=contact))
    audit.note(db, actor, "crisis_line_added", name, now)


def remove_line(db: Session, line_id: int, actor: str, now: datetime) -> None:
    """Take a line away; raises Missing."""
    line = db.get(CrisisLine, line_id)
    if line is None:
        raise Missing()
    audit.note(db, actor, "crisis_line_removed", line.name, now)
    db.delete(line)


def _periods(typed: str) -> tuple[Period, ...] | None:
    """`08:00–12:30, 13:30–16:00` in order and apart, or None for anything else."""
    found = []
    for part in filter(None, (part.strip() for part in typed.split(","))):
        match = _PERIOD.fullmatch(part)
        if match is None:
            return None
        numbers = [int(number) for number in match.groups()]
        found.append((numbers[0] * 60 + numbers[1], numbers[2] * 60 + numbers[3]))
    moments = [minute for period in found for minute in period]
    is_rising = all(earlier < later for earlier, later in pairwise(moments))
    return tuple(found) if is_rising and max(moments, default=0) <= WHOLE_DAY else None


def _text(period: Period) -> str:
    return "–".join(f"{minute // 60:02}:{minute % 60:02}" for minute in period)


def _day(typed: str) -> date | None:
    try:
        return date.fromisoformat(typed)
    except ValueError:
        return None


def _moment(day: date, minute: int, zone: str) -> datetime:
    """A wall clock's moment, in UTC; the end of a day is the beginning of the next."""
    over, rest = divmod(minute, WHOLE_DAY)
    local = datetime.combine(day + timedelta(over), time(rest // 60, rest % 60), ZoneInfo(zone))
    return local.astimezone(UTC)


@cache
def _zones() -> frozenset[str]:
    return frozenset(available_timezones())
