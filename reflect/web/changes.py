"""What changed because of a check-in's answers: written by staff, told to the class."""

from collections.abc import Mapping
from typing import Any

from starlette.requests import Request
from starlette.responses import Response

from reflect.domain import changes
from reflect.domain.changes import LONGEST_CHANGE
from reflect.domain.refusals import FormRefused
from reflect.web.cards import card
from reflect.web.field_errors import sentences
from reflect.web.forms import fields_of
from reflect.web.house import house_of
from reflect.web.pages import language_of, render, see_other
from reflect.web.responses import author
from reflect.web.sessions import visit


async def edit(request: Request) -> Response:
    """The form, with what was said before."""
    return await _form(request, None, {})


async def update(request: Request) -> Response:
    """Tell the class; an empty text takes back what was said."""
    checkin_id, fields, now = request.path_params["checkin_id"], await fields_of(request), house_of(request).now()
    try:
        viewer, _ = await visit(
            request,
            lambda db, viewer: changes.tell(db, viewer, checkin_id, fields, now),
            checkin_id=checkin_id,
            writes=True,
        )
    except FormRefused as refusal:
        return await _form(request, fields.get("change", ""), refusal.errors)
    return see_other(request, "checkins.show", viewer, checkin_id=checkin_id)


async def _form(request: Request, typed: str | None, errors: Mapping[str, str]) -> Response:
    checkin_id = request.path_params["checkin_id"]
    viewer, (checkin, told) = await visit(
        request, lambda db, viewer: changes.of_checkin(db, viewer, checkin_id), checkin_id=checkin_id
    )
    tag = language_of(request, viewer)
    return render(
        request,
        "changes/edit.html",
        viewer=viewer,
        status=422 if errors else 200,
        headers={"Reflect-Error": "form"} if errors else None,
        checkin=card(checkin, tag),
        change=typed if typed is not None else told.words if told else "",
        is_told=told is not None,
        longest=LONGEST_CHANGE,
        errors=sentences(errors, tag),
    )


def shown(found: tuple[Any, Any] | None, tag: str) -> dict[str, Any] | None:
    """The newest change as templates show it."""
    if found is None:
        return None
    change, checkin = found
    return {
        "checkin_id": checkin.id,
        "question": card(checkin, tag).question,
        "words": change.words,
        "by": author(change, tag),
        "at": change.told_at,
    }
