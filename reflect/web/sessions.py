"""How a browser shows that it is still the one that launched: a cookie per tab, or the tab's own token.

The address names the tab (`?tab=`, no secret); the cookie of that name, or an `Authorization` header, proves it. So two
tabs with two courses and two roles live side by side, and reload and Back work.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, TypeVar

from sqlmodel import Session
from starlette.requests import Request
from starlette.responses import Response

from reflect.domain import checkins
from reflect.domain.identities import admitted
from reflect.domain.refusals import Missing, Refused
from reflect.domain.sessions import LONGEST, Viewer, asked, fingerprint, resume_at, resume_each_at
from reflect.storage import sessions
from reflect.storage.outages import AWAY
from reflect.storage.tickets import Foreseen, Share
from reflect.web.cookies import delete_cookie, set_cookie
from reflect.web.house import House, house_of
from reflect.web.outages import in_passing
from reflect.web.pages import lead_to, path_of
from reflect.web.protection import SAFE, bearer_of
from reflect.web.rates import Changes

Result = TypeVar("Result")

COOKIE = "__Host-reflect-tab-"
MOST_TABS = 8
"""Sessions that one browser keeps at once; the oldest cookies go first."""


@dataclass(frozen=True, slots=True)
class Credentials:
    """The tokens that a request shows, the likeliest first."""

    tokens: tuple[str, ...]

    def take(self, changes: Changes) -> None:
        """Count a try to change something; raises 429 `too_fast`."""
        if self.tokens:
            changes.take(self.tokens[0])

    def were_of(self, viewer: Viewer, changes: Changes) -> None:
        """Count a change of the viewer, whose they proved to be."""
        changes.was_of(self.tokens[0], viewer.person_id)


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


@dataclass(frozen=True, slots=True)
class Visit:
    """Somebody at a check-in, and what they want there."""

    credentials: Credentials
    now: datetime
    checkin_id: int
    about: Any


@dataclass(frozen=True, slots=True)
class Together:
    """Admits many visitors at once, and does one job for all of them."""

    job: Callable[[Session, Sequence[tuple[Viewer, Any]]], Sequence[Any]]

    def __call__(self, db: Session, visits: Sequence[Visit]) -> Sequence[tuple[Viewer, Any]]:
        """Each visitor with their result; raises what `visit` raises, of several visits for any one of them."""
        viewers = _admit_each(db, visits)
        wishes = [(viewer, visit.about) for viewer, visit in zip(viewers, visits, strict=True)]
        try:
            return list(zip(viewers, self.job(db, wishes), strict=True))
        except Refused as refusal:
            if len(visits) == 1:
                _hide(db, refusal, viewers[0], visits[0].checkin_id)
            raise


def _admit_each(db: Session, visits: Sequence[Visit]) -> list[Viewer]:
    """Most show one token, and it does: so all of these are asked about together, and only the rest one by one."""
    firsts = [(next(iter(visit.credentials.tokens), ""), visit.checkin_id, visit.now) for visit in visits]
    return [
        admit(db, visit.credentials, visit.now, checkin_id=visit.checkin_id) if viewer is None else admitted(viewer)
        for visit, viewer in zip(visits, resume_each_at(db, firsts), strict=True)
    ]


def _hide(db: Session, refusal: Refused, viewer: Viewer, checkin_id: int | None) -> None:
    """Who may not know of a check-in must not hear that it is there to be forbidden: Missing then."""
    if refusal.code == "not_allowed" and checkin_id is not None:
        checkins.of(db, viewer, checkin_id)


async def visit_together(
    request: Request,
    job: Callable[[Session, Sequence[tuple[Viewer, Any]]], Sequence[Result]],
    about: Any,
    *,
    checkin_id: int,
) -> tuple[Viewer, Result]:
    """`visit` that writes, for a job that is done for everybody who happens to want it at the moment.

    Raises what `admit` and the job raise, in each one's own case only.
    """
    house = house_of(request)
    wish = Visit(credentials_of(request), house.now(), checkin_id, about)
    wish.credentials.take(house.changes)
    viewer, result = await house.database.write(Share(Together(job), wish), order=checkin_id)
    wish.credentials.were_of(viewer, house.changes)
    await _mark_seen(house, viewer, wish.now)
    return viewer, result


async def visit(
    request: Request,
    job: Callable[[Session, Viewer], Result],
    *,
    course_id: int | None = None,
    checkin_id: int | None = None,
    writes: bool = False,
) -> tuple[Viewer, Result]:
    """Admit whoever asks, to a course or a check-in's course, and do the job as them in the same transaction.

    Raises what `admit` and the job raise; of a check-in that is not there for the viewer, Missing for `not_allowed`;
    429 `too_fast` for a change too many (`web.rates`).
    """
    house, credentials = house_of(request), credentials_of(request)
    now, is_change = house.now(), writes and request.method not in SAFE
    if is_change:
        credentials.take(house.changes)

    def work(db: Session) -> tuple[Viewer, Result]:
        viewer = admit(db, credentials, now, course_id=course_id, checkin_id=checkin_id)
        try:
            return viewer, job(db, viewer)
        except Refused as refusal:
            _hide(db, refusal, viewer, checkin_id)
            raise

    if writes:
        viewer, result = await house.database.write(work, order=checkin_id or 0)
    else:
        first = [asked(token, checkin_id) for token in credentials.tokens[:1]]
        viewer, result = await house.database.look_up(Foreseen(work, first))
    if is_change:
        credentials.were_of(viewer, house.changes)
    await _mark_seen(house, viewer, now)
    return viewer, result


async def _mark_seen(house: House, viewer: Viewer, now: datetime) -> None:
    """Let idleness count from here."""
    if viewer.is_due:
        await in_passing(
            house.database.write(lambda db: sessions.mark_seen(db, viewer.token_hash, now), is_durable=False)
        )


async def passer_by(request: Request) -> Viewer | None:
    """Whoever asks for a page that is for anybody, if their session is alive: the way to a talk is there then, too.

    Nobody while the database is away: such a page, or another refusal, is there all the same.
    """
    house, credentials = house_of(request), credentials_of(request)
    if not credentials.tokens:
        return None
    now = house.now()
    try:
        return await house.database.look_up(lambda db: admit(db, credentials, now))
    except (Refused, *AWAY):
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
    response = lead_to(request, path_of(request.app, "home") + "?left=1")
    # Only a cookie that came is taken back: the address may name anything.
    if (cookie := COOKIE + request.query_params.get("tab", "")) in request.cookies:
        delete_cookie(response, cookie)
    return response
