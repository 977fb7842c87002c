"""Who is still expected to answer."""

from collections.abc import Sequence
from typing import Any

from sqlalchemy import bindparam, select
from sqlmodel import Session, col

from reflect.storage.answers import Answer
from reflect.storage.checkins import Checkin
from reflect.storage.groups import CheckinGroup, GroupMembership
from reflect.storage.people import Enrolment, Person
from reflect.storage.prepared import Prepared

_IN_ASKED_GROUP = (
    select(col(GroupMembership.group_id))
    .join(CheckinGroup, col(CheckinGroup.group_id) == col(GroupMembership.group_id))
    .where(col(CheckinGroup.checkin_id) == bindparam("checkin_id"))
    .where(col(GroupMembership.person_id) == col(Person.id))
    .exists()
)
_AWAITED = Prepared(
    select(Person.__table__.c["id", "sub", "name"])  # type: ignore[attr-defined]
    .join(Enrolment, col(Enrolment.person_id) == col(Person.id))
    .join(Checkin, col(Checkin.id) == bindparam("checkin_id"))
    .outerjoin(Answer, (col(Answer.person_id) == col(Person.id)) & (col(Answer.checkin_id) == bindparam("checkin_id")))
    .where(col(Enrolment.course_id) == bindparam("course_id"))
    .where(col(Enrolment.role) == "learner")
    .where(col(Enrolment.is_active))
    .where(~col(Enrolment.is_test_user))
    .where(col(Answer.person_id).is_(None))
    .where(~col(Checkin.for_groups) | _IN_ASKED_GROUP)
    .order_by(col(Person.name), col(Person.id))
)


def of_checkin(db: Session, course_id: int, checkin_id: int) -> Sequence[Any]:
    """The active students (id, sub, name) who were asked in a named check-in and have not answered, by name."""
    return _AWAITED.all(db, course_id=course_id, checkin_id=checkin_id)
