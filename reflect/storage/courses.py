"""Courses and the links through which people enter them."""

from datetime import date, datetime

from sqlalchemy import UniqueConstraint, bindparam, select, update
from sqlmodel import Field, Session, col

from reflect.storage.prepared import Prepared
from reflect.storage.tables import Table


class Course(Table, table=True):
    """An LTI context; or, where a platform sends none, the space of a single resource link."""

    __table_args__ = (UniqueConstraint("deployment_id", "kind", "lti_id"),)

    id: int | None = Field(default=None, primary_key=True)
    deployment_id: int = Field(foreign_key="deployment.id", ondelete="CASCADE")
    kind: str
    """`context`, or `link` for a space without one: their ids are different sets of words."""
    lti_id: str
    title: str
    label: str = ""
    history: str = ""
    """LTI ids of the contexts this one was copied from, newest first, separated by commas (Context.id.history)."""
    copies_answered: bool = False
    """Whether a teacher has said what to do with the check-ins of the course this one was copied from."""
    created_at: datetime
    last_active_on: date
    """Retention counts from here; a day is as fine as it needs to be."""


class ResourceLink(Table, table=True):
    """A placement of the tool in a course."""

    __tablename__ = "resource_link"
    __table_args__ = (UniqueConstraint("deployment_id", "lti_id"),)

    id: int | None = Field(default=None, primary_key=True)
    deployment_id: int = Field(foreign_key="deployment.id", ondelete="CASCADE")
    course_id: int = Field(foreign_key="course.id", ondelete="CASCADE", index=True)
    lti_id: str
    title: str = ""


_TOUCH = Prepared(
    update(Course)
    .where(col(Course.id) == bindparam("course_id"))
    .values(
        title=bindparam("title"),
        label=bindparam("label"),
        history=bindparam("history"),
        last_active_on=bindparam("today"),
    )
)


# Not FOR UPDATE: whoever writes a row that belongs to the course (an enrolment, an answer) need not wait.
_HOLD = Prepared(select(col(Course.id)).where(col(Course.id) == bindparam("course_id")).with_for_update(key_share=True))


def hold(db: Session, course_id: int) -> None:
    """Let nobody else hold the course until commit; on SQLite there is only one writer anyway."""
    _HOLD.first(db, course_id=course_id)


def touch_course(db: Session, course_id: int, title: str, label: str, history: str, today: date) -> None:
    """Remember a course's newest names, what it was copied from, and that it was alive today."""
    _TOUCH.run(db, course_id=course_id, title=title, label=label, history=history, today=today)
