"""Reading what is published: only the tables of published weeks, and the names of the courses that have any."""

from collections.abc import Sequence
from datetime import date
from typing import Any

from sqlalchemy import ColumnElement, func, select
from sqlmodel import Session, col

from reflect.storage.courses import Course
from reflect.storage.registrations import Deployment
from reflect.storage.talk_periods import TalkPeriod
from reflect.storage.weeks import FIGURES, PublishedWeek, SiteWeek


def site_weeks(db: Session, registration_id: int | None, begins_on: date, ends_on: date) -> Sequence[Any]:
    """The institution's weeks that begin in a period: (week_on, courses, …FIGURES), summed over the registrations."""
    sums = [func.sum(getattr(SiteWeek, name)).label(name) for name in ("courses", *FIGURES)]
    found = select(col(SiteWeek.week_on), *sums).where(col(SiteWeek.week_on).between(begins_on, ends_on))
    if registration_id is not None:
        found = found.where(col(SiteWeek.registration_id) == registration_id)
    return db.execute(found.group_by(col(SiteWeek.week_on)).order_by(col(SiteWeek.week_on))).all()


def courses(
    db: Session, registration_id: int | None, begins_on: date, ends_on: date, search: str, *, skip: int, most: int
) -> Sequence[Any]:
    """Courses that have a published week in a period, by name: (id, title, label, weeks, people, students), the last
    two summed over the weeks."""
    in_period = _in(begins_on, ends_on)
    has_any = select(col(PublishedWeek.course_id)).where(col(PublishedWeek.course_id) == col(Course.id), in_period)
    page: Any = select(col(Course.id), col(Course.title), col(Course.label)).where(has_any.exists())
    page = _of(page, registration_id)
    if search:
        page = page.where(col(Course.title).icontains(search, autoescape=True))
    page = page.order_by(func.lower(col(Course.title)), col(Course.id)).offset(skip).limit(most)
    named = page.subquery()
    sums = [func.sum(getattr(PublishedWeek, name)).label(name) for name in ("people", "students")]
    found = select(named.c.id, named.c.title, named.c.label, func.count().label("weeks"), *sums)
    found = found.join(PublishedWeek, col(PublishedWeek.course_id) == named.c.id).where(in_period)
    found = found.group_by(named.c.id, named.c.title, named.c.label)
    return db.execute(found.order_by(func.lower(named.c.title), named.c.id)).all()


def course(db: Session, registration_id: int | None, course_id: int) -> Any:
    """A course (id, title, label) that has a published week; None for any other."""
    has_any = select(col(PublishedWeek.course_id)).where(col(PublishedWeek.course_id) == col(Course.id))
    found: Any = select(col(Course.id), col(Course.title), col(Course.label)).where(has_any.exists())
    return db.execute(_of(found, registration_id).where(col(Course.id) == course_id)).first()


def course_weeks(db: Session, course_id: int, until: date) -> Sequence[PublishedWeek]:
    """The published weeks of a course up to a day, the oldest first."""
    found = select(PublishedWeek).where(col(PublishedWeek.course_id) == course_id, col(PublishedWeek.week_on) <= until)
    return db.scalars(found.order_by(col(PublishedWeek.week_on))).all()


def talk_periods(db: Session, registration_id: int | None, begins_on: date, ends_on: date) -> Sequence[TalkPeriod]:
    """The periods of talks that end after a period began and begin before it ended, the oldest first."""
    found = select(TalkPeriod).where(col(TalkPeriod.ends_on) > begins_on, col(TalkPeriod.begins_on) <= ends_on)
    if registration_id is not None:
        found = found.where(col(TalkPeriod.registration_id) == registration_id)
    found = found.where(col(TalkPeriod.asked) > 0)
    return db.scalars(found.order_by(col(TalkPeriod.begins_on), col(TalkPeriod.registration_id))).all()


def newest_week(db: Session, registration_id: int | None) -> date | None:
    """The Monday of the newest week that is published."""
    found = select(func.max(col(SiteWeek.week_on)))
    if registration_id is not None:
        found = found.where(col(SiteWeek.registration_id) == registration_id)
    return db.scalar(found)


def _in(begins_on: date, ends_on: date) -> ColumnElement[bool]:
    return col(PublishedWeek.week_on).between(begins_on, ends_on)


def _of(found: Any, registration_id: int | None) -> Any:
    if registration_id is None:
        return found
    of_registration = select(col(Deployment.id)).where(col(Deployment.registration_id) == registration_id)
    return found.where(col(Course.deployment_id).in_(of_registration))
