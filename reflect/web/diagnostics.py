"""The check of a browser, for anybody: what Reflect needs is tried out, and nothing of it is kept or logged.

Where scripts run, the page's own tries things out and asks for the results; without, a second look shows which cookies
came back. A page that was opened from a login takes its parameters along, so that its button goes on with it.
"""

from collections.abc import Mapping, Sequence
from typing import Any
from urllib.parse import urlsplit

from starlette.requests import Request
from starlette.responses import JSONResponse, Response

from reflect.domain.browsers import browser_of
from reflect.domain.diagnostics import Diagnosis
from reflect.domain.sessions import Viewer
from reflect.lti import LoginRequest
from reflect.lti.login import choose
from reflect.storage.registrations import platforms_of
from reflect.web.cookies import set_cookie
from reflect.web.diagnostic_cards import card
from reflect.web.forms import pairs_of
from reflect.web.house import house_of
from reflect.web.logins import is_dialog, platform_origin
from reflect.web.pages import language_of, render, wants_part
from reflect.web.protection import bearer_of
from reflect.web.sessions import passer_by

COOKIE, PARTITIONED = "__Host-reflect-probe-1", "__Host-reflect-probe-2"
"""Cookies that say nothing: a browser that keeps one brings it back."""
LIFETIME = 60
"""Seconds that a probe lasts."""
FRAMED = {"iframe": "frame", "frame": "frame", "document": "window"}
"""Where a page stands, by the word of the browser (Fetch Metadata: Sec-Fetch-Dest)."""


async def show(request: Request) -> Response:
    """The page that checks; with `code` what a code tells, with `probe` what can be told without a script."""
    query, viewer = request.query_params, await _viewer(request)
    is_probe, is_told = query.get("probe") == "1", wants_part(request)
    if code := query.get("code"):
        diagnosis = Diagnosis.read(code)
    else:
        diagnosis = await _diagnosis(request, query if is_told else _without_script(request) if is_probe else {})
    response = _page(
        request,
        viewer,
        diagnosis,
        template="diagnostics/_diagnosis.html" if is_told else "diagnostics/show.html",
        is_waiting=not (is_probe or is_told or code),
        way_on=query.get("entry", "") if is_told else "",
        entry=[],
        storage_target="",
        storage_origin="",
    )
    _leave_probes(response)
    return response


async def create(request: Request) -> Response:
    """The page that checks in the midst of a login (LTI 1.3 core 4.1), whose parameters its button sends on."""
    pairs = await pairs_of(request)
    asked = LoginRequest.read(pairs)
    platform = choose(asked, await house_of(request).database.look_up(lambda db: platforms_of(db, asked.issuer)))
    response = _page(
        request,
        None,
        await _diagnosis(request, {}),
        template="diagnostics/show.html",
        is_waiting=True,
        way_on="dialog" if is_dialog(asked) else "tab",
        entry=pairs,
        storage_target=asked.storage_target or "",
        storage_origin=platform_origin(platform),
    )
    _leave_probes(response)
    return response


async def probes(request: Request) -> Response:
    """Which probes came back, and what the time is here (milliseconds since 1970)."""
    found = {"cookie": COOKIE in request.cookies, "partitioned": PARTITIONED in request.cookies}
    now = int(house_of(request).now().timestamp() * 1000)
    return JSONResponse({**found, "now": now}, headers={"Cache-Control": "no-store"})


def _page(
    request: Request,
    viewer: Viewer | None,
    diagnosis: Diagnosis,
    *,
    template: str,
    entry: Sequence[tuple[str, str]],
    **context: Any,
) -> Response:
    return render(
        request,
        template,
        viewer=viewer,
        diagnosis=card(diagnosis, language_of(request, viewer), request.query_params.get("steps", "")),
        host=urlsplit(house_of(request).settings.base_url).hostname,
        entry=entry,
        tab=viewer.tab if viewer else "",
        is_read=False,
        **context,
    )


async def _viewer(request: Request) -> Viewer | None:
    """Who checks, where the address or the script names them: a frame of one platform must not show another's page."""
    is_named = "tab" in request.query_params or bearer_of(request.headers) is not None
    return await passer_by(request) if is_named else None


async def _diagnosis(request: Request, given: Mapping[str, str]) -> Diagnosis:
    place = FRAMED.get(request.headers.get("sec-fetch-dest", ""), "")
    network = await house_of(request).own_address.network()
    browser = browser_of(request.headers.get("user-agent", ""), has_touch=given.get("touch") == "yes")
    return Diagnosis.of({"place": place, **given, "network": network}, browser)


def _without_script(request: Request) -> dict[str, str]:
    def kept(name: str) -> str:
        return "kept" if name in request.cookies else "lost"

    return {"script": "off", "cookie": kept(COOKIE), "partitioned": kept(PARTITIONED)}


def _leave_probes(response: Response) -> None:
    set_cookie(response, COOKIE, "1", LIFETIME, partitioned=False)
    set_cookie(response, PARTITIONED, "1", LIFETIME)
