"""Check-ins that were brought over from another course, found by their originals."""

from typing import Any

from sqlalchemy import bindparam, select
from sqlmodel import Session, col

from reflect.storage.checkins import IS_LISTED, Checkin, find
from reflect.storage.courses import Course
from reflect.storage.people import IS_STAFF, Enrolment
from reflect.storage.prepared import Prepared

_TABLE = Checkin.__table__  # type: ignore[attr-defined]
_COPIES = Prepared(
    select(_TABLE)
    .where(col(Checkin.course_id) == bindparam("course_id"))
    .where(col(Checkin.copied_from_id).is_not(None))
    .order_by(col(Checkin.id))
)
_TAUGHT = Prepared(
    select(col(Course.lti_id))
    .join(Checkin, col(Checkin.course_id) == col(Course.id))
    .join(Enrolment, col(Enrolment.course_id) == col(Course.id))
    .where(col(Checkin.id) == bindparam("checkin_id"), IS_LISTED)
    .where(col(Course.deployment_id) == bindparam("deployment_id"), col(Course.kind) == "context")
    .where(col(Enrolment.person_id) == bindparam("person_id"), col(Enrolment.is_active))
    .where(IS_STAFF)
)
MOST_GENERATIONS = 20
"""Copies of copies that are followed back; a course copied every term for ten years."""


def copy_of(db: Session, course_id: int, original_id: int) -> Any:
    """The check-in of a course that was brought over from that original, directly or by way of other copies."""
    for copy in _COPIES.all(db, course_id=course_id):
        ancestor = copy
        for _ in range(MOST_GENERATIONS):
            if ancestor is None or ancestor.copied_from_id is None:
                break
            if ancestor.copied_from_id == original_id:
                return copy
            ancestor = find(db, ancestor.copied_from_id)
    return None


def taught_context(db: Session, checkin_id: int, deployment_id: int, person_id: int) -> str | None:
    """The LTI id of the context that a check-in belongs to, if the person is staff there."""
    found = _TAUGHT.first(db, checkin_id=checkin_id, deployment_id=deployment_id, person_id=person_id)
    return str(found.lti_id) if found is not None else None
