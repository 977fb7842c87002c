"""Groups inside a course, as the platform knows them: who is in which, and which a check-in was put to."""

from collections.abc import Collection, Sequence
from typing import Any

from sqlalchemy import UniqueConstraint, bindparam, case, delete, func, select
from sqlalchemy.dialects.postgresql import insert
from sqlmodel import Field, Session, col

from reflect.storage.checkins import Checkin
from reflect.storage.people import Enrolment
from reflect.storage.prepared import Prepared
from reflect.storage.tables import UNORDERED, Table


class CourseGroup(Table, table=True):
    """A group of a course. Never deleted while its course is there: check-ins were put to it."""

    __tablename__ = "course_group"
    __table_args__ = (UniqueConstraint("course_id", "lti_id"),)

    id: int | None = Field(default=None, primary_key=True)
    course_id: int = Field(foreign_key="course.id", ondelete="CASCADE")
    lti_id: str
    name: str = ""
    """As the platform's groups service says, or as a teacher named it; empty until then."""


class GroupMembership(Table, table=True):
    """That a person is in a group, as the newest launch or roster says."""

    __tablename__ = "group_membership"
    __table_args__ = UNORDERED

    group_id: int = Field(foreign_key="course_group.id", ondelete="CASCADE", primary_key=True)
    person_id: int = Field(foreign_key="person.id", ondelete="CASCADE", primary_key=True, index=True)


class CheckinGroup(Table, table=True):
    """That a check-in was put to a group; it never changes once the check-in is open."""

    __tablename__ = "checkin_group"
    __table_args__ = UNORDERED

    checkin_id: int = Field(foreign_key="checkin.id", ondelete="CASCADE", primary_key=True)
    group_id: int = Field(foreign_key="course_group.id", ondelete="CASCADE", primary_key=True, index=True)


_IS_COUNTED = (col(Enrolment.role) == "learner") & col(Enrolment.is_active) & ~col(Enrolment.is_test_user)
_LTI_IDS_OF = Prepared(
    select(col(CourseGroup.lti_id))
    .join(GroupMembership, col(GroupMembership.group_id) == col(CourseGroup.id))
    .where(col(CourseGroup.course_id) == bindparam("course_id"))
    .where(col(GroupMembership.person_id) == bindparam("person_id"))
)
_MEMBERSHIPS = Prepared(
    select(col(GroupMembership.person_id), col(CourseGroup.lti_id))
    .join(CourseGroup, col(CourseGroup.id) == col(GroupMembership.group_id))
    .where(col(CourseGroup.course_id) == bindparam("course_id"))
)
_OF_COURSE = Prepared(
    select(
        col(CourseGroup.id),
        col(CourseGroup.lti_id),
        col(CourseGroup.name),
        func.count(case((_IS_COUNTED, col(Enrolment.person_id)))).label("learners"),
    )
    .outerjoin(GroupMembership, col(GroupMembership.group_id) == col(CourseGroup.id))
    .outerjoin(
        Enrolment,
        (col(Enrolment.person_id) == col(GroupMembership.person_id))
        & (col(Enrolment.course_id) == col(CourseGroup.course_id)),
    )
    .where(col(CourseGroup.course_id) == bindparam("course_id"))
    .group_by(col(CourseGroup.id), col(CourseGroup.lti_id), col(CourseGroup.name))
    .order_by(col(CourseGroup.id))
)
_OF_CHECKINS = Prepared(
    select(col(CheckinGroup.checkin_id), col(CourseGroup.id), col(CourseGroup.lti_id), col(CourseGroup.name))
    .join(CourseGroup, col(CourseGroup.id) == col(CheckinGroup.group_id))
    .where(col(CourseGroup.course_id) == bindparam("course_id"))
    .order_by(col(CourseGroup.id))
)
_OF_LEARNERS = Prepared(
    select(col(Enrolment.person_id), col(GroupMembership.group_id))
    .outerjoin(GroupMembership, col(GroupMembership.person_id) == col(Enrolment.person_id))
    .where(col(Enrolment.course_id) == bindparam("course_id"))
    .where(_IS_COUNTED)
)
_IS_ASKED = Prepared(
    select(col(CheckinGroup.checkin_id))
    .join(GroupMembership, col(GroupMembership.group_id) == col(CheckinGroup.group_id))
    .where(col(CheckinGroup.checkin_id) == bindparam("checkin_id"))
    .where(col(GroupMembership.person_id) == bindparam("person_id"))
    .limit(1)
)
_ASKED = Prepared(
    select(col(CheckinGroup.checkin_id))
    .distinct()
    .join(Checkin, col(Checkin.id) == col(CheckinGroup.checkin_id))
    .join(GroupMembership, col(GroupMembership.group_id) == col(CheckinGroup.group_id))
    .where(col(Checkin.course_id) == bindparam("course_id"))
    .where(col(GroupMembership.person_id) == bindparam("person_id"))
)
_EXPECTED = Prepared(
    select(col(CheckinGroup.checkin_id), func.count(col(Enrolment.person_id).distinct()).label("count"))
    .join(GroupMembership, col(GroupMembership.group_id) == col(CheckinGroup.group_id))
    .join(Enrolment, col(Enrolment.person_id) == col(GroupMembership.person_id))
    .where(col(Enrolment.course_id) == bindparam("course_id"))
    .where(_IS_COUNTED)
    .group_by(col(CheckinGroup.checkin_id))
)


