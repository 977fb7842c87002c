"""The groups of a course, and the names that a teacher gives to those the platform tells only a number of."""

from collections.abc import Sequence
from typing import Any

from sqlmodel import Session
from starlette.requests import Request
from starlette.responses import Response

from reflect.domain import groups
from reflect.domain.refusals import FormRefused
from reflect.domain.sessions import Viewer
from reflect.web.field_errors import FIELD_ERRORS
from reflect.web.forms import fields_of
from reflect.web.language import language
from reflect.web.pages import language_of, render, see_other
from reflect.web.sessions import visit
from reflect.web.wordings import group_name


async def index(request: Request) -> Response:
    """All groups of the course with how many students each is known to have."""
    viewer, (rows, are_named) = await visit(request, _of_course, course_id=request.path_params["course_id"])
    return _page(request, viewer, rows, are_named)


async def update(request: Request) -> Response:
    """Name one group; a name that cannot be taken comes back with what is wrong with it."""
    course_id, group_id = request.path_params["course_id"], request.path_params["group_id"]
    name = (await fields_of(request)).get("name", "")
    try:
        viewer, _ = await visit(
            request,
            lambda db, viewer: groups.rename(db, viewer, group_id, name),
            course_id=course_id,
            writes=True,
        )
    except FormRefused as refusal:
        viewer, (rows, are_named) = await visit(request, _of_course, course_id=course_id)
        return _page(request, viewer, rows, are_named, {group_id: (name, refusal.errors["name"])})
    return see_other(request, "groups.index", viewer, course_id=course_id)


def _of_course(db: Session, viewer: Viewer) -> tuple[Sequence[Any], bool]:
    return groups.of_course(db, viewer), groups.are_named_by_platform(db, viewer.course_id)


def _page(
    request: Request,
    viewer: Viewer,
    rows: Sequence[Any],
    are_named: bool,
    faults: dict[int, tuple[str, str]] | None = None,
) -> Response:
    """The page; `faults` has for a group's id the name that was typed and the code of what is wrong with it."""
    tag, typed = language_of(request, viewer), faults or {}
    say = language(tag).gettext
    return render(
        request,
        "groups/index.html",
        viewer=viewer,
        status=422 if typed else 200,
        groups=[
            {
                "id": row.id,
                "title": group_name(row, tag),
                "name": typed[row.id][0] if row.id in typed else row.name,
                "learners": row.learners,
            }
            for row in rows
        ],
        are_named=are_named,
        errors={f"group-{group_id}": say(FIELD_ERRORS[code]) for group_id, (_, code) in typed.items()},
    )
