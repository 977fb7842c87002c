"""Writing down who is shown named answers: before the page goes out, once an hour for each reader and check-in, or for
each reader and student. Of two pages that are asked for at once, neither goes out before it is written."""

from collections.abc import Iterable, Sequence
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
    await note_checkins(request, viewer, [checkin.id])


async def note_checkins(request: Request, viewer: Viewer, checkin_ids: Iterable[int]) -> None:
    """Remember the viewer as a reader of named answers of these check-ins, be it without the names, if they are few."""
    house = house_of(request)
    now, pace = house.now(), house.notes.accesses
    keys = {one: (one, viewer.person_id, accesses.hour_of(now)) for one in checkin_ids}
    due = [one for one, key in keys.items() if not pace.was_done(key)]
    if due:
        await house.database.write(lambda db: accesses.note_checkins(db, viewer, due, now))
        for one in due:
            pace.done(keys[one])


async def note_students(request: Request, viewer: Viewer, student_ids: Sequence[int], kind: str) -> None:
    """Remember the viewer as a reader of these students' answers over all check-ins; `kind` is of `StudentAccess`."""
    house = house_of(request)
    now, pace = house.now(), house.notes.accesses
    hour = accesses.hour_of(now)
    keys = {one: (kind, viewer.course_id, one, viewer.person_id, hour) for one in student_ids}
    due = [one for one, key in keys.items() if not pace.was_done(key)]
    if due:
        await house.database.write(lambda db: accesses.note_students(db, viewer, due, kind, now))
        for one in due:
            pace.done(keys[one])
