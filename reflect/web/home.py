"""The pages that anyone may read: what this installation is, and who sees what."""

from starlette.requests import Request
from starlette.responses import Response

from reflect.domain.identities import SignInMissing
from reflect.domain.refusals import Refused
from reflect.domain.sessions import Viewer
from reflect.web.house import house_of
from reflect.web.pages import render, see_other
from reflect.web.sessions import passer_by, visit


async def show(request: Request) -> Response:
    """The front page of a self-hosted installation; `left` greets whoever has just ended their session."""
    if request.query_params.get("left"):
        return render(request, "sessions/left.html")
    return _front(request)


def _front(request: Request) -> Response:
    house = house_of(request)
    return render(request, "home.html", sign_in_host=house.settings.oidc_host if house.institution else "")


async def privacy(request: Request) -> Response:
    """Who sees what and until when, in plain words, with this installation's own numbers."""
    settings = house_of(request).settings
    return render(
        request,
        "privacy.html",
        viewer=await passer_by(request),
        min_group_size=settings.min_group_size,
        retention_days=settings.retention_days,
    )


async def app(request: Request) -> Response:
    """The tool's own address (target link URI). Launches come by the launch address, so this leads on or explains."""
    try:
        viewer, _ = await visit(request, lambda _db, viewer: viewer)
    except SignInMissing:
        raise
    except Refused:
        return _front(request)
    return _to_course(request, viewer)


def _to_course(request: Request, viewer: Viewer) -> Response:
    return see_other(request, "courses.show", viewer, course_id=viewer.course_id)
