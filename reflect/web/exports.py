"""Answers to take along: a student's own, and for staff what their results pages show, as tables for a spreadsheet."""

import asyncio
import json
from collections.abc import Sequence

from starlette.requests import Request
from starlette.responses import Response

from reflect.domain import exports, persons, reflections
from reflect.domain.capabilities import Capability
from reflect.domain.exports import Exported
from reflect.domain.reflections import Reflections
from reflect.domain.refusals import Missing
from reflect.domain.sessions import Viewer
from reflect.web import accesses, spreadsheets
from reflect.web.house import house_of
from reflect.web.pages import language_of
from reflect.web.reflections import question_in, word_of
from reflect.web.sessions import visit
from reflect.web.sheets import answers_sheet, totals_sheet
from reflect.web.spreadsheets import Sheet

OWN_KINDS = {"json": "application/json", "csv": spreadsheets.KINDS["csv"]}


async def show(request: Request) -> Response:
    """A student's own; raises Missing for another kind, Refused `not_allowed` for who does not answer here."""
    kind = _kind(request, OWN_KINDS)
    viewer, found = await visit(request, reflections.own, course_id=request.path_params["course_id"])
    tag = language_of(request, viewer)
    if kind == "csv":
        return _file(spreadsheets.csv_of(own_sheet(found, tag)), "my-reflections", kind)
    values = {"course": viewer.course_title, **persons.as_values(found)}
    return _file((json.dumps(values, ensure_ascii=False, indent=2) + "\n").encode(), "my-reflections", kind)


async def of_checkin(request: Request) -> Response:
    """One check-in for staff: as CSV who answered what, or of an anonymous one how many; as XLSX both."""
    kind, checkin_id = _kind(request, spreadsheets.KINDS), request.path_params["checkin_id"]
    viewer, found = await visit(
        request, lambda db, viewer: exports.of_checkin(db, viewer, checkin_id), checkin_id=checkin_id
    )
    tag = language_of(request, viewer)
    sheets = [answers_sheet([found], tag), totals_sheet([found], tag)]
    if found.checkin.is_anonymous:
        del sheets[0]
    return await _for_staff(request, viewer, [found], sheets, f"check-in-{checkin_id}", kind)


async def answers(request: Request) -> Response:
    """The course's named answers for staff; as XLSX with the totals of all its check-ins beside them."""
    kind = _kind(request, spreadsheets.KINDS)
    viewer, found = await _course(request)
    tag = language_of(request, viewer)
    sheets = [answers_sheet(found, tag), totals_sheet(found, tag)]
    return await _for_staff(request, viewer, found, sheets, "answers", kind)


async def totals(request: Request) -> Response:
    """How many gave which answer in each of the course's check-ins, without a name.

    Where single answers can be told from totals, they count as having opened them.
    """
    kind, k = _kind(request, spreadsheets.KINDS), house_of(request).settings.min_group_size
    viewer, found = await _course(request)
    sheets = [totals_sheet(found, language_of(request, viewer))]
    few = [it for it in found if it.has_few_named(k)]
    return await _for_staff(request, viewer, few, sheets, "totals", kind)


async def _course(request: Request) -> tuple[Viewer, Sequence[Exported]]:
    viewer, _ = await visit(
        request, lambda _db, viewer: viewer.must(Capability.SEE_RESULTS), course_id=request.path_params["course_id"]
    )
    # A year of a course is no work for the event loop, on which short looks are done.
    return viewer, await house_of(request).database.read(lambda db: exports.of_course(db, viewer))


async def _for_staff(
    request: Request, viewer: Viewer, named: Sequence[Exported], sheets: Sequence[Sheet], name: str, kind: str
) -> Response:
    """The file, once it is written down whose answers are in it."""
    await accesses.note_checkins(request, viewer, [it.checkin.id for it in named if it.results.people])
    if kind == "csv":
        return _file(spreadsheets.csv_of(sheets[0]), name, kind)
    return _file(await asyncio.to_thread(spreadsheets.xlsx_of, sheets), name, kind)


def _kind(request: Request, kinds: dict[str, str]) -> str:
    kind = request.path_params["kind"]
    if kind not in kinds:
        raise Missing()
    return str(kind)


def _file(content: bytes, name: str, kind: str) -> Response:
    headers = {
        "Content-Disposition": f'attachment; filename="{name}.{kind}"',
        "Content-Type": {**OWN_KINDS, **spreadsheets.KINDS}[kind],
        "Cache-Control": "no-store",
    }
    return Response(content, headers=headers)


def own_sheet(found: Reflections, tag: str) -> Sheet:
    """A student's named answers; the heads are the names of the JSON's values."""
    columns = ("answered_at", "changed_at", "question", "answer", "word", "note")
    rows = [
        (it.answered_at, it.changed_at, question_in(it, tag), it.choice, word_of(it, tag), it.note)
        for it in found.named
    ]
    return Sheet("my-reflections", columns, rows)
