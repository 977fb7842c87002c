"""When a check-in is put: now, later, or again and again; and when it closes by itself. As a teacher's form says it."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date, datetime, time
from typing import Any, Self

from sqlmodel import Session

from reflect.domain.periods import YEARS, is_left_out, local, moment_of, zones
from reflect.domain.recurrence import FREQUENCIES, Rule
from reflect.domain.refusals import FormRefused
from reflect.domain.sessions import Viewer
from reflect.storage import groups, people
from reflect.storage.people import Person
from reflect.storage.series import Series

WHENS = ("now", "later", "repeat")
UNITS = {"minutes": 1, "hours": 60, "days": 24 * 60}
GROUP = "group-"
"""A form's field that chooses a group is called so, with the group's id."""
FIELDS = ("when", "opens_on", "closes_after", "closes_unit", "frequency", "every", "ends", "until_on", "times", "skips",
          "clock_zone", *(f"weekday-{number}" for number in range(7)))  # fmt: skip
"""The form's fields that say when; all others say what."""
EMPTY = {**dict.fromkeys(FIELDS, ""), "when": "now", "closes_unit": "minutes", "frequency": "daily", "every": "2",
         "ends": "never", "follow_ups": ""}  # fmt: skip
"""The form before anything is said of time."""
LONGEST_OPEN = 60 * 24 * 60
"""Minutes that a check-in may be set to stay open."""
MOST_TIMES, MOST_DAYS, MOST_SKIPS = 400, 366, 100
LONGEST_TYPED = 1200
"""Characters that are kept of each field of a draft; `MOST_SKIPS` days fit."""


@dataclass(frozen=True, slots=True)
class Schedule:
    """What a teacher says of time."""

    when: str
    opens_at: datetime | None = None
    """For `later`."""
    closes_after: int | None = None
    """Minutes; None where somebody closes it."""
    rule: Rule | None = None
    """For `repeat`."""
    typed: Mapping[str, str] = field(default_factory=dict, compare=False)
    """The fields it was read from, for a draft to keep."""

    @classmethod
    def read(cls, form: Mapping[str, str]) -> Self:
        """From a form's fields, of which `clock_zone` names the zone of all times.

        Raises FormRefused with `choose`, `moment`, `moment_skipped`, `zone_unknown`, `number`, `days`,
        `weekdays_missing` or `period_reversed` for a field at fault.
        """
        errors: dict[str, str] = {}
        when = form.get("when") or "now"
        if when not in WHENS:
            errors["when"] = "choose"
        closes_after = _minutes(form, errors)
        zone, opens_at, rule = form.get("clock_zone") or "UTC", None, None
        if when != "now" and zone not in zones():
            errors["clock_zone"] = "zone_unknown"
        elif when != "now":
            typed = form.get("opens_on", "").strip()
            opens_at = moment_of(typed, zone)
            if opens_at is None:
                errors["opens_on"] = "moment"
            elif when == "later" and is_left_out(typed, zone):
                # A series has a rule for such a day; somebody who plans one opening should know.
                errors["opens_on"] = "moment_skipped"
        if when == "repeat" and opens_at is not None:
            rule = _rule(form, zone, errors)
        if errors:
            raise FormRefused(errors)
        return cls(when, opens_at if when == "later" else None, closes_after, rule, typed_in(form))

    @classmethod
    def unfinished(cls, form: Mapping[str, str]) -> Self:
        """From a form that is still being filled in: how long it stays open, if that is said by now, and nothing opens.

        Half a date must not open anything; what is typed is kept until the form is sent.
        """
        return cls("now", closes_after=_minutes(form, {}), typed=typed_in(form))

    def note_in(self, checkin: Any) -> None:
        """Keep in a prepared check-in what is said of time. Its opening is another matter (`autosaves.put`)."""
        checkin.closes_after, checkin.typed_times = self.closes_after, dict(self.typed) or None


def fields_of(rule: Rule) -> dict[str, str]:
    """A rule as the fields of the form that says it; the close is not part of it."""
    ends = "until" if rule.until_on else "times" if rule.times else "never"
    return {
        "when": "repeat",
        "opens_on": f"{rule.starts_on.isoformat()}T{rule.at.isoformat('minutes')}",
        "frequency": rule.frequency,
        "every": str(rule.every),
        "ends": ends,
        "until_on": rule.until_on.isoformat() if rule.until_on else "",
        "times": str(rule.times) if rule.times else "",
        "skips": " ".join(sorted(day.isoformat() for day in rule.skips)),
        "clock_zone": rule.zone,
        **{f"weekday-{number}": "yes" for number in sorted(rule.weekdays)},
    }


