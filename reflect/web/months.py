"""Days of a person's life as pages of a calendar: one table a month, weeks as the reader's country begins them."""

from calendar import Calendar
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date
from typing import Generic, TypeVar

from babel import Locale
from babel.core import get_global
from babel.dates import format_skeleton, get_day_names

Item = TypeVar("Item")


@dataclass(frozen=True, slots=True)
class Day(Generic[Item]):
    """One square; `is_outside` are the days of the months before and after that fill its row."""

    on: date
    is_outside: bool
    items: tuple[Item, ...]


@dataclass(frozen=True, slots=True)
class Month(Generic[Item]):
    """One month; `weekdays` are (narrow, short, whole name), in the order of the squares of each week."""

    title: str
    weekdays: tuple[tuple[str, str, str], ...]
    weeks: tuple[tuple[Day[Item], ...], ...]


def months(entries: Iterable[tuple[date, Item]], cldr: str, always: Iterable[date] = ()) -> list[Month[Item]]:
    """The months that have any entry, and those of the days in `always`, newest first; `cldr` is the locale as Babel
    spells it."""
    by_day: dict[date, tuple[Item, ...]] = {}
    for on, item in entries:
        by_day[on] = (*by_day.get(on, ()), item)
    first = _first_weekday(cldr)
    pages = sorted({(on.year, on.month) for on in (*by_day, *always)}, reverse=True)
    return [_month(year, month, first, by_day, cldr) for year, month in pages]


def _first_weekday(cldr: str) -> int:
    """As Python counts them. A language that names no country is taken to where most of its readers are.

    English is read everywhere: its weeks begin on Monday, as those of ISO 8601.
    """
    locale = Locale.parse(cldr)
    if locale.territory is None and locale.language != "en":
        locale = Locale.parse(get_global("likely_subtags").get(cldr, cldr))
    return locale.first_week_day


def _month(year: int, month: int, first: int, by_day: dict[date, tuple[Item, ...]], cldr: str) -> Month[Item]:
    widths = [get_day_names(width, context="stand-alone", locale=cldr) for width in ("narrow", "abbreviated", "wide")]
    narrow, short, whole = widths
    weeks = Calendar(first).monthdatescalendar(year, month)
    return Month(
        title=format_skeleton("yMMMM", date(year, month, 1), locale=cldr),
        weekdays=tuple((narrow[day % 7], short[day % 7], whole[day % 7]) for day in range(first, first + 7)),
        weeks=tuple(
            tuple(Day(on, on.month != month, by_day.get(on, ()) if on.month == month else ()) for on in week)
            for week in weeks
        ),
    )
