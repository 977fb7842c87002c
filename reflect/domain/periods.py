"""When a placed check-in is to be seen, and when to be answered: as a teacher types it, in the teacher's own zone."""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from functools import cache
from typing import Self
from zoneinfo import ZoneInfo, available_timezones

from reflect.domain.refusals import FormRefused

NAMES = ("available", "submission")
"""As Deep Linking 2.0 3.2 calls them; each has the fields `…_from` and `…_until`."""
FIELDS = tuple(f"{name}_{end}" for name in NAMES for end in ("from", "until"))
YEARS = range(2000, 2101)
_TYPED = re.compile(r"(\d{4})-\d\d-\d\dT\d\d:\d\d(?::\d\d)?", re.ASCII)


@dataclass(frozen=True, slots=True)
class Period:
    """From when until when, in UTC; either end may be open, but not both."""

    starts_at: datetime | None
    ends_at: datetime | None


@dataclass(frozen=True, slots=True)
class Periods:
    """What a teacher says of time; None where nothing is said."""

    available: Period | None = None
    submission: Period | None = None

    @classmethod
    def read(cls, form: Mapping[str, str]) -> Self:
        """From a form's fields, of which `zone` names the time zone of all others (IANA).

        Raises FormRefused with `moment`, `period_reversed` or `zone` for a field at fault.
        """
        typed = {name: form.get(name, "").strip() for name in FIELDS}
        given = {name: value for name, value in typed.items() if value}
        zone = form.get("zone", "") or "UTC"
        if given and zone not in zones():
            raise FormRefused({next(iter(given)): "zone"})
        moments = {name: moment_of(value, zone) for name, value in given.items()}
        errors = {name: "moment" for name, moment in moments.items() if moment is None}
        for name in NAMES:
            starts_at, ends_at = moments.get(f"{name}_from"), moments.get(f"{name}_until")
            if starts_at is not None and ends_at is not None and ends_at <= starts_at:
                errors[f"{name}_until"] = "period_reversed"
        if errors:
            raise FormRefused(errors)
        return cls(*(_period(moments.get(f"{name}_from"), moments.get(f"{name}_until")) for name in NAMES))


def _period(starts_at: datetime | None, ends_at: datetime | None) -> Period | None:
    return None if starts_at is None and ends_at is None else Period(starts_at, ends_at)


def moment_of(typed: str, zone: str) -> datetime | None:
    """A local date and time (HTML 2.3.5.5), or None for anything else.

    Of an hour that comes twice it is the first; one that is left out in spring is taken as the clock before it went on.
    """
    found = _TYPED.fullmatch(typed)
    if found is None or int(found[1]) not in YEARS:
        return None
    try:
        return datetime.fromisoformat(typed).replace(tzinfo=ZoneInfo(zone)).astimezone(UTC)
    except ValueError:
        return None


def is_left_out(typed: str, zone: str) -> bool:
    """Whether the clocks of a zone never show a local date and time: they go forward over it in spring."""
    moment = moment_of(typed, zone)
    return moment is not None and _on_clock(moment, zone) != datetime.fromisoformat(typed)


def local(moment: datetime, zone: str) -> str:
    """A moment by the clocks of a zone, as `moment_of` reads it."""
    return _on_clock(moment, zone).isoformat(timespec="minutes")


def _on_clock(moment: datetime, zone: str) -> datetime:
    return moment.astimezone(ZoneInfo(zone)).replace(tzinfo=None)


@cache
def zones() -> frozenset[str]:
    """The names of all time zones (IANA)."""
    return frozenset(available_timezones())
