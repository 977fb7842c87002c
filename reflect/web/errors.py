"""Every refusal as a page (or JSON) with a stable code, a number to quote, and a way on; details go to the log."""

import logging
import traceback
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any
from urllib.parse import quote

from starlette.exceptions import HTTPException
from starlette.requests import ClientDisconnect, Request
from starlette.responses import JSONResponse, RedirectResponse, Response
from starlette.routing import Match
from starlette.types import ASGIApp, ExceptionHandler, Message, Receive, Scope, Send

from reflect import meters
from reflect.domain.admins import AdminSessionMissing
from reflect.domain.identities import SignInMissing
from reflect.domain.refusals import Refused
from reflect.domain.sessions import Viewer
from reflect.lti import LaunchRefused
from reflect.storage.outages import AWAY, Unsure
from reflect.web import language, logs, sign_ins
from reflect.web.admin.visits import on_session_missing
from reflect.web.api import refusals as of_api
from reflect.web.forms import read_before, typed_in
from reflect.web.house import house_of
from reflect.web.logs import told_path
from reflect.web.networks import network_of
from reflect.web.pages import language_of, path_of, render
from reflect.web.protection import OPENED, SAFE, bearer_of
from reflect.web.rates import too_many
from reflect.web.refusals import OF_STATE, WORDINGS
from reflect.web.sessions import has_changed, passer_by

log = logging.getLogger("reflect.refusals")

APART = ("/admin", "/api/", "/c/", "/lti/", "/health", "/static")
"""Where nobody's session counts."""
FLOODS = frozenset({"too_fast", "too_many_tries", "api_too_many"})
SENT_AGAIN = frozenset({"too_fast", "too_many_tries", "unavailable", "unsure", "broken"})
"""Codes of refusals that are no fault of who sent it; what was typed waits in the page."""
GIVEN_BACK = frozenset(
    {"session_missing", "admin_session_missing", "checkin_answered", "checkin_closed", "talk_closed"}
)
"""Codes of refusals where something happened meanwhile: it cannot be sent again, and the page shows what was typed."""
OF_STATUS = {
    400: "form",
    403: "not_allowed",
    404: "missing",
    405: "method",
    413: "too_large",
    415: "content_type",
}


def refuse(
    request: Request,
    code: str,
    detail: str = "",
    headers: Mapping[str, str] | None = None,
    said: str = "",
    viewer: Viewer | None = None,
    facts: Mapping[str, str] | None = None,
    typed: Sequence[str] = (),
) -> Response:
    """The answer to a refusal. `detail` is for the log only and must hold nothing personal; `said` are a platform's
    own words for whoever administers it. With a viewer the page leads back to their course, and a student to a talk.
    `facts` go into the sentence of a call of the API; what was `typed` is given back."""
    code = of_api.code_of(code) if of_api.is_for(request) else code
    wording = WORDINGS.get(code, WORDINGS["broken"])
    number = logs.number()
    _note(request, code, number, detail)
    say = language.language(language_of(request, viewer)).gettext
    headers = {"Reflect-Error": code, "Cache-Control": "no-store", **(headers or {})}
    if of_api.is_for(request):
        return of_api.answer(wording, code, say(wording.sentence) % (facts or {}), number, headers)
    if _wants_json(request):
        body = {"code": code, "message": say(wording.sentence), "correlation_id": number}
        return JSONResponse(body, wording.status, headers)
    return render(
        request,
        "errors/refused.html",
        viewer=viewer,
        status=wording.status,
        # A part of a page that htmx asked for has no room for a refusal: it takes the whole page instead.
        headers={**headers, "HX-Retarget": "body", "HX-Reswap": "innerHTML"},
        code=code,
        heading=say(wording.heading),
        sentence=say(wording.sentence),
        what_next=[say(step) for step in wording.what_next],
        said=said,
        typed=typed,
        correlation_id=number,
        **_ways_on(request, code, wording.status),
    )


def _note(request: Request, code: str, number: str, detail: str) -> None:
    # A flood fills no log: of its codes one line a second.
    if code not in FLOODS or house_of(request).notes.refusals.is_due(("flood", code)):
        path = told_path(request.url.path)
        log.warning("refused", extra={"code": code, "number": number, "detail": detail, "path": path})


def _ways_on(request: Request, code: str, status: int) -> dict[str, Any]:
    """What was typed, to be sent again where it was refused for no fault of its own; and the address of the course's
    page for whoever came from it: their address names their tab."""
    tab = request.query_params.get("tab") if status != 401 else None
    return {
        "checks_browser": code not in OF_STATE,
        "is_lost": code == "session_missing" and request.method == "POST",
        "again": read_before(request) if code in SENT_AGAIN else [],
        "same_address": str(request.url.replace(scheme="", netloc="")),
        "way_back": f"{path_of(request.app, 'app')}?tab={quote(tab)}" if tab else "",
    }


