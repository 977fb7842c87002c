"""Check-ins that were brought over from another course, found by their originals."""

from typing import Any

from sqlalchemy import bindparam, select
from sqlmodel import Session, col

from reflect.storage.checkins import Checkin, find
from reflect.storage.prepared import Prepared

_TABLE = Checkin.__table__  # type: ignore[attr-defined]
_COPIES = Prepared(
    select(_TABLE)
    .where(col(Checkin.course_id) == bindparam("course_id"))
    .where(col(Checkin.copied_from_id).is_not(None))
    .order_by(col(Checkin.id))
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
