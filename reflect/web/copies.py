"""Bringing over the check-ins of the course that this one was copied from."""

from sqlmodel import Session
from starlette.requests import Request
from starlette.responses import Response

from reflect.domain import copies
from reflect.domain.sessions import Viewer
from reflect.web.forms import fields_of
from reflect.web.house import house_of
from reflect.web.pages import see_other
from reflect.web.sessions import visit


async def create(request: Request) -> Response:
    """A teacher's yes or no to what was offered."""
    course_id, fields = request.path_params["course_id"], await fields_of(request)
    min_group_size = house_of(request).settings.min_group_size

    def work(db: Session, viewer: Viewer) -> None:
        if fields.get("answer") == "yes":
            copies.bring_over(db, viewer, min_group_size)
        else:
            copies.decline(db, viewer)

    viewer, _ = await visit(request, work, course_id=course_id, writes=True)
    return see_other(request, "courses.show", viewer, course_id=course_id)
