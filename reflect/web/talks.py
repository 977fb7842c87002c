"""Talks: a student asks an adult of the course for one, and both see what becomes of it."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from hashlib import sha256
from typing import Any

from sqlmodel import Session
from starlette.requests import Request
from starlette.responses import Response

from reflect.domain import support, talks
from reflect.domain.capabilities import Capability
from reflect.domain.refusals import FormRefused
from reflect.domain.sessions import Viewer
from reflect.domain.support import Presence
from reflect.domain.talk_acts import Told, adults
from reflect.domain.talks import Wish
from reflect.storage.support import CrisisLine
from reflect.web.field_errors import sentences
from reflect.web.forms import fields_of
from reflect.web.house import house_of
from reflect.web.language import accepted
from reflect.web.pages import language_of, render, see_other, wants_part
from reflect.web.sessions import visit
from reflect.web.talk_cards import inbox_card, line_card, presence_card, talk_card
from reflect.web.wordings import person_name

Job = Callable[[Session, Viewer], object]


@dataclass(frozen=True, slots=True)
class Asking:
    """What a student's page needs."""

    adults: Sequence[Any]
    own: Sequence[Told]
    presence: Presence
    lines: Sequence[CrisisLine]


@dataclass(frozen=True, slots=True)
class Hearing:
    """What an adult's page needs; the closed ones only where the whole page is asked for."""

    waiting: Sequence[Any]
    closed: Sequence[Told]


async def index(request: Request) -> Response:
    """For a student the way to ask, with what they have asked; for staff what waits for them, or its live part."""
    viewer, found = await visit(request, _index(request), course_id=request.path_params["course_id"])
    if isinstance(found, Asking):
        return _asking(request, viewer, found, {}, {})
    etag, tag = _etag(viewer, found.waiting), language_of(request, viewer)
    if wants_part(request) and request.headers.get("if-none-match") == etag:
        return Response(status_code=304, headers={"ETag": etag, "Cache-Control": "no-store"})
    return render(
        request,
        "talks/_inbox.html" if wants_part(request) else "talks/index.html",
        viewer=viewer,
        headers={"ETag": etag},
        inbox={**inbox_card(found.waiting, tag), "etag": etag},
        closed=[talk_card(told, tag) for told in found.closed],
    )


def inbox(request: Request, viewer: Viewer, waiting: Sequence[Any]) -> dict[str, Any]:
    """What waits for this adult, for the top of the course's home."""
    return {**inbox_card(waiting, language_of(request, viewer)), "etag": _etag(viewer, waiting)}


async def create(request: Request) -> Response:
    """Ask for a talk. A form with faults comes back with what was written in it."""
    fields, now, course_id = await fields_of(request), house_of(request).now(), request.path_params["course_id"]
    try:
        wish = Wish.read(fields)
        viewer, talk_id = await visit(
            request, lambda db, viewer: talks.ask(db, viewer, wish, now), course_id=course_id, writes=True
        )
    except FormRefused as refusal:
        viewer, found = await visit(request, _asking_of(request), course_id=course_id)
        return _asking(request, viewer, found, fields, refusal.errors)
    if talk_id is None:
        return render(request, "talks/tried.html", viewer=viewer)
    return see_other(request, "talks.show", viewer, talk_id=talk_id)


async def show(request: Request) -> Response:
    """One talk, for its student or for an adult it is for, whose opening of it is written down."""
    return await _show(request, {}, {})


async def see(request: Request) -> Response:
    """Tell the student that it was seen."""
    now, talk_id, fields = house_of(request).now(), request.path_params["talk_id"], await fields_of(request)
    return await _act(request, lambda db, viewer: talks.see(db, viewer, talk_id, now), fields, stays=True)


async def close(request: Request) -> Response:
    """Close it, with a word back or without."""
    now, talk_id, fields = house_of(request).now(), request.path_params["talk_id"], await fields_of(request)
    word = fields.get("word", "")
    return await _act(request, lambda db, viewer: talks.close(db, viewer, talk_id, word, now), fields)


async def hand_over(request: Request) -> Response:
    """Let another adult take it; whoever does so reads it no more."""
    now, talk_id, fields = house_of(request).now(), request.path_params["talk_id"], await fields_of(request)
    to, word = fields.get("to", ""), fields.get("word", "")
    return await _act(
        request, lambda db, viewer: talks.hand_over(db, viewer, talk_id, to, now, word), fields, leaves=True
    )


