"""Stretches of days that a reader looks at, cut into days, ISO weeks or months by the reader's own clocks."""

from dataclasses import dataclass
from datetime import date, datetime, timedelta
from enum import StrEnum
from zoneinfo import ZoneInfo

USUAL_WEEKS = 8
"""What a class's usual is taken from: so many weeks just before the stretch that is compared with it."""


class Step(StrEnum):
    """How a stretch is cut."""

    DAY = "day"
    WEEK = "week"
    MONTH = "month"


@dataclass(frozen=True, slots=True)
class Span:
    """Days from the first to the last, both of them in it."""

    first: date
    last: date

    def __contains__(self, day: date) -> bool:
        return self.first <= day <= self.last

    @property
    def days(self) -> list[date]:
        """Each of its days."""
        return [self.first + timedelta(days=number) for number in range((self.last - self.first).days + 1)]

    @property
    def before(self) -> "Span":
        """The weeks before it that say what is usual."""
        return Span(self.first - timedelta(weeks=USUAL_WEEKS), self.first - timedelta(days=1))

    def cut(self, step: Step) -> tuple["Span", ...]:
        """Whole days, ISO weeks or months, the first and the last no longer than the span itself."""
        found, first = [], self.first
        while first <= self.last:
            last = min(_last_of(first, step), self.last)
            found.append(Span(first, last))
            first = last + timedelta(days=1)
        return tuple(found)


def _last_of(day: date, step: Step) -> date:
    """The last day of the day's week or month, or the day itself."""
    if step == Step.DAY:
        return day
    if step == Step.WEEK:
        return day + timedelta(days=6 - day.weekday())
    next_month = date(day.year + day.month // 12, day.month % 12 + 1, 1)
    return next_month - timedelta(days=1)


def weeks_until(today: date, weeks: int, step: Step = Step.WEEK) -> Span:
    """So many ISO weeks, of which today's is the last; by month from the first of the month they begin in."""
    monday = today - timedelta(days=today.weekday())
    first = monday - timedelta(weeks=weeks - 1)
    return Span(first.replace(day=1) if step == Step.MONTH else first, today)


def day_of(opened_at: datetime, on_day: date, zone: ZoneInfo) -> date:
    """The reader's day of answers that are counted on a day of UTC.

    Nothing finer than that day is kept of an anonymous answer, so a day cannot be cut anew. What was answered on the
    day of the opening belongs to the opening, whose moment is known: a morning in Sydney is the evening before in UTC.
    """
    return opened_at.astimezone(zone).date() if on_day <= opened_at.date() else on_day
