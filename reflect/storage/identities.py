"""The institution's sign-in of a person, as a keyed hash: it can be recognised, and tells nothing by itself."""

from collections.abc import Sequence
from datetime import date
from typing import Any

from sqlalchemy import UniqueConstraint, bindparam, delete, select
from sqlmodel import Field, Session, col

from reflect.storage.courses import Course
from reflect.storage.people import Enrolment, Person
from reflect.storage.prepared import Prepared
from reflect.storage.registrations import Deployment, Registration
from reflect.storage.tables import Table


class Identity(Table, table=True):
    """That a person of a platform has signed in at the institution's OpenID provider, and as whom."""

    __table_args__ = (UniqueConstraint("deployment_id", "mark"),)

    person_id: int = Field(foreign_key="person.id", ondelete="CASCADE", primary_key=True)
    deployment_id: int = Field(foreign_key="deployment.id", ondelete="CASCADE")
    provider: bytes
    """Keyed hash of the issuer: what was linked under another issuer or another secret counts no more."""
    mark: bytes = Field(index=True)
    """Keyed hash of issuer and `sub`."""
    confirmed_on: date
    """The day on which the person last signed in there."""


_LINK = Prepared(
    select(col(Identity.provider), col(Identity.confirmed_on)).where(col(Identity.person_id) == bindparam("person_id"))
)


def link_of(db: Session, person_id: int) -> Any:
    """What a launch needs to know of a person's link: (provider, confirmed_on); None without one."""
    return _LINK.first(db, person_id=person_id)


def of_person(db: Session, person_id: int) -> Identity | None:
    """What a person is linked with."""
    return db.get(Identity, person_id)


def holder(db: Session, deployment_id: int, mark: bytes) -> Identity | None:
    """Who in a deployment has this identity."""
    found = select(Identity).where(col(Identity.deployment_id) == deployment_id, col(Identity.mark) == mark)
    return db.scalar(found)


def with_mark(db: Session, mark: bytes) -> Sequence[Identity]:
    """Everybody who has this identity: one person in each deployment."""
    return db.scalars(select(Identity).where(col(Identity.mark) == mark)).all()


def forget(db: Session, person_id: int) -> None:
    """Take the link away."""
    db.execute(delete(Identity).where(col(Identity.person_id) == person_id))


def courses_of(db: Session, mark: bytes, vouched_since: date) -> Sequence[Any]:
    """The courses of somebody with this identity: (id, title, label, person_id, role), by title.

    Only those in which the platform has vouched for that role since a day, and none of a platform that is switched
    off; nobody is a test user there.
    """
    found = (
        select(col(Course.id), col(Course.title), col(Course.label), col(Person.id).label("person_id"))
        .add_columns(col(Enrolment.role))
        .select_from(Identity)
        .join(Person, col(Person.id) == col(Identity.person_id))
        .join(Enrolment, col(Enrolment.person_id) == col(Person.id))
        .join(Course, col(Course.id) == col(Enrolment.course_id))
        .join(Deployment, col(Deployment.id) == col(Course.deployment_id))
        .join(Registration, col(Registration.id) == col(Deployment.registration_id))
        .where(col(Identity.mark) == mark, col(Registration.is_enabled), col(Deployment.is_approved))
        .where(col(Enrolment.is_active), ~col(Enrolment.is_test_user), col(Enrolment.vouched_on) >= vouched_since)
        .order_by(col(Course.title), col(Course.id))
    )
    return db.execute(found).all()
