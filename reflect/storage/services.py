"""What the platform's services need to be remembered for: where a course's roster and gradebook are, and the outbox."""

from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import bindparam, func, or_, select, update
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.orm import aliased
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
    held_until: datetime | None = None
    """Until then nobody else makes the column: the platform does with the link that was just placed, or a worker is at
    it."""


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
    """How many marks were refused and wait to be tried again, or have been due for more than five minutes.

    What is put off meanwhile is neither: it is not due.
    """
    is_late = or_(col(Score.tries) > 0, col(Score.due_at) < now - timedelta(minutes=5))
    return db.scalar(select(func.count()).select_from(Score).where(col(Score.is_waiting), is_late)) or 0


def _of_registrations(*columns: Any) -> Any:
    """Columns of marks that wait, with the registration whose platform they are for."""
    scores = select(*columns).select_from(Score).join(Checkin, col(Checkin.id) == col(Score.checkin_id))
    scores = scores.join(Course, col(Course.id) == col(Checkin.course_id))
    return scores.join(Deployment, col(Deployment.id) == col(Course.deployment_id)).where(col(Score.is_waiting))


def registrations_due(db: Session, now: datetime) -> Sequence[int]:
    """The registrations for whose platforms marks are due, the one whose mark has waited longest first."""
    due = _of_registrations(col(Deployment.registration_id)).where(col(Score.due_at) <= now)
    return db.scalars(due.group_by(col(Deployment.registration_id)).order_by(func.min(col(Score.due_at)))).all()


def due_scores(db: Session, registration_id: int, now: datetime, most: int) -> Sequence[Score]:
    """Marks that wait to be sent to a platform; those that another transaction is taking are left to it.

    The oldest go first, and before them what was never refused: a mark that a platform cannot take would else come
    before all others again and again. The same holds for check-ins: those of which fewest were refused go first, or a
    few locked columns would be all that a platform is asked for before it is spared. What fell due together goes by
    person, for it must not tell who came when.
    """
    beside = aliased(Score)
    refused = select(func.count()).where(col(beside.checkin_id) == col(Score.checkin_id), col(beside.tries) > 0)
    refusals = refused.where(col(beside.is_waiting)).scalar_subquery()
    due = _of_registrations(Score).where(col(Deployment.registration_id) == registration_id, col(Score.due_at) <= now)
    in_turn = due.order_by(refusals, col(Score.tries), col(Score.due_at), col(Score.checkin_id), col(Score.person_id))
    return db.scalars(in_turn.limit(most).with_for_update(skip_locked=True, of=Score)).all()


def put_off(db: Session, registration_id: int, until: datetime, checkin_id: int | None = None) -> None:
    """Let no mark that waits for a platform, or of one of its check-ins, be due before a moment."""
    sooner = _of_registrations(col(Score.checkin_id)).where(
        col(Deployment.registration_id) == registration_id, col(Score.due_at) < until
    )
    if checkin_id is not None:
        sooner = sooner.where(col(Score.checkin_id) == checkin_id)
    waiting = update(Score).where(col(Score.is_waiting), col(Score.due_at) < until)
    db.execute(waiting.where(col(Score.checkin_id).in_(sooner)).values(due_at=until))


def hold_column(db: Session, checkin_id: int) -> tuple[LineItem, bool]:
    """The row of a check-in's column, held until commit, and whether it was made for that."""
    made = insert(LineItem).values(checkin_id=checkin_id).on_conflict_do_nothing(index_elements=["checkin_id"])
    is_new = db.scalar(made.returning(col(LineItem.checkin_id))) is not None
    return db.get_one(LineItem, checkin_id, with_for_update=True, populate_existing=True), is_new


def checkin_of_column(db: Session, course_id: int, url: str) -> int | None:
    """The check-in of a course whose gradebook column this is."""
    row = _COLUMN_AT.first(db, course_id=course_id, url=url)
    return row and int(row.checkin_id)
