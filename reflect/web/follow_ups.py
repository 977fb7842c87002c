"""A teacher's private notes about a student: written on the student's page, seen there by their author alone."""

from collections.abc import Mapping
from typing import Any

from sqlmodel import Session
from starlette.requests import Request
from starlette.responses import Response

from reflect.domain import follow_ups, students
from reflect.domain.follow_ups import LONGEST, Words
from reflect.domain.refusals import FormRefused
from reflect.domain.sessions import Viewer
from reflect.web.forms import fields_of
from reflect.web.house import house_of
from reflect.web.pages import language_of, render, see_other
from reflect.web.sessions import visit
from reflect.web.students import page, said
from reflect.web.wordings import person_name


async def create(request: Request) -> Response:
    """Note something about a student; a note with a fault comes back as it was typed."""
    course_id, person_id = request.path_params["course_id"], request.path_params["person_id"]
    fields, now = await fields_of(request), house_of(request).now()

    def work(db: Session, viewer: Viewer) -> int:
        students.find(db, viewer, person_id)
        return follow_ups.write(db, viewer, person_id, Words.read(fields), now)

    try:
        viewer, _ = await visit(request, work, course_id=course_id, writes=True)
    except FormRefused as refusal:
        return await page(request, person_id, fields, refusal.errors)
    return see_other(request, "students.show", viewer, course_id=course_id, person_id=person_id)


async def edit(request: Request) -> Response:
    """One of the viewer's own notes, to write it anew or to delete it; raises Refused `not_allowed`, Missing."""
    return await _page(request, None, {})


async def update(request: Request) -> Response:
    """Write it anew; with a fault it comes back as it was typed."""
    follow_up_id, fields, now = request.path_params["follow_up_id"], await fields_of(request), house_of(request).now()

    def work(db: Session, viewer: Viewer) -> int | None:
        follow_ups.find(db, viewer, follow_up_id)
        return follow_ups.edit(db, viewer, follow_up_id, Words.read(fields), now)

    try:
        viewer, student_id = await visit(request, work, writes=True)
    except FormRefused as refusal:
        return await _page(request, fields, refusal.errors)
    return _on(request, viewer, student_id)


async def destroy(request: Request) -> Response:
    """Delete it for good; raises Refused `not_allowed`, Missing."""
    follow_up_id = request.path_params["follow_up_id"]
    viewer, student_id = await visit(
        request, lambda db, viewer: follow_ups.discard(db, viewer, follow_up_id), writes=True
    )
    return _on(request, viewer, student_id)


def _on(request: Request, viewer: Viewer, student_id: int | None) -> Response:
    """Back to the student's page, or to the list where there is none any more."""
    if student_id is None:
        return see_other(request, "students.index", viewer, course_id=viewer.course_id)
    return see_other(request, "students.show", viewer, course_id=viewer.course_id, person_id=student_id)


async def _page(request: Request, fields: Mapping[str, str] | None, errors: Mapping[str, str]) -> Response:
    follow_up_id = request.path_params["follow_up_id"]

    def work(db: Session, viewer: Viewer) -> tuple[dict[str, Any], dict[str, str]]:
        row = follow_ups.find(db, viewer, follow_up_id)
        kept = {"words": row.words, "back_on": row.back_on.isoformat() if row.back_on else ""}
        student, is_here = follow_ups.about_whom(db, row)
        return {"id": student.id, "name": student.name, "sub": student.sub, "is_here": is_here}, kept

    viewer, (student, kept) = await visit(request, work)
    tag = language_of(request, viewer)
    return render(
        request,
        "follow_ups/edit.html",
        viewer=viewer,
        status=422 if errors else 200,
        headers={"Reflect-Error": "form"} if errors else None,
        student={**student, "name": person_name(student["name"], student["sub"], "learner", tag)},
        follow_up_id=follow_up_id,
        longest=LONGEST,
        form={**kept, **(fields or {})},
        errors=said(errors, tag),
    )
