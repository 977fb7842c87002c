"""A check-in: made by a teacher, and shown to each person as what it is for them."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from sqlmodel import Session
from starlette.requests import Request
from starlette.responses import Response

from reflect.domain import checkins, deep_links, groups
from reflect.domain.capabilities import Capability
from reflect.domain.checkins import GROUP, Draft
from reflect.domain.forms import DEFAULT, LONGEST_LABEL, MOST_CHOICES
from reflect.domain.questions import by_category
from reflect.domain.refusals import FormRefused
from reflect.domain.services import has_gradebook
from reflect.domain.sessions import Viewer
from reflect.web import answers, results
from reflect.web.forms import fields_of
from reflect.web.house import house_of
from reflect.web.language import language
from reflect.web.options import form_names
from reflect.web.pages import address, language_of, lead_to, render, see_other, wants_part
from reflect.web.refusals import FIELD_ERRORS
from reflect.web.sessions import visit
from reflect.web.wordings import age_band, category_label, group_name


async def new(request: Request) -> Response:
    """The form for a new check-in."""
    viewer, offer = await visit(request, _offer, course_id=request.path_params["course_id"])
    return _form(request, viewer, {}, {}, offer)


async def create(request: Request) -> Response:
    """Open a check-in, or prepare one to be placed; a form with faults comes back with each fault at its field."""
    house, fields = house_of(request), await fields_of(request)
    course_id, now = request.path_params["course_id"], house.now()

    def work(db: Session, viewer: Viewer) -> tuple[int, bool]:
        k, is_for_dialog = house.settings.min_group_size, deep_links.find(db, viewer) is not None
        if is_for_dialog:
            return checkins.prepare(db, viewer, draft, k, now), True
        return checkins.open(db, viewer, draft, k, now), False

    try:
        draft = Draft.read(fields)
        viewer, (checkin_id, is_for_dialog) = await visit(request, work, course_id=course_id, writes=True)
    except FormRefused as refusal:
        viewer, offer = await visit(request, _offer, course_id=course_id)
        return _form(request, viewer, fields, refusal.errors, offer)
    if is_for_dialog:
        return lead_to(request, f"{address(request, 'deep_links.new', viewer)}&chosen={checkin_id}")
    return see_other(request, "checkins.show", viewer, checkin_id=checkin_id)


async def show(request: Request) -> Response:
    """For staff the results; for a student the question, or thanks for the answer."""
    checkin_id = request.path_params["checkin_id"]
    look_at_results, look_at_own = results.state(request), answers.situation(request)

    def work(db: Session, viewer: Viewer) -> results.State | answers.Situation:
        look = look_at_results if viewer.may(Capability.SEE_RESULTS) else look_at_own
        return look(db, viewer)

    viewer, found = await visit(request, work, checkin_id=checkin_id)
    if isinstance(found, results.State):
        return results.page(request, viewer, found)
    return answers.page(request, viewer, found)


@dataclass(frozen=True, slots=True)
class _Offer:
    """What the form asks for besides: a mark in the gradebook (the content dialog does so itself), and groups."""

    is_for_dialog: bool
    mark: bool
    groups: Sequence[Any]


def _offer(db: Session, viewer: Viewer) -> _Offer:
    viewer.must(Capability.CREATE_CHECKINS)
    is_for_dialog = deep_links.find(db, viewer) is not None
    offers_mark = has_gradebook(db, viewer.course_id) and not is_for_dialog
    return _Offer(is_for_dialog, offers_mark, [group for group in groups.of_course(db, viewer) if group.learners])


def _form(
    request: Request, viewer: Viewer, fields: Mapping[str, str], errors: Mapping[str, str], offer: _Offer
) -> Response:
    tag = language_of(request, viewer)
    say, k = language(tag).gettext, house_of(request).settings.min_group_size
    return render(
        request,
        "checkins/_form.html" if wants_part(request) else "checkins/new.html",
        viewer=viewer,
        status=422 if errors else 200,
        questions=_library(tag),
        form={"question": "", "question_key": "", "form": DEFAULT, "manner": "character", "anonymity": "named",
              "release": "in_steps", "shared_with_class": "", "gives_mark": "", "asks_note": "", "simple_words": "",
              **fields},
        forms=form_names(tag),
        most_choices=MOST_CHOICES,
        longest_label=LONGEST_LABEL,
        offers_mark=offer.mark,
        is_for_dialog=offer.is_for_dialog,
        groups=[
            {"field": f"{GROUP}{group.id}", "name": group_name(group, tag), "learners": group.learners}
            for group in offer.groups
        ],
        errors={field: say(FIELD_ERRORS[code]) % {"count": k} for field, code in errors.items()},
    )  # fmt: skip


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
