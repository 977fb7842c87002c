"""What leaders may read: published weeks of courses, their sums for the institution, and periods of talks.

A row is written once and then only taken back as a whole. No row refers to a person, and none to a check-in.
"""

from collections.abc import Collection, Mapping, Sequence
from datetime import date, datetime
from typing import Any

from sqlalchemy import bindparam, delete, func, select
from sqlalchemy.dialects.postgresql import insert
from sqlmodel import Field, Session, col

from reflect.storage.answers import Answer, Participation
from reflect.storage.checkins import Checkin
from reflect.storage.courses import Course
from reflect.storage.people import Person
from reflect.storage.prepared import Prepared
from reflect.storage.registrations import Deployment
from reflect.storage.tables import Table

FIGURES = ("people", "students", "pleasant", "in_between", "unpleasant", "unsaid")
"""The columns that a course's week and the institution's have in common, and that add up."""


class PublishedWeek(Table, table=True):
    """The totals of one course in one week, for leaders; only where enough people took part."""

    __tablename__ = "published_week"

    course_id: int = Field(foreign_key="course.id", ondelete="CASCADE", primary_key=True)
    week_on: date = Field(primary_key=True)
    """The week's Monday, in UTC."""
    people: int
    """How many different people took part."""
    students: int
    """How many students the course had when it was written."""
    pleasant: int
    in_between: int
    unpleasant: int
    unsaid: int
    """Answers that are not shown, or that say nothing of a feeling."""
    named: int
    """How many people are in the bands with their named answers."""
    gone: int = 0
    """How many people have erased named answers that were counted here."""
    min_group_size: int


class SiteWeek(Table, table=True):
    """The sum of all published weeks of a registration's courses; kept, so that reading it costs the same always."""

    __tablename__ = "site_week"

    registration_id: int = Field(foreign_key="registration.id", ondelete="CASCADE", primary_key=True)
    week_on: date = Field(primary_key=True)
    courses: int
    people: int
    students: int
    pleasant: int
    in_between: int
    unpleasant: int
    unsaid: int


class CountedCheckin(Table, table=True):
    """That the week of a check-in was looked at, and when: what comes to it later is in no published week."""

    __tablename__ = "counted_checkin"

    checkin_id: int = Field(foreign_key="checkin.id", ondelete="CASCADE", primary_key=True)
    counted_at: datetime


_columns = SiteWeek.__table__.c  # type: ignore[attr-defined]
_add = insert(SiteWeek).values({name: bindparam(name) for name in SiteWeek.model_fields})
_ADD = Prepared(
    _add.on_conflict_do_update(
        index_elements=["registration_id", "week_on"],
        set_={name: _columns[name] + _add.excluded[name] for name in ("courses", *FIGURES)},
    )
)
_count = insert(CountedCheckin).values(checkin_id=bindparam("checkin_id"), counted_at=bindparam("now"))
_COUNT = Prepared(_count.on_conflict_do_nothing(index_elements=["checkin_id"]))
_REGISTRATION = Prepared(
    select(col(Deployment.registration_id))
    .join(Course, col(Course.deployment_id) == col(Deployment.id))
    .where(col(Course.id) == bindparam("course_id"))
)


def uncounted(db: Session, before: datetime) -> Sequence[Any]:
    """Check-ins opened before a moment whose week was not looked at yet: (id, course_id, opened_at, is_open), the
    last for anonymous ones that may still take answers."""
    is_open = col(Checkin.is_anonymous) & col(Checkin.closed_at).is_(None) & col(Checkin.deleted_at).is_(None)
    found = select(col(Checkin.id), col(Checkin.course_id), col(Checkin.opened_at), is_open.label("is_open"))
    known = select(col(CountedCheckin.checkin_id)).where(col(CountedCheckin.checkin_id) == col(Checkin.id))
    # What was imported was answered to another receipt, which knew of no leaders' totals.
    is_own = col(Checkin.import_key).is_(None)
    return db.execute(found.where(col(Checkin.opened_at) < before, is_own, ~known.exists())).all()


