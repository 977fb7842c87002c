"""From a launch the LTI core believes to what the domain makes of it, and from there to an address in the app."""

from dataclasses import fields
from operator import attrgetter

from starlette.requests import Request

from reflect.domain.deep_links import Wish
from reflect.domain.membership import Arrival, Welcome
from reflect.domain.services import Services
from reflect.lti import Launch, Platform
from reflect.lti.login import Resumed
from reflect.lti.messages import MessageType
from reflect.lti.reading import identifier
from reflect.lti.services import CONTEXT_GROUPS
from reflect.web import language
from reflect.web.pages import path_of
from reflect.web.protection import origins
from reflect.web.wordings import whole_name

CHECKIN = "checkin"
"""Custom parameter of a link that was made for one check-in; lower case, because Moodle doubles any other."""
HISTORY = "context_history"
"""Custom parameter that a registration asks the platform to fill with `$Context.id.history`."""

GROUPS = "groups"
"""Custom parameter that a registration asks the platform to fill with `$Moodle.Person.userGroupIds`."""
MOST_GROUPS = 200


def landing(request: Request, welcome: Welcome) -> str:
    """Where a fresh session begins: the content dialog's picker, the link's own check-in, or the course."""
    app = request.app
    if welcome.is_deep_link:
        path = path_of(app, "deep_links.new")
    elif welcome.checkin_id is not None:
        path = path_of(app, "checkins.show", checkin_id=welcome.checkin_id)
    else:
        path = path_of(app, "courses.show", course_id=welcome.course_id)
    return f"{path}?tab={welcome.tab}"


_OF_PLATFORM = attrgetter(*(field.name for field in fields(Platform)))


def arrival_of(launch: Launch, resumed: Resumed, default_locale: str, *, is_remembered: bool = False) -> Arrival:
    """What the domain needs of a launch into the app; `is_remembered` if its platform was not read just now."""
    context, link = launch.context, launch.resource_link
    asked_for = launch.custom.get(CHECKIN, "")
    return Arrival(
        state_id=resumed.id,
        state_expires_at=resumed.expires_at,
        deployment_id=launch.deployment.id,
        sub=launch.sub,
        name=whole_name(launch.name, launch.given_name, launch.family_name),
        role=_role(launch),
        is_test_user=launch.roles.is_test_user,
        locale=language.choose([launch.presentation.locale, launch.locale], default_locale),
        frame_ancestors=origins([launch.platform.issuer, launch.platform.auth_url, launch.presentation.return_url]),
        context_id=context.id if context else None,
        course_title=(context and (context.title or context.label)) or (link and link.title) or "",
        course_label=(context and context.label) or "",
        link_id=link.id if link else None,
        link_title=(link and link.title) or "",
        checkin_id=int(asked_for) if asked_for.isdecimal() and len(asked_for) < 10 else None,
        history=launch.custom.get(HISTORY, "")[:1000],
        group_ids=_group_ids(launch.custom.get(GROUPS)) if context else None,
        services=_services(launch),
        vouched=_vouched(launch) if is_remembered else None,
        reviewed_column=_reviewed_column(launch),
        deep_link=_wish(launch),
    )


def _vouched(launch: Launch) -> tuple[object, ...]:
    deployment = launch.deployment
    return (*_OF_PLATFORM(launch.platform), deployment.deployment_id, deployment.allow_anonymous, True)


def _role(launch: Launch) -> str:
    """The launch's role; a content dialog that names none is only opened for people who may add content."""
    if launch.message_type == MessageType.DEEP_LINKING and not launch.roles.uris:
        return "author"
    return launch.roles.role.value


def _group_ids(given: str | None) -> frozenset[str] | None:
    """Moodle's list `12,15`, `""` for no group. None, which changes nothing, for what was not filled in or is odd."""
    if given is None:
        return None
    ids = given.split(",") if given else []
    if len(ids) > MOST_GROUPS or not all(id_ == identifier(id_.strip()) for id_ in ids):
        return None
    return frozenset(ids)


def _services(launch: Launch) -> Services | None:
    roster, grades = launch.names_and_roles, launch.grades
    groups = launch.course_groups
    if groups is not None and CONTEXT_GROUPS not in groups.scopes:
        groups = None
    if roster is None and grades is None and groups is None:
        return None
    return Services(
        memberships_url=roster.memberships_url if roster else None,
        lineitems_url=grades.lineitems if grades else None,
        lineitem_url=grades.lineitem if grades else None,
        ags_scopes=" ".join(grades.scopes) if grades else "",
        groups_url=groups.groups_url if groups else None,
    )


def _reviewed_column(launch: Launch) -> str | None:
    is_review = launch.message_type == MessageType.SUBMISSION_REVIEW
    return launch.grades.lineitem if is_review and launch.grades else None


def _wish(launch: Launch) -> Wish | None:
    wanted = launch.deep_linking
    if wanted is None:
        return None
    return Wish(
        return_url=wanted.return_url,
        data=wanted.data,
        accept_types=" ".join(wanted.accept_types),
        accept_multiple=wanted.accept_multiple,
        accept_lineitem=wanted.accept_lineitem,
    )
