"""Whom to ask: the list of an adult in a course, and what they do with each student on it."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

from sqlmodel import Session
from starlette.requests import Request
from starlette.responses import Response

from reflect.domain import prompts, talks
from reflect.domain.prompts import Listed
from reflect.domain.refusals import FormRefused
from reflect.domain.sessions import Viewer
from reflect.domain.talk_acts import adults
from reflect.web import accesses
from reflect.web.field_errors import FIELD_ERRORS
from reflect.web.forms import fields_of
from reflect.web.house import house_of
from reflect.web.language import language
from reflect.web.pages import language_of, render, see_other
from reflect.web.prompt_cards import list_card
from reflect.web.sessions import visit
from reflect.web.wordings import person_name

Job = Callable[[Session, Viewer, int], None]
Fault = tuple[int, Mapping[str, str], Mapping[str, str]]
"""A student's id, what was typed for them, and what is wrong with it."""


@dataclass(frozen=True, slots=True)
class _Page:
    """What the page needs besides the list."""

    listed: Listed
    adults: Sequence[Any]
    talking: int
    """How many students wait for a talk; they are not named beside anybody's answers."""


async def index(request: Request) -> Response:
    """The viewer's list; the students on it are told, on their own page, who had it before them."""
    return await _page(request, None)


async def see(request: Request) -> Response:
    """Set a student aside until there is a new reason."""
    return await _settle(request, "seen")


async def close(request: Request) -> Response:
    """Close what there was to ask, until there is a new reason."""
    return await _settle(request, "closed")


async def restore(request: Request) -> Response:
    """Put a student back on the list."""
    return await _act(request, prompts.restore)


async def hand_over(request: Request) -> Response:
    """Let another adult ask; a form without one comes back."""
    fields, now = await fields_of(request), house_of(request).now()
    to, until = fields.get("to", ""), _moment(fields, now)
    try:
        return await _act(request, lambda db, viewer, one: prompts.hand_over(db, viewer, one, to, until, now))
    except FormRefused as refusal:
        return await _page(request, (request.path_params["person_id"], fields, refusal.errors))


async def _settle(request: Request, way: str) -> Response:
    fields, now = await fields_of(request), house_of(request).now()
    until = _moment(fields, now)
    return await _act(request, lambda db, viewer, one: prompts.settle(db, viewer, one, way, until, now))


async def _act(request: Request, job: Job) -> Response:
    course_id, person_id = request.path_params["course_id"], request.path_params["person_id"]
    viewer, _ = await visit(
        request, lambda db, viewer: job(db, viewer, person_id), course_id=course_id, writes=True
    )  # fmt: skip
    return see_other(request, "prompts.index", viewer, course_id=course_id)


def _moment(fields: Mapping[str, str], now: datetime) -> datetime:
    """When the page was made that somebody acts upon: what came after it, they have not seen."""
    try:
        found = datetime.fromisoformat(fields.get("until", ""))
    except ValueError:
        return now
    return found.astimezone(UTC) if found.tzinfo else now


async def _page(request: Request, fault: Fault | None) -> Response:
    now = house_of(request).now()

    def work(db: Session, viewer: Viewer) -> _Page:
        found = prompts.of(db, viewer, now)
        talking = len({row.student_id for row in talks.waiting(db, viewer)})
        return _Page(found, adults(db, viewer.course_id), talking)

    viewer, page = await visit(request, work, course_id=request.path_params["course_id"])
    await accesses.note_students(request, viewer, page.listed.told_about, "prompt")
    tag = language_of(request, viewer)
    names = {row.id: person_name(row.name, row.sub, row.role, tag) for row in page.adults}
    student_id, fields, errors = fault or (0, {}, {})
    return render(
        request,
        "prompts/index.html",
        viewer=viewer,
        status=422 if fault else 200,
        headers={"Reflect-Error": "form"} if fault else None,
        listed=list_card(page.listed, names, tag),
        talking=page.talking,
        others=[{"id": str(one), "name": name} for one, name in names.items() if one != viewer.person_id],
        until=now.isoformat(),
        fault_of=student_id,
        chosen=fields.get("to", ""),
        errors={field: language(tag).gettext(FIELD_ERRORS[code]) for field, code in errors.items()},
    )
