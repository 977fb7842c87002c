"""People, and what they are in each course."""

from collections.abc import Sequence
from datetime import date, datetime
from typing import Any

from sqlalchemy import Exists, UniqueConstraint, bindparam, exists, func, insert, select, update
from sqlmodel import Field, Session, col

from reflect.storage.prepared import Prepared, Question
from reflect.storage.tables import Table


class Person(Table, table=True):
    """Someone a deployment vouched for. The pair (deployment, sub) is the identity; e-mail is never kept."""

    __table_args__ = (UniqueConstraint("deployment_id", "sub"),)

    id: int | None = Field(default=None, primary_key=True)
    deployment_id: int = Field(foreign_key="deployment.id", ondelete="CASCADE")
    sub: str
    name: str = ""
    """As the platform shares it; empty where it does not."""
    is_guest: bool = False
    """Made for one session by a launch without a `sub`; in no roster, and in no batch with students."""
    follow_ups: int | None = None
    """With how many students a day somebody has set time aside to follow up; None where they did not say."""
    language: str | None = None
    """The tag of the language that the person chose; None where the platform's is followed."""
    created_at: datetime


class Enrolment(Table, table=True):
    """What a person is in a course."""

    person_id: int = Field(foreign_key="person.id", ondelete="CASCADE", primary_key=True)
    course_id: int = Field(foreign_key="course.id", ondelete="CASCADE", primary_key=True, index=True)
    role: str
    launched_as_staff: bool = False
    """Whether the person came as staff, and no roster has taken it from them since: then they are, whatever it says."""
    listed_as: str | None = None
    """The role in which the platform's last roster listed the person; None where it did not, or never came."""
    is_test_user: bool = False
    """A platform's test student: may do everything a student may, and is counted nowhere."""
    is_active: bool = True
    vouched_on: date | None = None
    """The day on which the platform last said, by a launch or a roster, that the person is this here; None once it said
    less. Whoever comes without their platform goes by it. It is written only where people may come so."""


_ADD = Prepared(
    insert(Person)
    .values({name: bindparam(name) for name in ("deployment_id", "sub", "name", "is_guest", "created_at")})
    .returning(col(Person.id))
)
# A launch knows nothing of a roster.
_ENROL = Prepared(
    insert(Enrolment).values({name: bindparam(name) for name in Enrolment.model_fields if name != "listed_as"})
)
_RENAME = Prepared(update(Person).where(col(Person.id) == bindparam("person_id")).values(name=bindparam("name")))
_SPEAK = Prepared(update(Person).where(col(Person.id) == bindparam("person_id")).values(language=bindparam("tag")))
IS_STAFF = (col(Enrolment.role) == "teacher") | (col(Enrolment.role) == "assistant")
_IS_NAMED = IS_STAFF & col(Enrolment.is_active) & ~col(Enrolment.is_test_user)
STAFF = Prepared(
    select(Person.__table__.c["id", "sub", "name"], col(Enrolment.role))  # type: ignore[attr-defined]
    .join(Enrolment, col(Enrolment.person_id) == col(Person.id))
    .where(col(Enrolment.course_id) == bindparam("course_id"))
    .where(_IS_NAMED)
    .order_by(col(Person.name), col(Person.id))
)


_LEARNERS = Prepared(
    select(func.count().label("count"))
    .select_from(Enrolment)
    .where(col(Enrolment.course_id) == bindparam("course_id"))
    .where(col(Enrolment.role) == "learner")
    .where(col(Enrolment.is_active))
    .where(~col(Enrolment.is_test_user))
)


def add(db: Session, deployment_id: int, sub: str, name: str, is_guest: bool, now: datetime) -> int:
    """Remember somebody new; their id."""
    row = _ADD.first(db, deployment_id=deployment_id, sub=sub, name=name, is_guest=is_guest, created_at=now)
    return int(row.id)


def enrolling(**columns: Any) -> Question:
    """What stores what a person is in a course by a launch; the keyword arguments are the columns of Enrolment, but for
    what a roster says."""
    return _ENROL.asked(**columns)


def rename(db: Session, person_id: int, name: str) -> None:
    """Remember the name that the platform gives now."""
    _RENAME.run(db, person_id=person_id, name=name)


def set_language(db: Session, person_id: int, tag: str) -> None:
    """Remember the language that somebody chose."""
    _SPEAK.run(db, person_id=person_id, tag=tag)


def staff_of(db: Session, course_id: int) -> Sequence[Any]:
    """The people who may see named answers of a course: (id, sub, name, role), by name."""
    return STAFF.all(db, course_id=course_id)


def is_named(person_id: Any, course_id: Any) -> Exists:
    """Whether `staff_of` has somebody, as a part of another statement: whom it has not is shown no answer."""
    whom = (col(Enrolment.person_id) == person_id) & (col(Enrolment.course_id) == course_id)
    return exists().where(whom & _IS_NAMED)


def learners(db: Session, course_id: int) -> int:
    """How many students a course has, as far as launches and rosters have told us; test users are none."""
    return int(_LEARNERS.first(db, course_id=course_id).count)
