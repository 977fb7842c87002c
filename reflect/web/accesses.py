"""Writing down who is shown named answers: before the page goes out, once an hour for each reader and check-in, or for
each reader and student."""

from collections.abc import Sequence
from typing import Any

from starlette.requests import Request

from reflect.domain import accesses
from reflect.domain.results import Results
from reflect.domain.sessions import Viewer
from reflect.web.house import house_of


async def note(request: Request, viewer: Viewer, checkin: Any, shown: Results | None) -> None:
    """Remember the viewer as a reader of these results, if there are names in them. A 304 shows nothing."""
    if shown is not None and shown.people:
        await note_names(request, viewer, checkin)


async def note_names(request: Request, viewer: Viewer, checkin: Any) -> None:
    """Remember the viewer as a reader of a check-in's names and answers."""
    house = house_of(request)
    now, pace = house.now(), house.notes.accesses
    if not pace.is_due((checkin.id, viewer.person_id, accesses.hour_of(now))):
        return
    try:
        await house.database.write(lambda db: accesses.note(db, viewer, checkin, now))
    except Exception:
        pace.forget()
        raise


async def note_students(request: Request, viewer: Viewer, student_ids: Sequence[int], kind: str) -> None:
    """Remember the viewer as a reader of these students' answers over all check-ins; `kind` is of `StudentAccess`."""
    house = house_of(request)
    now, pace = house.now(), house.notes.accesses
    hour = accesses.hour_of(now)
    due = [one for one in student_ids if pace.is_due((kind, viewer.course_id, one, viewer.person_id, hour))]
    if not due:
        return
    try:
        await house.database.write(lambda db: accesses.note_students(db, viewer, due, kind, now))
    except Exception:
        pace.forget()
        raise
