"""Groups inside a course: who is in which comes from the platform; names do too, or from a teacher."""

from collections.abc import Mapping, Sequence
from typing import Any

from sqlalchemy import select
from sqlmodel import Session, col

from reflect.domain.capabilities import Capability
from reflect.domain.refusals import FormRefused, Missing, Refused
from reflect.domain.sessions import Viewer
from reflect.domain.writing import in_one_line, is_readable
from reflect.storage import groups
from reflect.storage.groups import CourseGroup
from reflect.storage.services import services_of

LONGEST_NAME = 100


def join(db: Session, course_id: int, person_id: int, lti_ids: frozenset[str]) -> None:
    """A launch says which groups of the course a person is in: from now on exactly these.

    One small read where nothing has changed: launches are many, and groups change seldom.
    """
    if groups.lti_ids_of(db, course_id, person_id) != lti_ids:
        groups.set_memberships(db, course_id, person_id, groups.ids_of(db, course_id, lti_ids).values())


def merge(db: Session, course_id: int, members: Mapping[int, frozenset[str] | None]) -> None:
    """A whole roster says who (a person's id) is in which groups (the platform's ids).

    None changes nothing: of that person the platform did not say. Who is not in the roster is in no group.
    """
    before = groups.memberships(db, course_id)
    ids = groups.ids_of(db, course_id, {lti_id for lti_ids in members.values() for lti_id in lti_ids or ()})
    for person_id in members.keys() | before.keys():
        lti_ids = members.get(person_id, frozenset())
        if lti_ids is not None and lti_ids != before.get(person_id, frozenset()):
            groups.set_memberships(db, course_id, person_id, [ids[lti_id] for lti_id in lti_ids])


def take_names(db: Session, course_id: int, names: Mapping[str, str]) -> None:
    """The platform names its groups (by its ids); new ones are known from now on, a missing name changes nothing."""
    ids = groups.ids_of(db, course_id, names.keys())
    for group in db.scalars(select(CourseGroup).where(col(CourseGroup.id).in_(ids.values()))):
        group.name = names[group.lti_id][:LONGEST_NAME] or group.name
    db.flush()


def of_course(db: Session, viewer: Viewer) -> Sequence[Any]:
    """The groups of the viewer's course: (id, lti_id, name, learners); for who may put check-ins to them."""
    viewer.must(Capability.CREATE_CHECKINS)
    return groups.of_course(db, viewer.course_id)


def are_named_by_platform(db: Session, course_id: int) -> bool:
    """Whether names come from the platform, so that a teacher's would be overwritten."""
    service = services_of(db, course_id)
    return service is not None and service.groups_url is not None


def rename(db: Session, viewer: Viewer, group_id: int, name: str) -> None:
    """Give a group a name, or with an empty one take it back.

    Raises FormRefused (`name`), Refused `groups_named` where the platform names them, Missing.
    """
    viewer.must(Capability.CREATE_CHECKINS)
    group = db.get(CourseGroup, group_id)
    if group is None or group.course_id != viewer.course_id:
        raise Missing()
    if are_named_by_platform(db, viewer.course_id):
        raise Refused("groups_named")
    plain = in_one_line(name)
    if len(plain) > LONGEST_NAME or not is_readable(plain):
        raise FormRefused({"name": "name_too_long" if is_readable(plain) else "question_unprintable"})
    group.name = plain
    db.flush()
