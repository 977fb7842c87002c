"""A check-in: made by a teacher, and shown to each person as what it is for them."""

import secrets
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from sqlmodel import Session
from starlette.requests import Request
from starlette.responses import Response

from reflect.domain import autosaves, checkins, deep_links, groups, lifecycle, schedules, series
from reflect.domain import own_questions as domain_own_questions
from reflect.domain.capabilities import Capability
from reflect.domain.checkins import FORM, GROUP, Draft
from reflect.domain.forms import DEFAULT, LONGEST_LABEL, MOST_CHOICES
from reflect.domain.questions import by_category
from reflect.domain.refusals import FormRefused
from reflect.domain.schedules import Schedule
from reflect.domain.services import has_gradebook
from reflect.domain.sessions import Viewer
from reflect.storage import people
from reflect.web import accesses, answers, own_questions, results
from reflect.web.calendars import weekday_names
from reflect.web.field_errors import sentences
from reflect.web.forms import fields_of
from reflect.web.house import house_of
from reflect.web.options import form_names
from reflect.web.pages import address, language_of, lead_to, render, see_other, wants_part
from reflect.web.sessions import visit
from reflect.web.wordings import age_band, category_label, group_name


async def new(request: Request) -> Response:
    """The form for a new check-in."""
    viewer, offer = await visit(request, offer_to, course_id=request.path_params["course_id"])
    return _form(request, viewer, {}, {}, offer)


async def create(request: Request) -> Response:
    """Open a check-in, prepare it, or begin a series; a form with faults comes back with each fault at its field."""
    house, fields = house_of(request), await own_questions.in_words(request, await fields_of(request))
    course_id, k, now = request.path_params["course_id"], house.settings.min_group_size, house.now()
    key = autosaves.key_in(fields)

    def work(db: Session, viewer: Viewer) -> tuple[str, int]:
        viewer.must(Capability.CREATE_CHECKINS)
        schedules.keep_follow_ups(db, viewer, fields)
        if fields.get("keep_question") and draft.question_key is None:
            domain_own_questions.keep(db, viewer, draft.question)
        if deep_links.find(db, viewer) is not None:
            return "deep_links.new", autosaves.save(db, viewer, key, draft, Schedule("now"), k, now)
        if schedule.rule is not None:
            autosaves.discard(db, viewer, key)
            return "series.index", series.begin(db, viewer, fields, schedule, k, now)
        do = autosaves.save if fields.get("do") == "save" else autosaves.send
        return "checkins.show", do(db, viewer, key, draft, schedule, k, now)

    try:
        draft, schedule = read(fields)
        viewer, (page, number) = await visit(request, work, course_id=course_id, writes=True)
    except FormRefused as refusal:
        viewer, offer = await visit(request, offer_to, course_id=course_id)
        return _form(request, viewer, fields, refusal.errors, offer)
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
    return _form(request, viewer, fields, {}, offer, row)


async def update(request: Request) -> Response:
    """Change a check-in, and perhaps open it; a form with faults comes back."""
    house, checkin_id = house_of(request), request.path_params["checkin_id"]
    fields = await own_questions.in_words(request, await fields_of(request))
    k, now = house.settings.min_group_size, house.now()

    def work(db: Session, viewer: Viewer) -> None:
        lifecycle.edit(db, viewer, checkin_id, draft, k, now, schedule.closes_after)
        is_prepared = checkins.of(db, viewer, checkin_id).opened_at is None
        if is_prepared and (fields.get("do") != "save" or schedule.when == "later"):
            autosaves.put(db, viewer, checkin_id, schedule, k, now)

    try:
        draft, schedule = read({**fields, "when": "now"} if fields.get("when") == "repeat" else fields)
        viewer, _ = await visit(request, work, checkin_id=checkin_id, writes=True)
    except FormRefused as refusal:
        viewer, (row, _, offer) = await visit(request, _edited(checkin_id), checkin_id=checkin_id)
        return _form(request, viewer, fields, refusal.errors, offer, row)
    return see_other(request, "checkins.show", viewer, checkin_id=checkin_id)


def _edited(checkin_id: int) -> Callable[[Session, Viewer], tuple[Any, dict[str, str], "Offer"]]:
    def work(db: Session, viewer: Viewer) -> tuple[Any, dict[str, str], Offer]:
        viewer.must(Capability.CREATE_CHECKINS)
        row = checkins.of(db, viewer, checkin_id)
        lifecycle.must_be_editable(db, row)
        return row, lifecycle.fields_of(db, row) | schedules.fields_of_checkin(row), offer_to(db, viewer)

    return work


