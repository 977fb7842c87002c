"""Series: a question that is put again and again, by a rule of days and a time of day in a zone."""

from collections.abc import Sequence
from datetime import date, datetime

from sqlalchemy import select
from sqlmodel import Field, Session, col

from reflect.storage.tables import Table


class Series(Table, table=True):
    """A rule and a template; each occurrence is a check-in of its own (`checkin.series_id`, `occurs_on`)."""

    id: int | None = Field(default=None, primary_key=True)
    course_id: int = Field(foreign_key="course.id", ondelete="CASCADE", index=True)
    author_id: int | None = Field(default=None, foreign_key="person.id", ondelete="SET NULL")
    template: str
    """The fields of the form for a check-in, as they were read without a fault: a JSON object of strings."""
    frequency: str
    """`daily`, `weekdays`, `weekly`, `monthly`, `month_end`, or `every` so many days."""
    every: int
    """Days between two occurrences, where `frequency` is `every`."""
    weekdays: str
    """For `weekly`: numbers from 0 (Monday) to 6, separated by commas."""
    starts_on: date
    at: str
    """Time of day as HH:MM, by the clock of the zone."""
    zone: str
    """Of the IANA time zone database."""
    until_on: date | None = None
    """The last day on which it may occur."""
    times: int | None = None
    """How often it occurs at most; days that are skipped count."""
    skips: str = ""
    """Days it does not occur on, as ISO dates separated by commas."""
    since_at: datetime
    """Nothing is made for moments before this one: when it was made, changed or resumed."""
    paused_at: datetime | None = None
    ended_at: datetime | None = None


def of_course(db: Session, course_id: int) -> Sequence[Series]:
    """The series of a course that have not ended, newest first."""
    listed = select(Series).where(col(Series.course_id) == course_id, col(Series.ended_at).is_(None))
    return db.scalars(listed.order_by(col(Series.id).desc())).all()


def running(db: Session, since: date) -> Sequence[Series]:
    """All series that are neither paused nor ended, and whose last day is not before this one."""
    on = select(Series).where(col(Series.paused_at).is_(None), col(Series.ended_at).is_(None))
    is_on = col(Series.until_on).is_(None) | (col(Series.until_on) >= since)
    return db.scalars(on.where(is_on).order_by(col(Series.id))).all()
