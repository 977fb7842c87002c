"""A student's own answers, erased by themselves: asked for once more, and not to be undone."""

from starlette.requests import Request
from starlette.responses import Response

from reflect.domain import reflections
from reflect.web.pages import render, see_other
from reflect.web.sessions import visit


async def new(request: Request) -> Response:
    """What erasing means, and whether it is meant."""
    viewer, found = await visit(request, reflections.own, course_id=request.path_params["course_id"])
    return render(request, "erasures/new.html", viewer=viewer, named=len(found.named), anonymous=found.anonymous)


async def create(request: Request) -> Response:
    """Erase the viewer's named answers in this course; raises Refused `not_allowed` for who does not answer here."""
    viewer, _ = await visit(request, reflections.erase_own, course_id=request.path_params["course_id"], writes=True)
    return see_other(request, "reflections.index", viewer, course_id=viewer.course_id)
