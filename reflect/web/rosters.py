"""Keeping a course's roster fresh: on a teacher's visit in the background, and when a teacher asks."""

import logging

from sqlmodel import Session
from starlette.requests import Request
from starlette.responses import Response

from reflect.domain import groups, rosters
from reflect.domain.capabilities import Capability
from reflect.domain.rosters import Listed
from reflect.lti import course_groups, roster
from reflect.lti.roster import Member, Status
from reflect.lti.service_refusals import ServiceRefused
from reflect.storage.services import CourseService
from reflect.web.house import House, house_of
from reflect.web.pages import see_other
from reflect.web.platforms import Counterpart, connection, counterpart
from reflect.web.sessions import visit
from reflect.web.wordings import whole_name

log = logging.getLogger("reflect.rosters")


async def create(request: Request) -> Response:
    """Fetch the roster now."""
    house, course_id = house_of(request), request.path_params["course_id"]
    viewer, _ = await visit(
        request, lambda _db, viewer: viewer.must(Capability.SEE_RESULTS), course_id=course_id, writes=True
    )
    await refresh(house, course_id, is_asked_for=True)
    return see_other(request, "courses.show", viewer, course_id=course_id)


def keep_fresh(house: House, service: CourseService | None) -> None:
    """Begin to fetch the roster if a teacher's visit finds it due; nobody waits for it."""
    if service is not None and rosters.is_due(service, house.now()):
        house.errands.begin(refresh(house, service.course_id))


async def refresh(house: House, course_id: int, *, is_asked_for: bool = False) -> None:
    """Fetch a course's roster if it is due (or asked for) and take it over whole; a fault leaves it as it was.

    Where the platform offers groups, it tells of them too.
    """
    claimed = await house.database.write(lambda db: _claim(db, house, course_id, is_asked_for))
    if claimed is None:
        return
    service, to = claimed
    names = await _group_names(house, service, to)
    try:
        found = await roster.fetch(
            connection(house, to), str(service.memberships_url), with_groups=service.groups_url is not None
        )
    except ServiceRefused as refusal:
        code = refusal.code
        log.warning("roster refused", extra={"course": course_id, "code": code, "detail": refusal.detail})
        await house.database.write(lambda db: rosters.note_fault(db, course_id, code, house.now()))
        return
    listed = [_listed(member) for member in found.members]

    def take_over(db: Session) -> None:
        rosters.merge(db, course_id, listed, house.now(), vouches=house.institution is not None)
        groups.take_names(db, course_id, names)

    await house.database.write(take_over)


async def _group_names(house: House, service: CourseService, to: Counterpart) -> dict[str, str]:
    """The platform's groups by id, where it offers them; a fault leaves names as they were, and costs no roster."""
    if service.groups_url is None:
        return {}
    try:
        found = await course_groups.fetch(connection(house, to), service.groups_url)
    except ServiceRefused as refusal:
        about = {"course": service.course_id, "code": refusal.code, "detail": refusal.detail}
        log.warning("groups refused", extra=about)
        return {}
    return {group.id: group.name or "" for group in found}


def _claim(db: Session, house: House, course_id: int, is_asked_for: bool) -> tuple[CourseService, Counterpart] | None:
    """What to fetch, and where, if it is due; noting the try here lets many workers fetch once."""
    service, now = db.get(CourseService, course_id, with_for_update=True), house.now()
    if service is None or service.memberships_url is None:
        return None
    if not (is_asked_for or rosters.is_due(service, now)):
        return None
    to = counterpart(db, house, course_id)
    if to is None:
        return None
    service.roster_tried_at = now
    return service, to


def _listed(member: Member) -> Listed:
    return Listed(
        sub=member.user_id,
        name=whole_name(member.name, member.given_name, member.family_name),
        role=member.roles.role.value,
        is_test_user=member.roles.is_test_user,
        is_active=member.status is Status.ACTIVE,
        group_ids=member.group_ids,
    )
