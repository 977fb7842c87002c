"""The form of a check-in: what it offers, and its page, whatever it is the form of."""

import secrets
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from sqlmodel import Session
from starlette.requests import Request
from starlette.responses import Response

from reflect.domain import autosaves, deep_links, groups, schedules
from reflect.domain import own_questions as domain_own_questions
from reflect.domain.capabilities import Capability
from reflect.domain.checkins import FORM
from reflect.domain.forms import DEFAULT, LONGEST_LABEL, MOST_CHOICES
from reflect.domain.questions import by_category
from reflect.domain.schedules import GROUP, Capacity
from reflect.domain.services import has_gradebook
from reflect.domain.sessions import Viewer
from reflect.web import own_questions
from reflect.web.calendars import weekday_names
from reflect.web.field_errors import sentences
from reflect.web.forms import MOST_FIELDS, MOST_TICKS, fields_of
from reflect.web.house import house_of
from reflect.web.options import form_names
from reflect.web.pages import address, language_of, render, wants_part
from reflect.web.wordings import age_band, capacity_words, category_label, group_name


async def fields_of_checkin(request: Request) -> Mapping[str, str]:
    """The fields of the form, with a chosen own question in its words."""
    return await own_questions.in_words(request, await fields_of(request, MOST_FIELDS + MOST_TICKS))


@dataclass(frozen=True, slots=True)
class Offer:
    """What the form asks for besides: a mark in the gradebook (the content dialog does so itself), and groups."""

    is_for_dialog: bool
    mark: bool
    groups: Sequence[Any]
    capacity: Capacity
    own_questions: Sequence[Any]
    """The viewer's own questions, offered beside the library."""


def offer_to(db: Session, viewer: Viewer, fields: Mapping[str, str] | None = None) -> Offer:
    """What the form offers somebody who has filled it in so far; raises Refused `not_allowed`."""
    viewer.must(Capability.CREATE_CHECKINS)
    is_for_dialog = deep_links.find(db, viewer) is not None
    offers_mark = has_gradebook(db, viewer.course_id) and not is_for_dialog
    asked = [group for group in groups.of_course(db, viewer) if group.learners]
    return Offer(
        is_for_dialog,
        offers_mark,
        asked,
        schedules.capacity(db, viewer, fields or {}),
        domain_own_questions.of(db, viewer),
    )


def form_page(
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
        editing=_editing(row) if row else None,
        saves_only_when_sent=row is not None and not autosaves.is_draft(row),
        series=None,
        **facts,
    )


def _editing(row: Any) -> dict[str, bool]:
    is_open = row.opened_at is not None
    is_planned = row.opens_at is not None and not is_open
    return {"is_open": is_open, "is_planned": is_planned, "may_repeat": autosaves.may_repeat(row)}


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
        "follow_ups": offer.capacity.follow_ups,
        "capacity": capacity_words(offer.capacity, tag),
        "weekdays": weekday_names(tag),
        "groups": [
            {"field": f"{GROUP}{group.id}", "name": group_name(group, tag), "learners": group.learners}
            for group in offer.groups
        ],
        "least": k,
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
