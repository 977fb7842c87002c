"""The days of a series, and the moment of each: a rule by the clock on the wall, right over daylight saving.

Days and times are those of the rule's own zone. Of an hour that comes twice in autumn it is the first; one that is left
out in spring is taken as the clock before it went on (02:30 is then 03:30). Where a month has no such day, it is the
month's last one. Days that are skipped count among `times` (as with EXDATE and COUNT in RFC 5545 3.8.5).
"""

from calendar import monthrange
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from itertools import islice
from zoneinfo import ZoneInfo

FREQUENCIES = ("daily", "weekdays", "weekly", "monthly", "month_end", "every")
LONGEST = timedelta(days=3 * 366)
"""No series goes on for longer; a course is over by then."""


@dataclass(frozen=True, slots=True)
class Rule:
    """When a series occurs."""

    frequency: str
    starts_on: date
    at: time
    zone: str
    every: int = 1
    """Days between two occurrences, for the frequency `every`."""
    weekdays: frozenset[int] = frozenset()
    """For `weekly`, 0 (Monday) to 6."""
    until_on: date | None = None
    times: int | None = None
    skips: frozenset[date] = frozenset()

    def days(self) -> Iterator[date]:
        """All days it occurs on, in order."""
        last = min(self.until_on or date.max, self.starts_on + LONGEST)
        for day in islice(self._pattern(last), self.times):
            if day not in self.skips:
                yield day

    def moment(self, day: date) -> datetime:
        """When it occurs on that day, in UTC."""
        return datetime.combine(day, self.at, ZoneInfo(self.zone)).astimezone(UTC)

    def after(self, now: datetime) -> Iterator[date]:
        """The days of occurrences that are later than a moment."""
        return (day for day in self.days() if self.moment(day) > now)

    def newest(self, now: datetime) -> date | None:
        """The day of the newest occurrence at or before a moment."""
        found = None
        for day in self.days():
            if self.moment(day) > now:
                break
            found = day
        return found

    def _pattern(self, last: date) -> Iterator[date]:
        if self.frequency in ("monthly", "month_end"):
            yield from self._monthly(last)
            return
        step = self.every if self.frequency == "every" else 1
        day = self.starts_on
        while day <= last:
            if self._is_on(day):
                yield day
            day += timedelta(days=step)

    def _is_on(self, day: date) -> bool:
        if self.frequency == "weekdays":
            return day.weekday() < 5
        return self.frequency != "weekly" or day.weekday() in self.weekdays

    def _monthly(self, last: date) -> Iterator[date]:
        year, month = self.starts_on.year, self.starts_on.month
        wanted = 31 if self.frequency == "month_end" else self.starts_on.day
        while (day := date(year, month, min(wanted, monthrange(year, month)[1]))) <= last:
            yield day
            year, month = (year + 1, 1) if month == 12 else (year, month + 1)
