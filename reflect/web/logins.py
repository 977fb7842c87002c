"""The first leg of a launch: the platform's nudge, answered by a page that leaves a secret with the browser."""

from starlette.requests import Request
from starlette.responses import Response

from reflect.lti import LoginRequest, Platform
from reflect.lti.login import Begun, authentication_request, choose
from reflect.storage import registrations
from reflect.storage.registrations import platforms_of
from reflect.storage.tickets import Foreseen
from reflect.web import noting
from reflect.web.cookies import set_cookie
from reflect.web.forms import sent_with
from reflect.web.house import house_of
from reflect.web.pages import path_of, render
from reflect.web.protection import OPENED, origins

PLAIN, PARTITIONED = "__Host-reflect-login-", "__Host-reflect-plogin-"
"""Cookies for the browser's secret: browsers differ in which of the two they keep in a frame."""
LIFETIME = 600
"""Seconds; as long as a state lives."""

_DIALOG = "ContentItemSelectionRequest"
"""In the hint of Moodle’s content dialog. A hint is the platform’s own affair, so it only chooses what we advise."""


async def create(request: Request) -> Response:
    """Answer a login initiation (LTI 1.3 core 4.1) with the authentication request: a page that goes on by itself."""
    house = house_of(request)
    pairs = request.query_params.multi_items() if request.method == "GET" else await sent_with(request)
    asked = LoginRequest.read(pairs)
    async with noting.refused_logins(house, asked.issuer):
        look = Foreseen(lambda db: platforms_of(db, asked.issuer), [registrations.asked(asked.issuer)])
        platform = choose(asked, await house.database.look_up(look))
    begun = house.handshake.begin(platform, asked)
    redirect_uri = house.settings.base_url + path_of(request.app, "launch")
    response = render(
        request,
        "launches/login.html",
        headers=OPENED,
        next_url=authentication_request(platform, asked, begun, redirect_uri),
        handle=begun.handle,
        browser_secret=begun.browser_secret,
        state=begun.state,
        storage_target=asked.storage_target,
        platform_origin=platform_origin(platform),
        login_fields=pairs,
        is_dialog=is_dialog(asked),
    )
    _leave_cookies(response, begun)
    return response


def _leave_cookies(response: Response, begun: Begun) -> None:
    set_cookie(response, PLAIN + begun.handle, begun.browser_secret, LIFETIME, partitioned=False)
    set_cookie(response, PARTITIONED + begun.handle, begun.browser_secret, LIFETIME)


def is_dialog(asked: LoginRequest) -> bool:
    """Whether this is known to begin in a dialog whose answer must come from its own frame."""
    return _DIALOG in (asked.message_hint or "")


def platform_origin(platform: Platform) -> str:
    """The one origin that may answer our postMessage (LTI client-side postMessages: the OIDC authorization origin)."""
    return origins([platform.auth_url])
