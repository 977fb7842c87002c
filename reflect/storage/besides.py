"""Whether a course has more than the list on its home shows; asked without fetching any of it."""

from sqlalchemy import bindparam, exists, func, select
from sqlmodel import Session, col

from reflect.storage.checkins import Checkin
from reflect.storage.groups import CourseGroup
from reflect.storage.prepared import Prepared
from reflect.storage.series import Series

_ARCHIVED = (
    exists()
    .where(col(Checkin.course_id) == bindparam("course_id"))
    .where(col(Checkin.archived_at).is_not(None))
    .where(col(Checkin.deleted_at).is_(None))
)
_SERIES = exists().where(col(Series.course_id) == bindparam("course_id")).where(col(Series.ended_at).is_(None))
_HAS_ARCHIVED = Prepared(select(_ARCHIVED.label("found")))
_HAS_SERIES = Prepared(select(_SERIES.label("found")))
_GROUPS = Prepared(
    select(func.count().label("count"))
    .select_from(CourseGroup)
    .where(col(CourseGroup.course_id) == bindparam("course_id"))
)


def has_archived(db: Session, course_id: int) -> bool:
    """Whether a course has check-ins that are out of its list and kept."""
    return bool(_HAS_ARCHIVED.first(db, course_id=course_id).found)


def has_series(db: Session, course_id: int) -> bool:
    """Whether a course has a series that has not ended."""
    return bool(_HAS_SERIES.first(db, course_id=course_id).found)


def groups(db: Session, course_id: int) -> int:
    """How many groups a course has."""
    return int(_GROUPS.first(db, course_id=course_id).count)
