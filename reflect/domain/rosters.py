"""The roster of a course as its platform keeps it: merged whole or not at all, never deleting anybody.

Who launched as staff is staff though the roster says less or nothing: Moodle lists its non-editing teachers as
learners, and its administrators not at all. But what it said before and does not say any more, it has taken away: who
was listed and is not has left, and who was listed as staff and is listed as less is less, until they launch as staff
again.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import select
from sqlmodel import Session, col

from reflect.domain import groups
from reflect.domain.capabilities import STAFF
from reflect.storage import sessions
from reflect.storage.courses import Course
from reflect.storage.people import Enrolment, Person
from reflect.storage.services import CourseService
from reflect.storage.tables import key_of

STALE = timedelta(minutes=15)
"""A roster older than this is fetched again when a teacher comes by."""
RETRY = timedelta(minutes=2)
"""After a fault the platform is left in peace for this long."""


@dataclass(frozen=True, slots=True)
class Listed:
    """One person of a platform's roster, as the domain needs them."""

    sub: str
    name: str
    role: str
    is_test_user: bool
    is_active: bool
    group_ids: frozenset[str] | None = None
    """The platform's ids of the groups they are in; None where it does not say."""


def is_due(service: CourseService, now: datetime) -> bool:
    """Whether the roster should be fetched on a teacher's visit."""
    if service.memberships_url is None:
        return False
    if service.roster_tried_at is not None and now - service.roster_tried_at < RETRY:
        return False
    return service.roster_fetched_at is None or now - service.roster_fetched_at >= STALE


def note_fault(db: Session, course_id: int, code: str, now: datetime) -> None:
    """A fetch came to nothing: the roster stays as it was."""
    service = db.get_one(CourseService, course_id)
    service.roster_tried_at, service.roster_fault = now, code


def merge(db: Session, course_id: int, roster: Sequence[Listed], now: datetime, *, vouches: bool = False) -> None:
    """Take over a complete roster: newcomers in, names and roles up to date, who is gone inactive.

    Where people may come without their platform, it also vouches for the roles that it confirms.
    """
    course = db.get_one(Course, course_id)
    known = _known(db, course)
    staff = [enrolment for _, enrolment in known.values() if enrolment is not None and _is_of_staff(enrolment)]
    members: dict[int, frozenset[str] | None] = {}
    for listed in roster:
        merged = _enrol(db, course, listed, known.get(listed.sub), now)
        members[merged.person_id] = listed.group_ids
        if vouches and merged.role == listed.role:
            merged.vouched_on = now.date()
    if any(group_ids is not None for group_ids in members.values()):
        groups.merge(db, course_id, members)
    present = {listed.sub for listed in roster}
    for sub, (_, enrolment) in known.items():
        if enrolment is not None and sub not in present:
            _leave_out(enrolment)
    service = db.get_one(CourseService, course_id)
    service.roster_fetched_at, service.roster_tried_at, service.roster_fault = now, now, ""
    db.flush()
    for enrolment in staff:
        # No receipt names them from here on, so no page that is still open may show them answers.
        if not _is_of_staff(enrolment):
            sessions.end_in_course(db, enrolment.person_id, course_id)


def _known(db: Session, course: Course) -> dict[str, tuple[Person, Enrolment | None]]:
    """Everybody of the deployment by `sub`, with their enrolment in this course."""
    enrolled = (col(Enrolment.person_id) == col(Person.id)) & (col(Enrolment.course_id) == course.id)
    rows = db.execute(
        select(Person, Enrolment)
        .outerjoin(Enrolment, enrolled)
        .where(col(Person.deployment_id) == course.deployment_id, ~col(Person.is_guest))
    )
    return {person.sub: (person, enrolment) for person, enrolment in rows}


def _enrol(
    db: Session, course: Course, listed: Listed, known: tuple[Person, Enrolment | None] | None, now: datetime
) -> Enrolment:
    person, enrolment = known or (None, None)
    if person is None:
        person = Person(deployment_id=course.deployment_id, sub=listed.sub, name=listed.name, created_at=now)
        db.add(person)
        db.flush()
    elif listed.name:
        person.name = listed.name
    if enrolment is None:
        enrolment = Enrolment(person_id=key_of(person), course_id=key_of(course), role=listed.role)
        db.add(enrolment)
    elif not enrolment.launched_as_staff or (enrolment.listed_as in STAFF and listed.role not in STAFF):
        enrolment.role, enrolment.launched_as_staff = listed.role, False
    enrolment.listed_as = listed.role
    enrolment.is_test_user = enrolment.is_test_user or listed.is_test_user
    enrolment.is_active = listed.is_active
    return enrolment


def _leave_out(enrolment: Enrolment) -> None:
    """Somebody is not in the roster: they have left, unless they launched as staff and never were in it."""
    if enrolment.launched_as_staff and enrolment.listed_as is None:
        return
    enrolment.is_active, enrolment.launched_as_staff, enrolment.listed_as = False, False, None


def _is_of_staff(enrolment: Enrolment) -> bool:
    return enrolment.is_active and enrolment.role in STAFF
