"""What the platform's services need to be remembered for: where a course's roster and gradebook are, and the outbox."""

from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import bindparam, func, or_, select
from sqlmodel import Field, Session, col

from reflect.storage.checkins import Checkin
from reflect.storage.courses import Course
from reflect.storage.prepared import Prepared
from reflect.storage.registrations import Deployment
from reflect.storage.tables import Table


class CourseService(Table, table=True):
    """Where the platform keeps a course's roster (NRPS), gradebook (AGS) and groups, as the newest launch says."""

    __tablename__ = "course_service"

    course_id: int = Field(foreign_key="course.id", ondelete="CASCADE", primary_key=True)
    memberships_url: str | None = None
    lineitems_url: str | None = None
    groups_url: str | None = None
    """Of the Course Groups Service; None where we may not ask it."""
    ags_scopes: str = ""
    """Scopes that the launch allows, separated by spaces."""
    roster_fetched_at: datetime | None = None
    roster_tried_at: datetime | None = None
    roster_fault: str = ""
    """Code of the last try's fault; empty when it went well."""


class LineItem(Table, table=True):
    """The gradebook column of a check-in: who took part, never what they felt."""

    __tablename__ = "line_item"

    checkin_id: int = Field(foreign_key="checkin.id", ondelete="CASCADE", primary_key=True)
    url: str | None = None
    """Of the platform's line item; None until it is made or found, as while a link that asks for it is being placed."""


class Score(Table, table=True):
    """A participation mark that is to be sent, or was; the outbox that survives restarts and failures."""

    checkin_id: int = Field(foreign_key="checkin.id", ondelete="CASCADE", primary_key=True)
    person_id: int = Field(foreign_key="person.id", ondelete="CASCADE", primary_key=True)
    due_at: datetime = Field(index=True)
    """When it may be tried (again)."""
    is_waiting: bool = True
    """Whether it is to be sent, for the first time or again."""
    tries: int = 0
    sent_at: datetime | None = None
    """The timestamp that was sent last; a later one must be strictly greater (AGS 3.4.6)."""
    fault: str = ""


_OF_COURSE = Prepared(
    select(CourseService.__table__).where(  # type: ignore[attr-defined]
        col(CourseService.course_id) == bindparam("course_id")
    )
)


def services_of(db: Session, course_id: int) -> Any:
    """A course's services (columns of CourseService), or None where the platform offers none."""
    return _OF_COURSE.first(db, course_id=course_id)


_IS_DUE = Prepared(
    select(col(Score.checkin_id))
    .where(col(Score.is_waiting))
    .where(col(Score.due_at) <= bindparam("now", type_=Score.__table__.c.due_at.type))  # type: ignore[attr-defined]
    .limit(1)
)
_COLUMN_AT = Prepared(
    select(col(LineItem.checkin_id))
    .join(Checkin, col(Checkin.id) == col(LineItem.checkin_id))
    .where(col(LineItem.url) == bindparam("url"))
    .where(col(Checkin.course_id) == bindparam("course_id"))
)


def columns_in(db: Session, course_id: int) -> frozenset[int]:
    """The check-ins of a course that have a column in the gradebook, or for which one was asked."""
    of_course = select(col(LineItem.checkin_id)).join(Checkin, col(Checkin.id) == col(LineItem.checkin_id))
    return frozenset(db.scalars(of_course.where(col(Checkin.course_id) == course_id)))


def addresses_of(db: Session, registration_id: int) -> Sequence[str]:
    """Where the platform of a registration keeps rosters and gradebooks, as launches have said."""
    rows = db.execute(
        select(col(CourseService.memberships_url), col(CourseService.lineitems_url))
        .join(Course, col(Course.id) == col(CourseService.course_id))
        .join(Deployment, col(Deployment.id) == col(Course.deployment_id))
        .where(col(Deployment.registration_id) == registration_id)
    )
    return [url for row in rows for url in row if url]


def is_any_score_due(db: Session, now: datetime) -> bool:
    """Whether there is anything to send, without holding up whoever writes."""
    return _IS_DUE.first(db, now=now) is not None


def late_scores(db: Session, now: datetime) -> int:
    """How many marks were refused and wait to be tried again, or have waited for more than five minutes."""
    is_late = or_(col(Score.tries) > 0, col(Score.due_at) < now - timedelta(minutes=5))
    return db.scalar(select(func.count()).select_from(Score).where(col(Score.is_waiting), is_late)) or 0


def due_scores(db: Session, now: datetime, most: int) -> Sequence[Score]:
    """Marks that wait to be sent, oldest first; those that another transaction is taking are left to it."""
    waiting = select(Score).where(col(Score.is_waiting), col(Score.due_at) <= now)
    oldest = waiting.order_by(col(Score.due_at)).limit(most)
    return db.scalars(oldest.with_for_update(skip_locked=True)).all()


def checkin_of_column(db: Session, course_id: int, url: str) -> int | None:
    """The check-in of a course whose gradebook column this is."""
    row = _COLUMN_AT.first(db, course_id=course_id, url=url)
    return row and int(row.checkin_id)
