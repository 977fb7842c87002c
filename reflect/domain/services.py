"""Where a course's roster, gradebook and groups are, as the newest launch says."""

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlmodel import Session

from reflect.domain import gradebooks
from reflect.storage.services import CourseService, LineItem, services_of

SCOPES_OF_A_COLUMN = frozenset(
    f"https://purl.imsglobal.org/spec/lti-ags/scope/{scope}" for scope in ("lineitem", "score")
)
"""What a platform must allow for a column of our own with marks in it (AGS 2.0, 3.1 and 3.4)."""
KEPT = ("memberships_url", "lineitems_url", "ags_scopes", "groups_url")
"""What is remembered for the course; the rest is of the link."""


@dataclass(frozen=True, slots=True)
class Services:
    """What a launch says about the platform's services."""

    memberships_url: str | None
    lineitems_url: str | None
    lineitem_url: str | None
    """The gradebook column of this very link, where it has one."""
    ags_scopes: str
    groups_url: str | None = None
    """Of the course's groups, if the platform lets us ask for them."""


def has_gradebook(db: Session, course_id: int) -> bool:
    """Whether a check-in can have a column of its own in the course's gradebook, with marks in it.

    Some platforms only take marks for columns that they have made themselves.
    """
    known = services_of(db, course_id)
    if known is None or known.lineitems_url is None:
        return False
    return SCOPES_OF_A_COLUMN.issubset(known.ags_scopes.split())


def remember(
    db: Session, course_id: int, checkin_id: int | None, services: Services, known: Any, now: datetime
) -> None:
    """Keep where a course's roster, gradebook and groups are; writes only what is not `known` so."""
    wanted = {name: getattr(services, name) for name in KEPT}
    if known.service_id is None:
        db.add(CourseService(course_id=course_id, **wanted))
    elif any(getattr(known, name) != value for name, value in wanted.items()):
        row = db.get_one(CourseService, course_id)
        for name, value in wanted.items():
            setattr(row, name, value)
    if checkin_id is not None and services.lineitem_url is not None:
        _remember_column(db, checkin_id, services.lineitem_url, now)
    elif checkin_id is not None and known.link_id is None:
        gradebooks.placed(db, checkin_id, now)
    db.flush()


def _remember_column(db: Session, checkin_id: int, url: str, now: datetime) -> None:
    """A launch through a graded link says which column is its check-in's.

    The first one stays: a duplicated activity has a column of its own, and marks in two columns are right in neither.
    When it is gone, sending a mark finds the other.
    """
    column = db.get(LineItem, checkin_id)
    if column is None:
        db.add(LineItem(checkin_id=checkin_id, url=url))
        gradebooks.begin_marking(db, [checkin_id], now)
    elif column.url is None:
        column.url, column.held_until = url, None
