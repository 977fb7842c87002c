"""Responding to named answers, one by one, and what a student sees of it."""

from collections.abc import Mapping
from typing import Any

from starlette.requests import Request
from starlette.responses import Response

from reflect.domain import responses
from reflect.domain.refusals import FormRefused
from reflect.domain.responses import LONGEST_REPLY, MARKS, Answered
from reflect.domain.sessions import Viewer
from reflect.web import accesses
from reflect.web.cards import card
from reflect.web.field_errors import FIELD_ERRORS
from reflect.web.forms import fields_of
from reflect.web.house import house_of
from reflect.web.language import language
from reflect.web.language import marked as _
from reflect.web.options import option_card
from reflect.web.pages import address, language_of, lead_to, render, wants_part
from reflect.web.sessions import visit
from reflect.web.wordings import person_name

MARK_WORDS = {
    "heart": _("You are not alone"),
    "star": _("Well done"),
    "leaf": _("Take your time"),
    "seen": _("I see you"),
}
"""What each mark says, under its picture and instead of it."""

Typed = Mapping[int, tuple[str, str]]
"""By the person answered: a reply that was typed and is not kept, and what is wrong with it, if anything."""


async def index(request: Request) -> Response:
    """All answers of a named check-in, each with its marks and its reply."""
    return await _page(request, {})


async def create(request: Request) -> Response:
    """Give a mark, or set the reply. A reply that cannot be taken comes back with what is wrong with it, and one that
    was being written beside the mark that was pressed comes back as it is: only its own button sends it. A field that
    nobody wrote in shows what is kept by now."""
    checkin_id, person_id = request.path_params["checkin_id"], request.path_params["person_id"]
    fields, now = await fields_of(request), house_of(request).now()
    typed = fields.pop("reply", "") if "mark" in fields else fields.get("reply", "")
    only = person_id if wants_part(request) else None
    try:
        viewer, kept = await visit(
            request,
            lambda db, viewer: responses.respond(db, viewer, checkin_id, person_id, fields, now),
            checkin_id=checkin_id,
            writes=True,
        )
    except FormRefused as refusal:
        return await _page(request, {person_id: (typed, next(iter(refusal.errors.values())))}, only)
    is_unsent = all(responses.is_edited(typed, seen) for seen in (fields.get("kept", kept), kept))
    if only is not None or is_unsent:
        return await _page(request, {person_id: (typed, "")} if is_unsent else {}, only)
    return lead_to(request, f"{address(request, 'responses.index', viewer, checkin_id=checkin_id)}#answer-{person_id}")


async def _page(request: Request, typed: Typed, only: int | None = None) -> Response:
    """The page, or the part of it for one answer."""
    checkin_id = request.path_params["checkin_id"]
    viewer, (checkin, found) = await visit(
        request, lambda db, viewer: responses.of_checkin(db, viewer, checkin_id), checkin_id=checkin_id
    )
    if found:
        await accesses.note_names(request, viewer, checkin)
    tag = language_of(request, viewer)
    answers = sorted(
        (_answer(one, checkin, viewer, typed, tag) for one in found if only in (None, one.answer.person_id)),
        key=lambda answer: str(answer["name"]).casefold(),
    )
    is_faulty = any(fault for _words, fault in typed.values())
    return render(
        request,
        "responses/index.html" if only is None else "responses/_answers.html",
        viewer=viewer,
        status=422 if is_faulty else 200,
        headers={"Reflect-Error": "form"} if is_faulty else None,
        checkin=card(checkin, tag),
        answers=answers,
        marks=_marks(tag),
        longest_reply=LONGEST_REPLY,
    )


def _answer(one: Answered, checkin: Any, viewer: Viewer, typed: Typed, tag: str) -> dict[str, Any]:
    answer, (reply, fault) = one.answer, typed.get(one.answer.person_id, (None, ""))
    kept = one.response.words if one.response else ""
    return {
        "person_id": answer.person_id,
        "name": person_name(answer.name, answer.sub, "learner", tag),
        "option": option_card(checkin, answer.choice, tag, answer.word),
        "note": answer.note,
        "response": shown(one.response, tag),
        "reply": kept if reply is None else reply,
        "kept": kept,
        "error": language(tag).gettext(FIELD_ERRORS[fault]) if fault else "",
    }


def _marks(tag: str) -> list[dict[str, str]]:
    return [{"key": key, "words": language(tag).gettext(MARK_WORDS[key])} for key in MARKS]


def shown(response: Any, tag: str) -> dict[str, Any] | None:
    """A response as templates show it: the mark with its words, the reply, who and when."""
    if response is None:
        return None
    say = language(tag).gettext
    return {
        "checkin_id": response.checkin_id,
        "mark": response.mark,
        "mark_words": say(MARK_WORDS[response.mark]) if response.mark in MARK_WORDS else "",
        "words": response.words,
        "by": author(response, tag),
        "at": response.responded_at,
    }


def author(row: Any, tag: str) -> str:
    """Who wrote it; somebody whose traces are gone is a teacher of the course."""
    if row.sub is None:
        return language(tag).gettext(_("A teacher of the course"))
    return person_name(row.name, row.sub, row.role or "teacher", tag)
