"""Published weeks as the portal's pages show them, in the reader's words; shares, and nothing finer than a percent."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any

from babel.dates import format_date, format_interval
from babel.numbers import format_decimal, format_percent

from reflect.domain.insights.feelings import Band
from reflect.domain.leaders import Listed, Week
from reflect.domain.privacy.publication import WEEK
from reflect.domain.terms import Period
from reflect.storage.terms import Term
from reflect.web.charts import Bars, bars
from reflect.web.language import language
from reflect.web.language import marked as _

BANDS = {Band.PLEASANT: _("pleasant"), Band.BETWEEN: _("in between"), Band.UNPLEASANT: _("unpleasant")}
CHANGES = {
    "more": _("more pleasant than usual here"),
    "less": _("less pleasant than usual here"),
    "same": _("about as usual here"),
}
MOST_WEEKS = 60
"""Bars in a picture; more would be too thin to be told apart."""


@dataclass(frozen=True, slots=True)
class Chart:
    """The pictures of some weeks: how people felt, and how many of the students took part."""

    feelings: Bars
    turnout: tuple[float, ...]
    first: str
    last: str


def days(period: Period, tag: str) -> str:
    """A period in words."""
    return str(format_interval(period.begins_on, period.ends_on, "yMMMd", locale=language(tag).cldr))


def week_card(week: Week, tag: str) -> dict[str, Any]:
    """A week as a row of a table."""
    return {
        "when": _day(week.week_on, tag),
        "courses": format_decimal(week.courses, locale=language(tag).cldr),
        "turnout": _turnout(week.people, week.students, tag),
        "bands": [_share(count, week.answers, tag) for _, count in week.bands],
        "unsaid": _share(week.unsaid, week.answers, tag),
        "change": language(tag).gettext(CHANGES[week.change]) if week.change else "",
    }


def legend(tag: str) -> list[dict[str, str]]:
    """The bands with their words."""
    return [{"key": band.value, "word": language(tag).gettext(word)} for band, word in BANDS.items()]


def chart_of(weeks: Sequence[Week], tag: str) -> Chart | None:
    """The pictures of the newest weeks; None where there are too few for a curve."""
    shown = weeks[-MOST_WEEKS:]
    if len(shown) < 2:
        return None
    return Chart(
        feelings=bars([_per_hundred(week) for week in shown]),
        turnout=tuple(round(week.people / max(1, week.students), 3) for week in shown),
        first=_day(shown[0].week_on, tag),
        last=_day(shown[-1].week_on, tag),
    )


def summary_of(term: Term, weeks: Sequence[Week], tag: str) -> dict[str, Any]:
    """A whole term as a row of a table."""
    answers = sum(week.answers for week in weeks)
    counted = [sum(dict(week.bands)[band] for week in weeks) for band in Band]
    return {
        "term": term,
        "weeks": format_decimal(len(weeks), locale=language(tag).cldr),
        "turnout": _turnout(sum(week.people for week in weeks), sum(week.students for week in weeks), tag),
        "bands": [_share(count, answers, tag) for count in counted],
        "unsaid": _share(sum(week.unsaid for week in weeks), answers, tag),
    }


def course_card(course: Listed, tag: str) -> dict[str, Any]:
    """A course as a row of the list."""
    return {
        "id": course.course_id,
        "title": course.title,
        "label": course.label,
        "weeks": course.weeks,
        "people": format_decimal(round(course.people), locale=language(tag).cldr),
        "students": format_decimal(round(course.students), locale=language(tag).cldr),
    }


def talk_card(period: Any, tag: str) -> dict[str, Any]:
    """A period of requests to talk as a row of a table."""
    cldr = language(tag).cldr
    minutes = period.median_minutes
    return {
        "when": days(Period(period.begins_on, period.ends_on - WEEK / 7), tag),
        "asked": format_decimal(period.asked, locale=cldr),
        "waiting": format_decimal(period.waiting, locale=cldr),
        "closed": format_decimal(period.closed, locale=cldr),
        "hours": None if minutes is None else format_decimal(round(minutes / 60, 1), locale=cldr),
    }


def _per_hundred(week: Week) -> tuple[int, int, int]:
    pleasant, between, unpleasant = (round(100 * count / max(1, week.answers)) for _, count in week.bands)
    return pleasant, between, unpleasant


def _turnout(people: int, students: int, tag: str) -> str:
    return _share(people, students, tag)


def _share(part: int, whole: int, tag: str) -> str:
    """A part in percent; a dash where there is no whole."""
    return format_percent(part / whole, "#,##0%", locale=language(tag).cldr) if whole else "–"


def _day(on: date, tag: str) -> str:
    return str(format_date(on, "medium", locale=language(tag).cldr))
