"""A student's own answers to take along, as JSON or as a table for a spreadsheet."""

import csv
import io
import json

from starlette.requests import Request
from starlette.responses import Response

from reflect.domain import persons, reflections
from reflect.domain.reflections import Reflections
from reflect.domain.refusals import Missing
from reflect.web.pages import language_of
from reflect.web.reflections import question_in, word_of
from reflect.web.sessions import visit

KINDS = {"json": "application/json", "csv": "text/csv; charset=utf-8"}
_STARTS_A_FORMULA = ("=", "+", "-", "@", "\t", "\r")


async def show(request: Request) -> Response:
    """The file; raises Missing for another kind, Refused `not_allowed` for who does not answer in this course."""
    kind = request.path_params["kind"]
    if kind not in KINDS:
        raise Missing()
    viewer, found = await visit(request, reflections.own, course_id=request.path_params["course_id"])
    tag = language_of(request, viewer)
    if kind == "csv":
        content = table_of(found, tag)
    else:
        values = {"course": viewer.course_title, **persons.as_values(found)}
        content = json.dumps(values, ensure_ascii=False, indent=2) + "\n"
    headers = {
        "Content-Disposition": f'attachment; filename="my-reflections.{kind}"',
        "Content-Type": KINDS[kind],
        "Cache-Control": "no-store",
    }
    return Response(content, headers=headers)


def table_of(found: Reflections, tag: str) -> str:
    """Named answers as CSV (RFC 4180), with the mark by which spreadsheets know UTF-8; no cell is a formula."""
    file = io.StringIO()
    rows = csv.writer(file)
    rows.writerow(["answered_at", "changed_at", "question", "answer", "word"])
    for it in found.named:
        moments = [moment.isoformat(timespec="seconds") for moment in (it.answered_at, it.changed_at)]
        rows.writerow([*moments, *map(_plain, (question_in(it, tag), it.choice, word_of(it, tag)))])
    return "\ufeff" + file.getvalue()


def _plain(text: str) -> str:
    return f"'{text}" if text.startswith(_STARTS_A_FORMULA) else text
