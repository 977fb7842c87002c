"""How a browser shows that it is still the one that launched: a cookie per tab, or the tab's own token.

The address names the tab (`?tab=`, no secret); the cookie of that name, or an `Authorization` header, proves it. So two
tabs with two courses and two roles live side by side, and reload and Back work.
"""

import asyncio
from collections.abc import Callable, Sequence
from contextlib import suppress
from dataclasses import dataclass
from datetime import datetime
from typing import TypeVar

from sqlalchemy.exc import DBAPIError
from sqlmodel import Session
from starlette.requests import Request
from starlette.responses import Response

from reflect.domain import checkins
from reflect.domain.identities import admitted
from reflect.domain.refusals import Missing, Refused
from reflect.domain.sessions import LONGEST, Viewer, fingerprint, resume_at
from reflect.storage import sessions
from reflect.storage.outages import Unavailable
from reflect.web.cookies import delete_cookie, set_cookie
from reflect.web.house import House, house_of
from reflect.web.pages import lead_to, path_of
from reflect.web.protection import bearer_of

Result = TypeVar("Result")

COOKIE = "__Host-reflect-tab-"
MARKING = 0.5
"""Seconds that reading a page waits until the session's use is written down, at most."""
MOST_TABS = 8
"""Sessions that one browser keeps at once; the oldest cookies go first."""


@dataclass(frozen=True, slots=True)
class Credentials:
    """The tokens that a request shows, the likeliest first."""

    tokens: tuple[str, ...]


def credentials_of(request: Request) -> Credentials:
    """A bearer token decides alone; then the cookie of the tab in the address; then the newest tab's."""
    if (token := bearer_of(request.headers)) is not None:
        return Credentials((token,))
    if tab := request.query_params.get("tab"):
        cookie = request.cookies.get(COOKIE + tab)
        return Credentials((cookie,) if cookie else ())
    return Credentials(tuple(request.cookies[name] for name in _tab_cookies(request)))


def _tab_cookies(request: Request) -> Sequence[str]:
    return sorted((name for name in request.cookies if name.startswith(COOKIE)), reverse=True)


def admit(
    db: Session,
    credentials: Credentials,
    now: datetime,
    *,
    course_id: int | None = None,
    checkin_id: int | None = None,
) -> Viewer:
    """The viewer of a live session; in that course, or in the course of that check-in, if one is asked for.

    Raises Refused `session_missing` without any live session, SignInMissing while that one opens nothing yet, and
    Missing if none of them is in the course: what is in another course does not exist here.
    """
    is_anybody = False
    for token in credentials.tokens[:MOST_TABS]:
        viewer, has_checkin = resume_at(db, token, now, checkin_id)
        if viewer is not None and has_checkin and course_id in (None, viewer.course_id):
            return admitted(viewer)
        is_anybody = is_anybody or viewer is not None
    raise Missing() if is_anybody else Refused("session_missing")


async def visit(
    request: Request,
    job: Callable[[Session, Viewer], Result],
    *,
    course_id: int | None = None,
    checkin_id: int | None = None,
    writes: bool = False,
) -> tuple[Viewer, Result]:
    """Admit whoever asks, to a course or a check-in's course, and do the job as them in the same transaction.

    Raises what `admit` and the job raise; of a check-in that is not there for the viewer, Missing for `not_allowed`.
    """
    house, credentials = house_of(request), credentials_of(request)
    now = house.now()

    def work(db: Session) -> tuple[Viewer, Result]:
        viewer = admit(db, credentials, now, course_id=course_id, checkin_id=checkin_id)
        try:
            return viewer, job(db, viewer)
        except Refused as refusal:
            if refusal.code == "not_allowed" and checkin_id is not None:
                # Who may not know of a check-in must not hear that it is there to be forbidden.
                checkins.of(db, viewer, checkin_id)
            raise

    if writes:
        viewer, result = await house.database.write(work, order=checkin_id or 0)
    else:
        viewer, result = await house.database.look_up(work)
    if viewer.is_due:
        await _mark_seen(house, viewer, now)
    return viewer, result


async def _mark_seen(house: House, viewer: Viewer, now: datetime) -> None:
    """Let idleness count from here, where that can be written at once: nobody waits or is refused for its sake."""
    with suppress(DBAPIError, Unavailable, TimeoutError):
        async with asyncio.timeout(MARKING):
            await house.database.write(lambda db: sessions.mark_seen(db, viewer.token_hash, now), is_durable=False)


async def passer_by(request: Request) -> Viewer | None:
    """Whoever asks for a page that is for anybody, if their session is alive: the way to a talk is there then, too."""
    house, credentials = house_of(request), credentials_of(request)
    if not credentials.tokens:
        return None
    now = house.now()
    try:
        return await house.database.look_up(lambda db: admit(db, credentials, now))
    except Refused:
        return None


def remember(request: Request, response: Response, tab: str, token: str) -> None:
    """Give the browser the tab's cookie, and take back those of its oldest tabs."""
    set_cookie(response, COOKIE + tab, token, int(LONGEST.total_seconds()))
    for name in _tab_cookies(request)[MOST_TABS - 1 :]:
        delete_cookie(response, name)


async def destroy(request: Request) -> Response:
    """End the session of this tab."""
    house, credentials = house_of(request), credentials_of(request)

    def work(db: Session) -> str | None:
        for token in credentials.tokens[:1]:
            sessions.end(db, fingerprint(token))
        return None

    await house.database.write(work)
    response = lead_to(request, path_of(request.app, "home"))
    # Only a cookie that came is taken back: the address may name anything.
    if (cookie := COOKIE + request.query_params.get("tab", "")) in request.cookies:
        delete_cookie(response, cookie)
    return response
