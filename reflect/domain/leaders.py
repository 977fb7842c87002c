"""What leaders read of the institution: weeks that were published, added up; never a check-in, a name or an answer."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from statistics import median
from typing import Any

from sqlmodel import Session

from reflect.domain import audit
from reflect.domain.admins import Administrator
from reflect.domain.insights.feelings import Band
from reflect.domain.privacy.publication import week_of
from reflect.domain.refusals import Missing
from reflect.domain.terms import Period
from reflect.storage import leaders, terms
from reflect.storage.terms import Term

USUAL_SPAN = timedelta(weeks=26)
"""What is shown where no term is chosen."""
ON_A_PAGE = 50
MOST_TERMS = 12
"""Terms beside each other on the overview, the newest."""
FEWEST_FOR_USUAL, MOST_FOR_USUAL = 4, 12
"""Weeks before one that make what is usual; with fewer nothing is said of it."""
NOTABLE = 0.15
"""A share this far from the usual one is worth a word; less is what a few people more or fewer make."""
OPENED_AGAIN_AFTER = timedelta(hours=1)


@dataclass(frozen=True, slots=True)
class Week:
    """A week's totals; the bands are answers or people, each as it was published."""

    week_on: date
    courses: int
    people: int
    students: int
    bands: tuple[tuple[Band, int], ...]
    unsaid: int
    usual: float | None = None
    """The share of pleasant answers that was usual before, for a single course."""

    @property
    def answers(self) -> int:
        """All that the shares are parts of, what is not shown included."""
        return sum(count for _, count in self.bands) + self.unsaid

    @property
    def pleasant(self) -> float | None:
        """The share of pleasant ones; None where nothing is told of feelings."""
        return dict(self.bands)[Band.PLEASANT] / self.answers if self.answers else None

    @property
    def change(self) -> str:
        """Against the course's own usual: `more`, `less`, `same`, or empty where nothing can be said."""
        if self.usual is None or self.pleasant is None:
            return ""
        difference = self.pleasant - self.usual
        return "same" if abs(difference) < NOTABLE else "more" if difference > 0 else "less"


@dataclass(frozen=True, slots=True)
class Listed:
    """A course as the list has it: how many take part, and nothing of how they feel."""

    course_id: int
    title: str
    label: str
    weeks: int
    people: float
    """In a week, on average."""
    students: float


@dataclass(frozen=True, slots=True)
class Shelf:
    """One page of the list of courses."""

    courses: tuple[Listed, ...]
    has_more: bool


def note_opening(db: Session, reader: Administrator, now: datetime) -> None:
    """Write down that somebody opened the leader view, once an hour."""
    audit.note(db, reader.email, "insights_opened", "", now)


def is_to_be_noted(db: Session, reader: Administrator, now: datetime) -> bool:
    """Whether this opening of the leader view is the first within an hour."""
    last = audit.last_at(db, reader.email, "insights_opened")
    return last is None or last + OPENED_AGAIN_AFTER <= now


def choose(db: Session, reader: Administrator, term_id: int | None, now: datetime) -> tuple[Term | None, Period]:
    """The term that was asked for, or the newest weeks; raises Missing for a term that there is not."""
    if term_id is None:
        newest = leaders.newest_week(db, reader.registration_id) or week_of(now)
        return None, Period(newest - USUAL_SPAN + timedelta(weeks=1), newest)
    term = next((term for term in terms.listed(db) if term.id == term_id), None)
    if term is None:
        raise Missing()
    return term, Period(term.begins_on, term.ends_on)


def weeks(db: Session, reader: Administrator, period: Period) -> Sequence[Week]:
    """The institution's published weeks that begin in a period."""
    return [_week(row) for row in leaders.site_weeks(db, reader.registration_id, period.begins_on, period.ends_on)]


def courses(db: Session, reader: Administrator, period: Period, search: str, page: int) -> Shelf:
    """A page of the courses of which something was published in a period, by name; `page` counts from 1."""
    days = (period.begins_on, period.ends_on)
    found = leaders.courses(db, reader.registration_id, *days, search, skip=(page - 1) * ON_A_PAGE, most=ON_A_PAGE + 1)
    listed = [
        Listed(row.id, row.title, row.label, row.weeks, row.people / row.weeks, row.students / row.weeks)
        for row in found
    ]
    return Shelf(tuple(listed[:ON_A_PAGE]), len(listed) > ON_A_PAGE)


def course(db: Session, reader: Administrator, course_id: int, period: Period) -> tuple[Any, Sequence[Week]]:
    """A course (title, label) and its published weeks in a period, each beside what was usual in it before.

    Raises Missing for a course of which nothing was published, as for one that there is not.
    """
    found = leaders.course(db, reader.registration_id, course_id)
    if found is None:
        raise Missing()
    told: list[Week] = []
    for row in leaders.course_weeks(db, course_id, period.ends_on):
        before = [week.pleasant for week in told[-MOST_FOR_USUAL:] if week.pleasant is not None]
        told.append(_week(row, median(before) if len(before) >= FEWEST_FOR_USUAL else None))
    return found, [week for week in told if week.week_on >= period.begins_on]


def talks(db: Session, reader: Administrator, period: Period) -> Sequence[Any]:
    """How requests to talk were followed up, in periods of at least k students; rows of `TalkPeriod`."""
    return leaders.talk_periods(db, reader.registration_id, period.begins_on, period.ends_on)


def _week(row: Any, usual: float | None = None) -> Week:
    return Week(
        week_on=row.week_on,
        courses=getattr(row, "courses", 1),
        people=row.people,
        students=row.students,
        bands=((Band.PLEASANT, row.pleasant), (Band.BETWEEN, row.in_between), (Band.UNPLEASANT, row.unpleasant)),
        unsaid=row.unsaid,
        usual=usual,
    )
