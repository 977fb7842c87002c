"""A check-in: made by a teacher, and shown to each person as what it is for them."""

from collections.abc import Callable, Mapping
from typing import Any

from sqlmodel import Session
from starlette.requests import Request
from starlette.responses import Response

from reflect.domain import autosaves, checkins, deep_links, lifecycle, schedules, series
from reflect.domain import own_questions as domain_own_questions
from reflect.domain.capabilities import Capability
from reflect.domain.checkins import Draft
from reflect.domain.refusals import FormRefused
from reflect.domain.schedules import Schedule
from reflect.domain.sessions import Viewer
from reflect.web import accesses, answers, results
from reflect.web.checkin_forms import Offer, fields_of_checkin, form_page, offer_to
from reflect.web.house import house_of
from reflect.web.pages import address, lead_to, see_other
from reflect.web.sessions import visit


async def new(request: Request) -> Response:
    """The form for a new check-in."""
    viewer, offer = await visit(request, offer_to, course_id=request.path_params["course_id"])
    return form_page(request, viewer, {}, {}, offer)


async def create(request: Request) -> Response:
    """Open a check-in, prepare it, or begin a series; a form with faults comes back with each fault at its field."""
    house, fields = house_of(request), await fields_of_checkin(request)
    course_id, k, now = request.path_params["course_id"], house.settings.min_group_size, house.now()
    key = autosaves.key_in(fields)

    def work(db: Session, viewer: Viewer) -> tuple[str, int]:
        viewer.must(Capability.CREATE_CHECKINS)
        schedules.keep_follow_ups(db, viewer, fields)
        if fields.get("keep_question") and draft.question_key is None:
            domain_own_questions.keep(db, viewer, draft.question)
        if deep_links.find(db, viewer) is not None:
            return "deep_links.new", autosaves.save(db, viewer, key, draft, Schedule("now"), k, now)
        if fields.get("do") == "save":
            return "checkins.show", autosaves.save(db, viewer, key, draft, schedule, k, now)
        if schedule.rule is not None:
            autosaves.discard(db, viewer, key)
            return "series.index", series.begin(db, viewer, fields, schedule, k, now)
        return "checkins.show", autosaves.send(db, viewer, key, draft, schedule, k, now)

    try:
        draft, schedule = read(fields)
        viewer, (page, number) = await visit(request, work, course_id=course_id, writes=True)
    except FormRefused as refusal:
        viewer, offer = await visit(request, lambda db, viewer: offer_to(db, viewer, fields), course_id=course_id)
        return form_page(request, viewer, fields, refusal.errors, offer)
    if page == "deep_links.new":
        return lead_to(request, f"{address(request, page, viewer)}&chosen={number}")
    if page == "series.index":
        return see_other(request, page, viewer, course_id=course_id)
    return see_other(request, page, viewer, checkin_id=number)


def read(fields: Mapping[str, str]) -> tuple[Draft, Schedule]:
    """What is asked, and when; raises FormRefused with the faults of both."""
    errors: dict[str, str] = {}
    try:
        draft = Draft.read(fields)
    except FormRefused as refusal:
        errors |= refusal.errors
    try:
        schedule = Schedule.read(fields)
    except FormRefused as refusal:
        errors |= refusal.errors
    if errors:
        raise FormRefused(errors)
    return draft, schedule


async def edit(request: Request) -> Response:
    """The form of a prepared check-in, or of an open one that nobody has answered."""
    checkin_id = request.path_params["checkin_id"]
    viewer, (row, fields, offer) = await visit(request, _edited(checkin_id), checkin_id=checkin_id)
    return form_page(request, viewer, fields, {}, offer, row)


async def update(request: Request) -> Response:
    """Change a check-in, and perhaps open it; a form with faults comes back."""
    house, checkin_id = house_of(request), request.path_params["checkin_id"]
    fields = await fields_of_checkin(request)
    k, now = house.settings.min_group_size, house.now()

    def work(db: Session, viewer: Viewer) -> tuple[str, dict[str, int]]:
        schedules.keep_follow_ups(db, viewer, fields)
        lifecycle.edit(db, viewer, checkin_id, draft, k, now, schedule)
        if checkins.of(db, viewer, checkin_id).opened_at is None:
            if fields.get("do") == "save":
                autosaves.replan(db, checkin_id, schedule, now)
            elif schedule.rule is not None:
                autosaves.repeat(db, viewer, checkin_id, fields, schedule, k, now)
                return "series.index", {"course_id": viewer.course_id}
            else:
                autosaves.put(db, viewer, checkin_id, schedule, k, now)
        return "checkins.show", {"checkin_id": checkin_id}

    try:
        draft, schedule = read(fields)
        viewer, (page, number) = await visit(request, work, checkin_id=checkin_id, writes=True)
    except FormRefused as refusal:
        viewer, (row, _, offer) = await visit(request, _edited(checkin_id, fields), checkin_id=checkin_id)
        return form_page(request, viewer, fields, refusal.errors, offer, row)
    return see_other(request, page, viewer, **number)


def _edited(
    checkin_id: int, typed: Mapping[str, str] | None = None
) -> Callable[[Session, Viewer], tuple[Any, dict[str, str], Offer]]:
    def work(db: Session, viewer: Viewer) -> tuple[Any, dict[str, str], Offer]:
        viewer.must(Capability.CREATE_CHECKINS)
        row = checkins.of(db, viewer, checkin_id)
        lifecycle.must_be_editable(db, row)
        fields = lifecycle.fields_of(db, row) | schedules.fields_of_checkin(db, row)
        return row, fields, offer_to(db, viewer, fields if typed is None else typed)

    return work


async def show(request: Request) -> Response:
    """For staff the results; for a student the question, or thanks for the answer; authors are led to the course's
    home, for what has become of a check-in is not for them."""
    checkin_id = request.path_params["checkin_id"]
    look_at_results, look_at_own = results.state(request), answers.situation(request)

    def work(db: Session, viewer: Viewer) -> results.State | answers.Situation | None:
        if viewer.may(Capability.SEE_RESULTS):
            return look_at_results(db, viewer)
        if viewer.may(Capability.CREATE_CHECKINS):
            checkins.of(db, viewer, checkin_id)
            return None
        return look_at_own(db, viewer)

    viewer, found = await visit(request, work, checkin_id=checkin_id)
    if found is None:
        return see_other(request, "courses.show", viewer, course_id=viewer.course_id)
    if isinstance(found, results.State):
        await accesses.note(request, viewer, found.checkin, found.results)
        return results.page(request, viewer, found)
    return answers.page(request, viewer, found)