def hold(db: Session, checkin_ids: Collection[int]) -> Sequence[Checkin]:
    """Check-ins by id, held until commit, so that nothing comes to them or goes meanwhile."""
    found = select(Checkin).where(col(Checkin.id).in_(checkin_ids)).order_by(col(Checkin.id))
    return db.scalars(found.with_for_update().execution_options(populate_existing=True)).all()


def count(db: Session, checkin_id: int, now: datetime) -> bool:
    """Remember that a check-in was looked at; False if it was before."""
    return _COUNT.run(db, checkin_id=checkin_id, now=now) == 1


def counted_at(db: Session, checkin_id: int) -> datetime | None:
    """When a check-in's week was looked at; None if it has not been."""
    row = db.get(CountedCheckin, checkin_id)
    return row.counted_at if row else None


def named(db: Session, checkin_ids: Collection[int]) -> Sequence[Any]:
    """The named answers of students to these check-ins: (person_id, form, choice). Who launches without a `sub` is
    somebody else each time, and could be all but one of those who are counted."""
    found = select(col(Answer.person_id), col(Checkin.form), col(Answer.choice))
    joined = found.join(Checkin, col(Checkin.id) == col(Answer.checkin_id))
    joined = joined.join(Person, col(Person.id) == col(Answer.person_id))
    return db.execute(joined.where(col(Answer.checkin_id).in_(checkin_ids), ~col(Person.is_guest))).all()


def participants(db: Session, checkin_ids: Collection[int]) -> set[int]:
    """Who took part in these anonymous check-ins."""
    return set(db.scalars(select(col(Participation.person_id)).where(col(Participation.checkin_id).in_(checkin_ids))))


def publish(db: Session, row: PublishedWeek) -> None:
    """Write a course's week, and add it to the institution's."""
    db.add(row)
    db.flush()
    _add_to_site(db, row, 1)


def of_course(db: Session, course_id: int, weeks: Collection[date] | None = None) -> Sequence[PublishedWeek]:
    """A course's published weeks, or those among `weeks`, held until commit; in their order."""
    found = select(PublishedWeek).where(col(PublishedWeek.course_id) == course_id)
    if weeks is not None:
        found = found.where(col(PublishedWeek.week_on).in_(weeks))
    return db.scalars(found.order_by(col(PublishedWeek.week_on)).with_for_update()).all()


def withdraw(db: Session, row: PublishedWeek) -> None:
    """Take a course's week back as a whole, from the institution's too."""
    _add_to_site(db, row, -1)
    db.delete(row)
    db.flush()
    db.execute(delete(SiteWeek).where(col(SiteWeek.week_on) == row.week_on, col(SiteWeek.courses) == 0))


def counted_among(db: Session, checkin_ids: Collection[int | None]) -> Sequence[Any]:
    """Those of these check-ins whose week was looked at: (course_id, opened_at)."""
    found = select(col(Checkin.course_id), col(Checkin.opened_at))
    joined = found.join(CountedCheckin, col(CountedCheckin.checkin_id) == col(Checkin.id))
    return db.execute(joined.where(col(Checkin.id).in_(checkin_ids))).all()


def _add_to_site(db: Session, row: PublishedWeek, sign: int) -> None:
    registration_id = _REGISTRATION.first(db, course_id=row.course_id).registration_id
    figures: Mapping[str, int] = {name: sign * getattr(row, name) for name in FIGURES}
    _ADD.run(db, registration_id=registration_id, week_on=row.week_on, courses=sign, **figures)


def recounted(db: Session) -> Sequence[Any]:
    """What the institution's weeks are by the courses' weeks: (registration_id, week_on, courses, …FIGURES)."""
    sums = [func.sum(getattr(PublishedWeek, name)).label(name) for name in FIGURES]
    found = select(col(Deployment.registration_id), col(PublishedWeek.week_on), func.count().label("courses"), *sums)
    joined = found.join(Course, col(Course.id) == col(PublishedWeek.course_id))
    joined = joined.join(Deployment, col(Deployment.id) == col(Course.deployment_id))
    keys = (col(Deployment.registration_id), col(PublishedWeek.week_on))
    return db.execute(joined.group_by(*keys).order_by(*keys)).all()