async def withdraw(request: Request) -> Response:
    """Take one's own back."""
    talk_id = request.path_params["talk_id"]
    return await _act(request, lambda db, viewer: talks.withdraw(db, viewer, talk_id), leaves=True)


async def _act(
    request: Request, job: Job, fields: Mapping[str, str] | None = None, *, leaves: bool = False, stays: bool = False
) -> Response:
    """Do it, and show what it is now, or (`leaves`) all the others. A form with faults comes back, and with `stays`
    one with a word that was not sent, too."""
    try:
        viewer, _ = await visit(request, job, writes=True)
    except FormRefused as refusal:
        return await _show(request, fields or {}, refusal.errors)
    if leaves:
        return see_other(request, "talks.index", viewer, course_id=viewer.course_id)
    if stays and fields and fields.get("word", "").strip():
        return await _show(request, fields, {})
    return see_other(request, "talks.show", viewer, talk_id=request.path_params["talk_id"])


def _index(request: Request) -> Callable[[Session, Viewer], Asking | Hearing]:
    ask, is_part = _asking_of(request), wants_part(request)

    def work(db: Session, viewer: Viewer) -> Asking | Hearing:
        if viewer.may(Capability.HEAR_TALKS):
            return Hearing(talks.waiting(db, viewer), () if is_part else talks.closed(db, viewer))
        return ask(db, viewer)

    return work


def _asking_of(request: Request) -> Callable[[Session, Viewer], Asking]:
    now, tags = house_of(request).now(), accepted(request)

    def work(db: Session, viewer: Viewer) -> Asking:
        own = talks.own(db, viewer)
        presence = support.presence(support.week(db), now)
        return Asking(adults(db, viewer.course_id), own, presence, support.lines_for(db, [viewer.locale, *tags]))

    return work


def _asking(
    request: Request, viewer: Viewer, found: Asking, fields: Mapping[str, str], errors: Mapping[str, str]
) -> Response:
    tag = language_of(request, viewer)
    own = [talk_card(told, tag) for told in found.own]
    return render(
        request,
        "talks/new.html",
        viewer=viewer,
        status=422 if errors else 200,
        adults=[
            {"id": str(row.id), "name": person_name(row.name, row.sub, row.role, tag)} for row in found.adults
        ],
        presence=presence_card(found.presence, tag),
        lines=[line_card(line) for line in found.lines],
        own=own,
        is_full=sum(1 for card in own if card["state"] != "closed") >= talks.MOST_OPEN,
        is_nameless=not viewer.name,
        retention_days=house_of(request).settings.retention_days,
        form={"adult": "", "message": "", "urgency": "when_time", **fields},
        errors=sentences(errors, tag),
    )  # fmt: skip


async def _show(request: Request, fields: Mapping[str, str], errors: Mapping[str, str]) -> Response:
    now, talk_id = house_of(request).now(), request.path_params["talk_id"]

    def work(db: Session, viewer: Viewer) -> tuple[Told, Sequence[Any]]:
        return talks.open(db, viewer, talk_id, now), adults(db, viewer.course_id)

    viewer, (told, staff) = await visit(request, work, writes=True)
    tag = language_of(request, viewer)
    return render(
        request,
        "talks/show.html" if viewer.may(Capability.HEAR_TALKS) else "talks/own.html",
        viewer=viewer,
        status=422 if errors else 200,
        talk=talk_card(told, tag),
        others=[
            {"id": str(row.id), "name": person_name(row.name, row.sub, row.role, tag)}
            for row in staff
            if row.id != viewer.person_id
        ],
        form={"word": "", "to": "", **fields},
        errors=sentences(errors, tag),
    )


def _etag(viewer: Viewer, waiting: Sequence[Any]) -> str:
    """Names the state of an inbox, for this adult and language."""
    state = repr([(row.id, row.seen_at, row.is_for_today, row.for_anyone, row.name) for row in waiting])
    return f'"talks-{viewer.person_id}-{viewer.locale}-{sha256(state.encode()).hexdigest()[:16]}"'
