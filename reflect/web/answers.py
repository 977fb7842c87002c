"""A student's side of a check-in: the question with its receipt, the answer, and thanks."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from sqlmodel import Session
from starlette.requests import Request
from starlette.responses import Response

from reflect.domain import answers, changes, checkins, responses, results, revisions
from reflect.domain.answers import Outcome, OwnAnswer
from reflect.domain.capabilities import Capability
from reflect.domain.forms import OTHER_WORD
from reflect.domain.privacy import receipt
from reflect.domain.privacy.receipt import Receipt
from reflect.domain.privacy.sealing import Content
from reflect.domain.refusals import Refused
from reflect.domain.results import Results
from reflect.domain.sessions import Viewer
from reflect.storage import foreseen
from reflect.storage.prepared import Question
from reflect.storage.tickets import Foreseen
from reflect.storage.together import foresee
from reflect.web import changes as told_changes
from reflect.web import responses as given_responses
from reflect.web.breaks import offered
from reflect.web.cards import card
from reflect.web.choices import choices
from reflect.web.forms import fields_of
from reflect.web.house import house_of
from reflect.web.language import language
from reflect.web.options import option_card
from reflect.web.pages import address, language_of, render, see_other, wants_part
from reflect.web.receipts import receipt_before_choices, receipt_title
from reflect.web.refusals import ANSWER_FAULTS, WORDINGS
from reflect.web.results import shown
from reflect.web.sessions import visit, visit_together

REVISION = "revision"
"""The field that says which question somebody had before them."""


@dataclass(frozen=True, slots=True)
class Situation:
    """Everything a student's page needs of one check-in, from one moment."""

    checkin: Any
    own: OwnAnswer
    receipt: Receipt
    class_totals: Results | None
    response: Any = None
    """What staff gave back to the answer."""
    change: Any = None
    """The newest thing that changed because of earlier answers, with its check-in."""


def page(request: Request, viewer: Viewer, found: Situation) -> Response:
    """The question while there is something to answer, thanks for an answer, or that it is over."""
    if found.own.has_answered:
        return _thanks(request, viewer, found)
    if found.checkin.closed_at is None:
        return _question(request, viewer, found)
    return _closed(request, viewer, found)


async def edit(request: Request) -> Response:
    """The question again, to change a named answer while the check-in is open."""
    viewer, found = await visit(request, situation(request), checkin_id=_id(request))
    if not _may_change(found):
        return see_other(request, "checkins.show", viewer, checkin_id=_id(request))
    return _question(request, viewer, found)


async def create(request: Request) -> Response:
    """Give or change an answer. Without a choice, or with a text that does not do, the question comes back."""
    house, fields = house_of(request), await fields_of(request)
    checkin_id, content = _id(request), content_of(fields)
    revision = revisions.read(fields.get(REVISION, ""))
    given = answers.Given(checkin_id, content, house.sealer, house.now(), revision)
    try:
        viewer, outcome = await visit_together(request, answers.give_each, given, checkin_id=checkin_id)
    except Refused as refusal:
        if refusal.code not in ANSWER_FAULTS:
            raise
        viewer, found = await visit(request, situation(request), checkin_id=checkin_id)
        return _question(request, viewer, found, still_typed(content, refusal.code), refusal.code)
    if outcome != Outcome.NOT_KEPT and not wants_part(request):
        return see_other(request, "checkins.show", viewer, checkin_id=checkin_id)
    # Who they are is known from giving the answer.
    look = situation(request)
    found = await house.database.look_up(Foreseen(lambda db: look(db, viewer), _questions(viewer, checkin_id)))
    return _thanks(request, viewer, found, is_preview=outcome == Outcome.NOT_KEPT)


def content_of(fields: Mapping[str, str]) -> Content:
    """What a form says; who wrote a word and chose nothing means that word."""
    word = fields.get("word", "")
    choice = fields.get("choice") or (OTHER_WORD if word.strip() else "")
    return Content(choice, word, fields.get("note", ""))


def still_typed(content: Content, fault: str) -> Content:
    """What comes back of an answer: a choice was of the question as it was, what somebody wrote is theirs."""
    return Content("", "", content.note) if fault == "question_changed" else content


def _id(request: Request) -> int:
    checkin_id = request.path_params["checkin_id"]
    assert isinstance(checkin_id, int)
    return checkin_id


