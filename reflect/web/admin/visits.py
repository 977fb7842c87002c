"""Every visit to the portal: who is signed in, the job in one transaction, and a page that nobody may frame."""

from collections.abc import Callable
from datetime import timedelta
from typing import Any, TypeVar

from sqlmodel import Session
from starlette.requests import Request
from starlette.responses import RedirectResponse, Response

from reflect.domain import admins
from reflect.domain.admins import LONGEST, Administrator, AdminSessionMissing
from reflect.domain.refusals import Refused
from reflect.storage.admins import mark_seen
from reflect.web import pages
from reflect.web.house import house_of
from reflect.web.language import language
from reflect.web.outages import in_passing

Result = TypeVar("Result")
COOKIE = "__Host-reflect-admin"


async def visit(
    request: Request,
    job: Callable[[Session, Administrator], Result],
    *,
    writes: bool = False,
    for_leaders: bool = False,
) -> tuple[Administrator, Result]:
    """Let whoever is signed in do the job, in one transaction.

    Raises AdminSessionMissing, Refused `leader_only_reads` for a leader unless it is for leaders too, and what the
    job raises.
    """
    house, token = house_of(request), request.cookies.get(COOKIE, "")
    now = house.now()

    def work(db: Session) -> tuple[Administrator, Result]:
        admin = admins.resume(db, token, now)
        if admin.is_leader and not for_leaders:
            raise Refused("leader_only_reads")
        return admin, job(db, admin)

    admin, result = await (house.database.write(work) if writes else house.database.read(work))
    if admin.is_due:
        await in_passing(house.database.write(lambda db: mark_seen(db, admin.session_id, now), is_durable=False))
    return admin, result


async def admitted(request: Request) -> Administrator:
    """Who is signed in; raises AdminSessionMissing."""
    admin, _ = await visit(request, lambda _db, _admin: None)
    return admin


def render(
    request: Request, template: str, admin: Administrator | None, *, status: int = 200, **context: Any
) -> Response:
    """A page of the portal, or a part of one."""
    headers = context.pop("headers", None)
    return pages.render(
        request,
        template,
        status=status,
        headers=headers,
        ancestors="'none'",
        admin=admin,
        **context,
    )


def lead_to(request: Request, name: str, **params: Any) -> Response:
    """Send the browser on after a change."""
    return RedirectResponse(pages.address(request, name, **params), 303, {"Cache-Control": "no-store"})


def say(request: Request, message: str) -> str:
    """A message in the reader's language."""
    return language(pages.language_of(request)).gettext(message)


def keep_token(response: Response, token: str, lifetime: timedelta = LONGEST) -> None:
    """Give the browser the portal's cookie; a lifetime of nothing takes it back."""
    response.set_cookie(
        COOKIE, token, max_age=int(lifetime.total_seconds()), path="/", secure=True, httponly=True, samesite="lax"
    )


async def on_session_missing(request: Request, error: Exception) -> Response:
    """Nobody is signed in: the sign-in page itself, with the code of the refusal."""
    assert isinstance(error, AdminSessionMissing | Refused)
    return render(
        request,
        "admin/sessions/new.html",
        None,
        status=401,
        headers={"Reflect-Error": error.code, "HX-Retarget": "body", "HX-Reswap": "innerHTML"},
        oidc_host=house_of(request).settings.oidc_host,
        invitation="",
        email="",
    )
