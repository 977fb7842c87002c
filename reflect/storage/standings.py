"""All that is known already of whoever launches, in one statement: the hot path of a launch reads nothing else."""

from datetime import datetime
from typing import Any, Final, NamedTuple, cast

from sqlalchemy import and_, bindparam, select
from sqlmodel import Session, col

from reflect.storage import sessions
from reflect.storage.courses import Course, ResourceLink
from reflect.storage.people import Enrolment, Person
from reflect.storage.prepared import Prepared
from reflect.storage.registrations import PLATFORM, Deployment, Registration
from reflect.storage.services import CourseService
from reflect.storage.together import do_all

_VOUCHED: Final = len(PLATFORM) + 3
_KNOWN = Prepared(
    select(
        col(Course.id).label("course_id"),
        col(Course.title),
        col(Course.label),
        col(Course.history),
        col(Course.last_active_on),
        col(ResourceLink.id).label("link_id"),
        col(Person.id).label("person_id"),
        col(Person.name),
        col(Enrolment.role),
        col(Enrolment.launched_as_staff),
        col(Enrolment.is_test_user),
        col(Enrolment.is_active),
        col(Enrolment.vouched_on),
        col(CourseService.course_id).label("service_id"),
        col(CourseService.memberships_url),
        col(CourseService.lineitems_url),
        col(CourseService.groups_url),
        col(CourseService.ags_scopes),
        *(column.label(f"platform_{column.name}") for column in PLATFORM),
        col(Deployment.deployment_id),
        col(Deployment.allow_anonymous),
        col(Deployment.is_approved),
    )
    .select_from(Deployment)
    .join(Registration, col(Registration.id) == col(Deployment.registration_id))
    .outerjoin(
        Course,
        and_(
            col(Course.deployment_id) == col(Deployment.id),
            col(Course.kind) == bindparam("kind"),
            col(Course.lti_id) == bindparam("lti_id"),
        ),
    )
    .outerjoin(
        ResourceLink,
        and_(col(ResourceLink.deployment_id) == col(Deployment.id), col(ResourceLink.lti_id) == bindparam("link")),
    )
    .outerjoin(Person, and_(col(Person.deployment_id) == col(Deployment.id), col(Person.sub) == bindparam("sub")))
    .outerjoin(
        Enrolment,
        and_(col(Enrolment.person_id) == col(Person.id), col(Enrolment.course_id) == col(Course.id)),
    )
    .outerjoin(CourseService, col(CourseService.course_id) == col(Course.id))
    .where(col(Deployment.id) == bindparam("deployment_id"))
)


def vouched(known: Any) -> tuple[object, ...]:
    """What stands behind the person: the columns of the platform, then the deployment's id, whether it lets people in
    without a `sub`, and whether it is approved."""
    return tuple(known[-_VOUCHED:])


class Whereabouts(NamedTuple):
    """Which course, link and person of a deployment a launch is about; no link, or nobody, where it names none."""

    deployment_id: int
    kind: str
    lti_id: str
    link: str | None
    sub: str | None


def take_up(db: Session, state_id: str, expires_at: datetime, of: Whereabouts) -> tuple[bool, Any]:
    """Use a launch's state up, and what is known of its course, link, person, enrolment and services; None for what is
    not. False if the state already was.

    The columns are those of the statement above. The row itself is never missing while the deployment exists.
    """
    # Empty ids are no ids: LTI's have at least one character.
    asked = _KNOWN.asked(
        deployment_id=of.deployment_id, kind=of.kind, lti_id=of.lti_id, link=of.link or "", sub=of.sub or ""
    )
    used, rows = do_all(db, [sessions.using(state_id, expires_at), asked])
    return used == 1, next(iter(cast(list[Any], rows)), None)
