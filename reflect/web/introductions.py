"""The introduction to Reflect: a card on a course's home until it is put away, and a page to read it again."""

from starlette.requests import Request
from starlette.responses import Response

from reflect.domain import introductions
from reflect.web.pages import render, see_other, wants_part
from reflect.web.sessions import visit


async def index(request: Request) -> Response:
    """The viewer's introduction on a page of its own, as often as they like."""
    viewer, kind = await visit(
        request, lambda _db, viewer: introductions.kind_for(viewer), course_id=request.path_params["course_id"]
    )
    return render(request, "introductions/index.html", viewer=viewer, kind=kind)


async def create(request: Request) -> Response:
    """Put it away. Where the card stands beside an answer that is being chosen, only the card goes."""
    course_id = request.path_params["course_id"]
    viewer, _ = await visit(request, introductions.put_away, course_id=course_id, writes=True)
    if wants_part(request):
        return Response(headers={"Cache-Control": "no-store"})
    return see_other(request, "courses.show", viewer, course_id=course_id)