def fields_of_length(minutes: int | None) -> dict[str, str]:
    """How long something stays open, as the fields of the form that says it: in the largest unit that fits."""
    if minutes is None:
        return {"closes_after": "", "closes_unit": "minutes"}
    unit = max((name for name, size in UNITS.items() if minutes % size == 0), key=lambda name: UNITS[name])
    return {"closes_after": str(minutes // UNITS[unit]), "closes_unit": unit}


def typed_in(form: Mapping[str, str]) -> dict[str, str]:
    """What a form says of time, right or wrong, for a draft to keep."""
    return {name: form[name][:LONGEST_TYPED] for name in FIELDS if form.get(name)}


def fields_of_checkin(db: Session, checkin: Any) -> dict[str, str]:
    """What is said of time of one that is prepared, as fields of the form: as it was typed, where it was.

    Else by the clocks of its series; where nobody said a zone (copies, content dialogs), in UTC.
    """
    if checkin.typed_times is not None:
        return {**EMPTY, **checkin.typed_times}
    length = fields_of_length(checkin.closes_after)
    if checkin.opens_at is None:
        return {"when": "now", **length}
    series = db.get(Series, checkin.series_id) if checkin.series_id else None
    zone = series.zone if series else "UTC"
    return {"when": "later", "opens_on": local(checkin.opens_at, zone), "clock_zone": zone, **length}


def follow_ups_of(db: Session, viewer: Viewer) -> int | None:
    """With how many students a day somebody has set time aside to follow up."""
    return db.get_one(Person, viewer.person_id).follow_ups


@dataclass(frozen=True, slots=True)
class Capacity:
    """How many students a form asks, and with how many a day its teacher has set time aside to follow up."""

    asked: int
    is_for_groups: bool
    """Whether it asks the students of the groups that are ticked, and not the whole course."""
    follow_ups: int | None


def capacity(db: Session, viewer: Viewer, form: Mapping[str, str]) -> Capacity:
    """As far as the form is filled in. Somebody who is in two of the groups is one person."""
    there = {f"{GROUP}{group.id}": group.id for group in groups.of_course(db, viewer.course_id)}
    chosen = [group_id for name, group_id in there.items() if form.get(name)]
    asked = len(groups.learners_in(db, viewer.course_id, chosen)) if chosen else people.learners(db, viewer.course_id)
    typed = form.get("follow_ups", "")
    return Capacity(asked, bool(chosen), _number(typed, MOST_TIMES) if typed else follow_ups_of(db, viewer))


def keep_follow_ups(db: Session, viewer: Viewer, form: Mapping[str, str]) -> None:
    """Remember that number, if the form has it; an empty field forgets it. It only ever makes a hint."""
    if "follow_ups" in form:
        db.get_one(Person, viewer.person_id).follow_ups = _number(form["follow_ups"], MOST_TIMES)
        db.flush()


def _minutes(form: Mapping[str, str], errors: dict[str, str]) -> int | None:
    """How long it stays open."""
    typed = form.get("closes_after", "").strip()
    if not typed:
        return None
    factor = UNITS.get(form.get("closes_unit") or "minutes")
    number = _number(typed, LONGEST_OPEN)
    if factor is None or number is None or number * factor > LONGEST_OPEN:
        errors["closes_after"] = "number"
        return None
    return number * factor


def _rule(form: Mapping[str, str], zone: str, errors: dict[str, str]) -> Rule | None:
    # `moment_of` has taken it, so it is a date and a time.
    first = datetime.fromisoformat(form["opens_on"].strip())
    frequency, ends = form.get("frequency") or "daily", form.get("ends") or "never"
    weekdays = frozenset(number for number in range(7) if form.get(f"weekday-{number}"))
    every = _number(form.get("every") or "1", MOST_DAYS)
    if frequency not in FREQUENCIES:
        errors["frequency"] = "choose"
    if frequency == "weekly" and not weekdays:
        errors["weekdays"] = "weekdays_missing"
    if frequency == "every" and every is None:
        errors["every"] = "number"
    until_on, times = _end(form, ends, first.date(), errors)
    skips = _days(form.get("skips", ""))
    if skips is None:
        errors["skips"] = "days"
    if errors:
        return None
    return Rule(
        frequency, first.date(), time(first.hour, first.minute), zone, every or 1,
        weekdays if frequency == "weekly" else frozenset(), until_on, times, skips or frozenset(),
    )  # fmt: skip


def _end(form: Mapping[str, str], ends: str, first: date, errors: dict[str, str]) -> tuple[date | None, int | None]:
    until_on = times = None
    if ends == "until":
        days = _days(form.get("until_on", ""))
        until_on = next(iter(days)) if days and len(days) == 1 else None
        if until_on is None:
            errors["until_on"] = "days"
        elif until_on < first:
            errors["until_on"] = "period_reversed"
    elif ends == "times":
        times = _number(form.get("times", ""), MOST_TIMES)
        if times is None:
            errors["times"] = "number"
    elif ends != "never":
        errors["ends"] = "choose"
    return until_on, times


def _number(typed: str, most: int) -> int | None:
    """A whole number from 1 on."""
    typed = typed.strip()
    if not (typed.isascii() and typed.isdecimal() and len(typed) < 7):
        return None
    return int(typed) if 1 <= int(typed) <= most else None


def _days(typed: str) -> frozenset[date] | None:
    """Dates as YYYY-MM-DD, with spaces or commas between two; None for anything else."""
    words = typed.replace(",", " ").split()
    try:
        days = frozenset(date.fromisoformat(word) for word in words if len(word) == 10)
    except ValueError:
        return None
    if len(words) > MOST_SKIPS or any(len(word) != 10 for word in words) or any(day.year not in YEARS for day in days):
        return None
    return days