def lti_ids_of(db: Session, course_id: int, person_id: int) -> frozenset[str]:
    """The groups of a course that a person is in, by the platform's ids."""
    return frozenset(row.lti_id for row in _LTI_IDS_OF.all(db, course_id=course_id, person_id=person_id))


def memberships(db: Session, course_id: int) -> dict[int, frozenset[str]]:
    """The platform's ids of the groups of everybody who is in some, by the person's id."""
    found: dict[int, set[str]] = {}
    for row in _MEMBERSHIPS.all(db, course_id=course_id):
        found.setdefault(row.person_id, set()).add(row.lti_id)
    return {person_id: frozenset(lti_ids) for person_id, lti_ids in found.items()}


def ids_of(db: Session, course_id: int, lti_ids: Collection[str]) -> dict[str, int]:
    """Our id of each of the platform's groups; those we did not know are known from now on."""
    if not lti_ids:
        return {}
    rows = [{"course_id": course_id, "lti_id": lti_id, "name": ""} for lti_id in sorted(lti_ids)]
    # Two people of a new group may launch at once.
    db.execute(insert(CourseGroup).on_conflict_do_nothing(index_elements=["course_id", "lti_id"]), rows)
    known = select(col(CourseGroup.lti_id), col(CourseGroup.id)).where(
        col(CourseGroup.course_id) == course_id, col(CourseGroup.lti_id).in_(lti_ids)
    )
    return {row.lti_id: row.id for row in db.execute(known)}


def set_memberships(db: Session, course_id: int, person_id: int, group_ids: Collection[int]) -> None:
    """Put a person into exactly these groups of a course."""
    others = select(col(CourseGroup.id)).where(
        col(CourseGroup.course_id) == course_id, col(CourseGroup.id).not_in(group_ids)
    )
    db.execute(
        delete(GroupMembership).where(
            col(GroupMembership.person_id) == person_id, col(GroupMembership.group_id).in_(others)
        )
    )
    if group_ids:
        rows = [{"group_id": group_id, "person_id": person_id} for group_id in sorted(group_ids)]
        db.execute(insert(GroupMembership).on_conflict_do_nothing(index_elements=["group_id", "person_id"]), rows)


def of_course(db: Session, course_id: int) -> Sequence[Any]:
    """The groups of a course with their known active students: (id, lti_id, name, learners), oldest first."""
    return _OF_COURSE.all(db, course_id=course_id)


def of_checkins(db: Session, course_id: int) -> dict[int, list[Any]]:
    """The groups (id, lti_id, name) that each check-in of a course was put to, where it was put to some only."""
    found: dict[int, list[Any]] = {}
    for row in _OF_CHECKINS.all(db, course_id=course_id):
        found.setdefault(row.checkin_id, []).append(row)
    return found


def is_asked(db: Session, checkin_id: int, person_id: int) -> bool:
    """Whether a person is in one of the groups that a check-in was put to."""
    return _IS_ASKED.first(db, checkin_id=checkin_id, person_id=person_id) is not None


def asked(db: Session, course_id: int, person_id: int) -> set[int]:
    """The check-ins of a course that were put to one of the person's groups."""
    return {row.checkin_id for row in _ASKED.all(db, course_id=course_id, person_id=person_id)}


def expected(db: Session, course_id: int) -> dict[int, int]:
    """How many active students each check-in of a course was put to, where it was put to some groups only."""
    return {row.checkin_id: int(row.count) for row in _EXPECTED.all(db, course_id=course_id)}


def groups_of_learners(db: Session, course_id: int) -> dict[int, set[int]]:
    """The ids of the groups that each active student of a course is in, also of those who are in none."""
    found: dict[int, set[int]] = {}
    for row in _OF_LEARNERS.all(db, course_id=course_id):
        found.setdefault(row.person_id, set()).update(() if row.group_id is None else (row.group_id,))
    return found


def learners_in(db: Session, course_id: int, group_ids: Collection[int] | None) -> frozenset[int]:
    """The active students who are in any of these groups; with None, all of the course."""
    counted = select(col(Enrolment.person_id)).where(col(Enrolment.course_id) == course_id, _IS_COUNTED)
    if group_ids is not None:
        members = select(col(GroupMembership.person_id)).where(col(GroupMembership.group_id).in_(group_ids))
        counted = counted.where(col(Enrolment.person_id).in_(members))
    return frozenset(db.scalars(counted))
