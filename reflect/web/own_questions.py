"""A teacher's own questions: kept, looked through, thrown away, and chosen in the form for a new check-in."""

from collections.abc import Mapping

from sqlmodel import Session
from starlette.requests import Request
from starlette.responses import Response

from reflect.domain import own_questions
from reflect.domain.refusals import FormRefused
from reflect.domain.sessions import Viewer
from reflect.web.field_errors import sentences
from reflect.web.forms import fields_of
from reflect.web.pages import language_of, render, see_other
from reflect.web.sessions import visit

OWN = "own-"
"""In the form for a new check-in the key of an own question begins so, with its id."""


async def index(request: Request) -> Response:
    """The viewer's own questions; raises Refused `not_allowed`."""
    return await _page(request, {}, "")


async def create(request: Request) -> Response:
    """Keep a question; one with a fault comes back and says so."""
    text = (await fields_of(request)).get("question", "")
    try:
        viewer, _ = await visit(
            request,
            lambda db, viewer: own_questions.keep(db, viewer, text),
            course_id=request.path_params["course_id"],
            writes=True,
        )
    except FormRefused as refusal:
        return await _page(request, refusal.errors, text)
    return see_other(request, "own_questions.index", viewer, course_id=viewer.course_id)


async def destroy(request: Request) -> Response:
    """Throw one away; check-ins that asked it stay as they are. Raises Refused `not_allowed`, Missing."""
    question_id = request.path_params["question_id"]
    viewer, _ = await visit(
        request,
        lambda db, viewer: own_questions.discard(db, viewer, question_id),
        course_id=request.path_params["course_id"],
        writes=True,
    )
    return see_other(request, "own_questions.index", viewer, course_id=viewer.course_id)


async def in_words(request: Request, fields: Mapping[str, str]) -> Mapping[str, str]:
    """The fields of a new check-in, with a chosen own question in the place where own words are typed.

    One that is not the viewer's stays a key that no form knows.
    """
    key = fields.get("question_key", "")
    if not key.startswith(OWN):
        return fields

    def work(db: Session, viewer: Viewer) -> dict[str, str]:
        return {f"{OWN}{it.id}": it.text for it in own_questions.of(db, viewer)}

    # The form of a new check-in is posted to its course, that of a prepared one to the check-in.
    course_id, checkin_id = (request.path_params.get(name) for name in ("course_id", "checkin_id"))
    _, texts = await visit(request, work, course_id=course_id, checkin_id=checkin_id)
    return {**fields, "question": texts[key], "question_key": ""} if key in texts else fields


async def _page(request: Request, errors: Mapping[str, str], typed: str) -> Response:
    viewer, found = await visit(request, own_questions.of, course_id=request.path_params["course_id"])
    return render(
        request,
        "own_questions/index.html",
        viewer=viewer,
        status=422 if errors else 200,
        own_questions=[{"id": it.id, "text": it.text} for it in found],
        typed=typed,
        errors=sentences(errors, language_of(request, viewer)),
    )