def _wants_json(request: Request) -> bool:
    return "application/json" in request.headers.get("accept", "")


async def on_launch_refused(request: Request, error: Exception) -> Response:
    """A login or launch that must not go on."""
    assert isinstance(error, LaunchRefused)
    meters.LAUNCHES.labels(error.code).inc()
    rate, network = house_of(request).launch_refusals, network_of(request)
    if rate.is_used_up(network):
        return await on_http(request, too_many("too_many_tries", rate.seconds_left))
    rate.note(network)
    return refuse(request, error.code, error.detail)


async def on_refused(request: Request, error: Exception) -> Response:
    """The domain said no. A lost session gets a page that looks for the tab's token before it gives up."""
    assert isinstance(error, Refused)
    if isinstance(error, SignInMissing) and not _wants_json(request):
        return sign_ins.asked(request, error.viewer)
    is_visit = request.method == "GET" and "hx-request" not in request.headers and not _wants_json(request)
    if error.code == "session_missing" and is_visit and bearer_of(request.headers) is None:
        return render(request, "sessions/attach.html", status=401, headers={**OPENED, "Reflect-Error": error.code})
    typed = await typed_in(request) if error.code in GIVEN_BACK else ()
    return refuse(request, error.code, viewer=await _viewer(request), facts=error.facts, typed=typed)


async def _viewer(request: Request) -> Viewer | None:
    """Who is refused, on a page of the app; the portal and guests' pages know nobody."""
    if _wants_json(request) or request.url.path.startswith(APART):
        return None
    return await passer_by(request)


async def on_http(request: Request, error: Exception) -> Response:
    """What the framework or a middleware refused; its detail may be one of our codes."""
    assert isinstance(error, HTTPException)
    code = error.detail if error.detail in WORDINGS else OF_STATUS.get(error.status_code, "form")
    if error.status_code == 404 and (address := _without_slash(request)):
        return RedirectResponse(address, 307, {"Cache-Control": "no-store"})
    return refuse(request, code, headers=error.headers, viewer=await _viewer(request))


def _without_slash(request: Request) -> str:
    """The address that was meant by one with a slash too many, if there is one."""
    path, query = request.url.path.rstrip("/"), request.url.query
    scope = {**request.scope, "path": path}
    is_one = path != request.url.path and any(route.matches(scope)[0] == Match.FULL for route in request.app.routes)
    return f"{path}?{query}" if is_one and query else path if is_one else ""


async def on_database(request: Request, error: Exception) -> Response:
    """The database is away: said plainly, and with the status that makes a balancer try again."""
    meters.DATABASE_FAULT.inc()
    # A launch saves nothing that anybody would miss.
    is_unsure = isinstance(error, Unsure) and request.method not in SAFE and not request.url.path.startswith("/lti/")
    code = "unsure" if is_unsure or has_changed(request) else "unavailable"
    return refuse(request, code, type(error).__name__, {"Retry-After": "10"})


class Unbroken:
    """Turns a fault of ours into the refusal `broken`.

    The log gets the kind of the fault and where it happened, never its message: that may hold what somebody typed.
    """

    def __init__(self, app: ASGIApp) -> None:
        self.app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Serve the request, and answer for what nobody else answered for."""
        has_begun = False

        async def send_and_note(message: Message) -> None:
            nonlocal has_begun
            has_begun = True
            await send(message)

        try:
            await self.app(scope, receive, send_and_note)
        except ClientDisconnect:
            return  # whoever asked has gone in the middle of asking
        except Exception as error:
            meters.BROKEN.inc()
            number = logs.number()
            frames = traceback.extract_tb(error.__traceback__)[-6:]
            places = " < ".join(f"{Path(frame.filename).name}:{frame.lineno}" for frame in reversed(frames))
            log.error(
                "broken",
                extra={
                    "kind": type(error).__name__,
                    "number": number,
                    "places": places,
                    "path": told_path(scope.get("path", "")),
                },
            )
            if has_begun or scope["type"] != "http":
                return
            request = Request(scope, receive)
            await refuse(request, "unsure" if has_changed(request) else "broken")(scope, receive, send)


HANDLERS: dict[int | type[Exception], ExceptionHandler] = {
    AdminSessionMissing: on_session_missing,
    LaunchRefused: on_launch_refused,
    Refused: on_refused,
    HTTPException: on_http,
    **dict.fromkeys(AWAY, on_database),
}
