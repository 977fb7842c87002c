"""What becomes of a check-in, each change a resource of its own: duplicates, reopenings, archivals, deletions."""

from collections.abc import Callable
from typing import TypeVar

from sqlmodel import Session
from starlette.requests import Request
from starlette.responses import Response

from reflect.domain import lifecycle
from reflect.domain.sessions import Viewer
from reflect.web.cards import card
from reflect.web.house import house_of
from reflect.web.pages import language_of, render, see_other
from reflect.web.sessions import visit

Result = TypeVar("Result")


async def duplicate(request: Request) -> Response:
    """Prepare another check-in like this one, and let it be looked over."""
    k, number = house_of(request).settings.min_group_size, _number(request)
    viewer, twin = await _change(request, lambda db, viewer: lifecycle.duplicate(db, viewer, number, k))
    return see_other(request, "checkins.edit", viewer, checkin_id=twin)


async def reopen(request: Request) -> Response:
    """Let a closed named check-in take answers again."""
    house, number = house_of(request), _number(request)
    k, now = house.settings.min_group_size, house.now()
    viewer, _ = await _change(request, lambda db, viewer: lifecycle.reopen(db, viewer, number, k, now))
    return see_other(request, "checkins.show", viewer, checkin_id=number)


async def archive(request: Request) -> Response:
    """Take a check-in out of the lists."""
    number, now = _number(request), house_of(request).now()
    viewer, _ = await _change(request, lambda db, viewer: lifecycle.archive(db, viewer, number, now))
    return see_other(request, "courses.show", viewer, course_id=viewer.course_id)


async def unarchive(request: Request) -> Response:
    """Bring an archived check-in back to the lists."""
    number = _number(request)
    viewer, _ = await _change(request, lambda db, viewer: lifecycle.unarchive(db, viewer, number))
    return see_other(request, "checkins.show", viewer, checkin_id=number)


async def archived(request: Request) -> Response:
    """The check-ins of a course that are out of the lists."""
    viewer, rows = await visit(request, lifecycle.archived, course_id=request.path_params["course_id"])
    tag = language_of(request, viewer)
    return render(request, "archivals/index.html", viewer=viewer, checkins=[card(row, tag) for row in rows])


async def delete(request: Request) -> Response:
    """Delete a check-in; the course's page offers to undo it."""
    number, now = _number(request), house_of(request).now()
    viewer, _ = await _change(request, lambda db, viewer: lifecycle.remove(db, viewer, number, now))
    return see_other(request, "courses.show", viewer, course_id=viewer.course_id)


async def undelete(request: Request) -> Response:
    """Undo a deletion."""
    number, now = _number(request), house_of(request).now()
    viewer, _ = await _change(request, lambda db, viewer: lifecycle.bring_back(db, viewer, number, now))
    return see_other(request, "courses.show", viewer, course_id=viewer.course_id)


def _number(request: Request) -> int:
    return int(request.path_params["checkin_id"])


async def _change(request: Request, job: Callable[[Session, Viewer], Result]) -> tuple[Viewer, Result]:
    return await visit(request, job, checkin_id=_number(request), writes=True)