async def show(request: Request) -> Response:
    """For staff the results; for a student the question, or thanks for the answer."""
    checkin_id = request.path_params["checkin_id"]
    look_at_results, look_at_own = results.state(request), answers.situation(request)

    def work(db: Session, viewer: Viewer) -> results.State | answers.Situation:
        look = look_at_results if viewer.may(Capability.SEE_RESULTS) else look_at_own
        return look(db, viewer)

    viewer, found = await visit(request, work, checkin_id=checkin_id)
    if isinstance(found, results.State):
        await accesses.note(request, viewer, found.checkin, found.results)
        return results.page(request, viewer, found)
    return answers.page(request, viewer, found)


@dataclass(frozen=True, slots=True)
class Offer:
    """What the form asks for besides: a mark in the gradebook (the content dialog does so itself), and groups."""

    is_for_dialog: bool
    mark: bool
    groups: Sequence[Any]
    expected: int
    """How many students the course has."""
    follow_ups: int | None
    """With how many a day the viewer has set time aside to follow up."""
    own_questions: Sequence[Any]
    """The viewer's own questions, offered beside the library."""


def offer_to(db: Session, viewer: Viewer) -> Offer:
    """What the form offers somebody; raises Refused `not_allowed`."""
    viewer.must(Capability.CREATE_CHECKINS)
    is_for_dialog = deep_links.find(db, viewer) is not None
    offers_mark = has_gradebook(db, viewer.course_id) and not is_for_dialog
    asked = [group for group in groups.of_course(db, viewer) if group.learners]
    return Offer(
        is_for_dialog,
        offers_mark,
        asked,
        people.learners(db, viewer.course_id),
        schedules.follow_ups_of(db, viewer),
        domain_own_questions.of(db, viewer),
    )


def _form(
    request: Request,
    viewer: Viewer,
    fields: Mapping[str, str],
    errors: Mapping[str, str],
    offer: Offer,
    row: Any = None,
) -> Response:
    """The form of a new check-in, or with a row of that one."""
    facts = form_facts(request, viewer, fields, errors, offer)
    name = "checkins.autosaves.update" if row else "checkins.autosaves.create"
    number = {"checkin_id": row.id} if row else {"course_id": viewer.course_id}
    return render(
        request,
        "checkins/_form.html" if wants_part(request) else "checkins/new.html",
        viewer=viewer,
        status=422 if errors else 200,
        action=address(request, "checkins.update" if row else "checkins.create", viewer, **number),
        autosave=None if row and row.opened_at else address(request, name, viewer, **number),
        editing={"is_open": row.opened_at is not None, "in_series": row.series_id is not None} if row else None,
        series=None,
        **facts,
    )


def form_facts(
    request: Request, viewer: Viewer, fields: Mapping[str, str], errors: Mapping[str, str], offer: Offer
) -> dict[str, Any]:
    """What the template of the form must know, whatever it is the form of."""
    tag = language_of(request, viewer)
    k = house_of(request).settings.min_group_size
    empty = {"question": "", "question_key": "", FORM: DEFAULT, "manner": "character", "anonymity": "named",
             "release": "in_steps", "shared_with_class": "", "gives_mark": "", "keep_question": "", "asks_note": "",
             "simple_words": ""}  # fmt: skip
    return {
        "questions": _library(tag),
        "own_questions": [{"key": f"{own_questions.OWN}{it.id}", "text": it.text} for it in offer.own_questions],
        "form": {**empty, **schedules.EMPTY, "draft_key": secrets.token_hex(16), **fields},
        "forms": form_names(tag),
        "most_choices": MOST_CHOICES,
        "longest_label": LONGEST_LABEL,
        "offers_mark": offer.mark,
        "is_for_dialog": offer.is_for_dialog,
        "expected": offer.expected,
        "follow_ups": offer.follow_ups,
        "weekdays": weekday_names(tag),
        "groups": [
            {"field": f"{GROUP}{group.id}", "name": group_name(group, tag), "learners": group.learners}
            for group in offer.groups
        ],
        "errors": sentences(errors, tag, count=k),
    }


def _library(tag: str) -> list[dict[str, Any]]:
    return [
        {
            "category": category,
            "label": category_label(category, tag),
            "questions": [
                {"key": question.key, "text": question.text(tag), "ages": age_band(question, tag)}
                for question in questions
            ],
        }
        for category, questions in by_category().items()
    ]
