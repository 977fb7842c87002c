"""From a launch the LTI core believes to what the domain makes of it, and from there to an address in the app."""

from starlette.requests import Request

from reflect.domain.membership import Arrival, Welcome
from reflect.domain.refusals import Refused
from reflect.lti import Launch
from reflect.lti.login import Resumed
from reflect.lti.messages import MessageType
from reflect.web import language
from reflect.web.protection import origins


def landing(request: Request, welcome: Welcome) -> str:
    """Where a fresh session begins: the link's own check-in, or the course."""
    urls = request.app.url_path_for
    if welcome.checkin_id is not None:
        path = urls("checkins.show", checkin_id=welcome.checkin_id)
    else:
        path = urls("courses.show", course_id=welcome.course_id)
    return f"{path}?tab={welcome.tab}"


def arrival_of(launch: Launch, resumed: Resumed, default_locale: str) -> Arrival:
    """What the domain needs of a launch; raises Refused for a message that this tool does not serve."""
    if launch.message_type != MessageType.RESOURCE_LINK:
        raise Refused("message_unsupported")
    context, link = launch.context, launch.resource_link
    names = f"{launch.given_name or ''} {launch.family_name or ''}".strip()
    return Arrival(
        state_id=resumed.id,
        state_expires_at=resumed.expires_at,
        deployment_id=launch.deployment.id,
        sub=launch.sub,
        name=launch.name or names,
        role=launch.roles.role.value,
        is_test_user=launch.roles.is_test_user,
        locale=language.choose([launch.presentation.locale, launch.locale], default_locale),
        frame_ancestors=origins([launch.platform.issuer, launch.platform.auth_url, launch.presentation.return_url]),
        context_id=context.id if context else None,
        course_title=(context and (context.title or context.label)) or (link and link.title) or "",
        course_label=(context and context.label) or "",
        link_id=link.id if link else None,
        link_title=(link and link.title) or "",
    )