def situation(request: Request) -> Callable[[Session, Viewer], Situation]:
    """What a student's page needs of the address's check-in, to be looked up as the viewer.

    Raises Refused `not_allowed`, Missing.
    """
    house, checkin_id = house_of(request), _id(request)
    retention_days, now = house.settings.retention_days, house.now()

    def work(db: Session, viewer: Viewer) -> Situation:
        viewer.must(Capability.ANSWER)
        foresee(db, _questions(viewer, checkin_id))
        checkin = checkins.of(db, viewer, checkin_id)
        return Situation(
            checkin=checkin,
            own=answers.own(db, viewer, checkin),
            receipt=receipt.write(db, checkin, retention_days, is_guest=viewer.is_guest),
            class_totals=results.for_class(db, checkin),
            response=responses.to_own(db, viewer, checkin),
            change=changes.newest(db, viewer, now),
        )

    return work


def _questions(viewer: Viewer, checkin_id: int) -> Sequence[Question]:
    return foreseen.checkin(viewer.course_id, checkin_id, viewer.person_id)


def unanswered(request: Request, db: Session, viewer: Viewer, checkin: Any) -> Situation:
    """The situation of who has not answered an open check-in, which was looked up already: nothing was given back."""
    retention_days = house_of(request).settings.retention_days
    told = receipt.write(db, checkin, retention_days, is_guest=viewer.is_guest)
    return Situation(checkin, OwnAnswer(False, None), told, class_totals=None)


def _may_change(situation: Situation) -> bool:
    return situation.checkin.closed_at is None and situation.own.choice is not None


def _question(
    request: Request, viewer: Viewer, situation: Situation, typed: Content | None = None, fault: str = ""
) -> Response:
    tag = language_of(request, viewer)
    return render(
        request,
        "answers/_form.html" if wants_part(request) else "answers/new.html",
        viewer=viewer,
        status=WORDINGS[fault].status if fault else 200,
        headers={"Reflect-Error": fault} if fault else None,
        change=told_changes.shown(situation.change, tag),
        **asked(situation, tag, typed, fault),
    )


def asked(situation: Situation, tag: str, typed: Content | None = None, fault: str = "") -> dict[str, Any]:
    """What `answers/_asked.html` shows: the receipt, the choices, and what was chosen or typed before."""
    own, checkin = situation.own, situation.checkin
    typed = typed or Content(own.choice or "", own.word, own.note)
    return {
        "checkin": card(checkin, tag),
        "receipt_title": receipt_title(situation.receipt, tag),
        "receipt": receipt_before_choices(situation.receipt, tag),
        "choices": choices(checkin, tag, typed, has_fault=bool(fault)),
        "typed": typed,
        "longest_note": answers.LONGEST_NOTE,
        "error": language(tag).gettext(WORDINGS[fault].sentence) if fault else "",
    }


def _thanks(request: Request, viewer: Viewer, situation: Situation, is_preview: bool = False) -> Response:
    tag, is_part = language_of(request, viewer), wants_part(request)
    chosen, totals = situation.own.choice, situation.class_totals
    # A part takes the place of the question, also of the one at /answers/edit; a reload must show the thanks.
    own_address = {"HX-Replace-Url": address(request, "checkins.show", viewer, checkin_id=situation.checkin.id)}
    return render(
        request,
        "answers/_thanks.html" if is_part else "answers/show.html",
        viewer=viewer,
        headers=own_address if is_part else None,
        checkin=card(situation.checkin, tag, has_answered=situation.own.has_answered),
        chosen=option_card(situation.checkin, chosen, tag, situation.own.word) if chosen else None,
        note=situation.own.note,
        response=given_responses.shown(situation.response, tag),
        may_change=_may_change(situation),
        is_preview=is_preview,
        breaks=offered(chosen, tag),
        class_totals=shown(totals, situation.checkin, tag) if totals else None,
    )


def _closed(request: Request, viewer: Viewer, situation: Situation) -> Response:
    tag, totals = language_of(request, viewer), situation.class_totals
    return render(
        request,
        "answers/closed.html",
        viewer=viewer,
        checkin=card(situation.checkin, tag),
        class_totals=shown(totals, situation.checkin, tag) if totals else None,
    )
