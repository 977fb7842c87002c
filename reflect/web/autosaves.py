"""A form for a check-in that saves itself while it is filled in; it answers with one line about how that went."""

from typing import Literal

from sqlmodel import Session
from starlette.requests import Request
from starlette.responses import Response

from reflect.domain import autosaves, checkins, lifecycle, schedules
from reflect.domain.capabilities import Capability
from reflect.domain.checkins import Draft
from reflect.domain.refusals import FormRefused
from reflect.domain.schedules import Capacity, Schedule
from reflect.domain.sessions import Viewer
from reflect.web.checkin_forms import fields_of_checkin
from reflect.web.house import house_of
from reflect.web.pages import language_of, render
from reflect.web.sessions import visit
from reflect.web.wordings import capacity_words

Outcome = Literal["saved", "faulty", "when_sent", "never"]
"""What became of the form: a draft, nothing yet, something that changes only when its form is sent, or nothing more."""


async def create(request: Request) -> Response:
    """Save a new check-in's form."""
    return await _save(request, course_id=request.path_params["course_id"])


async def update(request: Request) -> Response:
    """Save the form of a draft; the form of one that is open, or opens by itself, is taken only when it is sent."""
    return await _save(request, checkin_id=request.path_params["checkin_id"])


async def _save(request: Request, course_id: int | None = None, checkin_id: int | None = None) -> Response:
    house, fields = house_of(request), await fields_of_checkin(request)
    k, now = house.settings.min_group_size, house.now()

    def work(db: Session, viewer: Viewer) -> tuple[Outcome, Capacity]:
        viewer.must(Capability.CREATE_CHECKINS)
        return keep(db, viewer), schedules.capacity(db, viewer, fields)

    def keep(db: Session, viewer: Viewer) -> Outcome:
        key = autosaves.key_in(fields)
        row = autosaves.find(db, viewer, key) if checkin_id is None else checkins.of(db, viewer, checkin_id)
        if row is not None and not autosaves.is_draft(row):
            return "when_sent" if autosaves.is_prepared(row) else "never"
        try:
            draft, schedule = Draft.read(fields), Schedule.unfinished(fields)
            if checkin_id is None:
                autosaves.save(db, viewer, key, draft, schedule, k, now)
            else:
                lifecycle.edit(db, viewer, checkin_id, draft, k, now, schedule)
        except FormRefused:
            return "faulty"
        return "saved"

    viewer, (outcome, capacity) = await visit(request, work, course_id=course_id, checkin_id=checkin_id, writes=True)
    words = capacity_words(capacity, language_of(request, viewer))
    return render(request, "checkins/_saved.html", viewer=viewer, outcome=outcome, capacity=words)
