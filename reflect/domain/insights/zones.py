"""By which clocks the days of a course are told: one zone for its insights, calendars and days to come back on."""

from datetime import date, datetime
from zoneinfo import ZoneInfo

from sqlmodel import Session

from reflect.storage import insights


def of_course(db: Session, course_id: int) -> ZoneInfo:
    """The zone that a course most likely goes by."""
    return ZoneInfo(insights.zone_of(db, course_id))


def day_in_course(db: Session, course_id: int, moment: datetime) -> date:
    """The day that a moment is in, by the course's clocks."""
    return moment.astimezone(of_course(db, course_id)).date()
