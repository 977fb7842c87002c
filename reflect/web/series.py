"""The series of a course: listed with their next days, changed, paused, gone on with, and ended."""

from collections.abc import Callable, Mapping, Sequence
from datetime import date
from typing import Any

from sqlmodel import Session
from starlette.requests import Request
from starlette.responses import Response

from reflect.domain import occurrences, schedules, series
from reflect.domain.capabilities import Capability
from reflect.domain.refusals import FormRefused
from reflect.domain.sessions import Viewer
from reflect.storage.checkins import Checkin
from reflect.storage.series import Series
from reflect.web.calendars import day_words, rule_words
from reflect.web.cards import question_of
from reflect.web.checkin_forms import Offer, fields_of_checkin, form_facts, offer_to
from reflect.web.checkins import read
from reflect.web.house import House, house_of
from reflect.web.pages import address, language_of, render, see_other, wants_part
from reflect.web.sessions import visit

Row = tuple[Series, list[date], dict[date, Checkin]]


async def index(request: Request) -> Response:
    """The series of a course, each with the next five days."""
    now = house_of(request).now()

    def work(db: Session, viewer: Viewer) -> list[Row]:
        rows: Sequence[Series] = series.of_course(db, viewer)
        return [(row, occurrences.upcoming(row, now), occurrences.made(db, row)) for row in rows]

    viewer, rows = await visit(request, work, course_id=request.path_params["course_id"])
    tag = language_of(request, viewer)
    return render(request, "series/index.html", viewer=viewer, many=[_shown(row, tag) for row in rows])


def _shown(row: Row, tag: str) -> dict[str, Any]:
    found, days, made = row
    template = occurrences.template_of(found)
    faults = [checkin for checkin in made.values() if checkin.opening_fault and checkin.deleted_at is None]
    return {
        "id": found.id,
        "question": question_of(template.get("question_key"), template.get("question", ""), tag),
        "rule": rule_words(occurrences.rule_of(found), tag),
        "zone": found.zone,
        "is_paused": found.paused_at is not None,
        "days": [{"words": day_words(day, tag), "checkin": made[day].id if day in made else None} for day in days],
        "faults": [
            {"words": day_words(checkin.occurs_on, tag), "checkin": checkin.id, "fault": checkin.opening_fault}
            for checkin in sorted(faults, key=lambda one: one.occurs_on or date.min)[-5:]
            if checkin.occurs_on
        ],
    }


async def edit(request: Request) -> Response:
    """The form of a series; it begins at the next occurrence, and can be told to begin at a later one."""
    viewer, (row, fields, offer) = await visit(request, _edited(request), course_id=_course(request))
    return _form(request, viewer, row, fields, {}, offer)


async def update(request: Request) -> Response:
    """Change this and all following occurrences; a form with faults comes back."""
    house, fields, number = house_of(request), await fields_of_checkin(request), request.path_params["series_id"]
    k, now = house.settings.min_group_size, house.now()
    try:
        _, schedule = read({**fields, "when": "repeat"})
        viewer, _ = await visit(
            request,
            lambda db, viewer: series.edit(db, viewer, number, fields, schedule, k, now),
            course_id=_course(request),
            writes=True,
        )
    except FormRefused as refusal:
        viewer, (row, _, offer) = await visit(request, _edited(request), course_id=_course(request))
        return _form(request, viewer, row, fields, refusal.errors, offer)
    return see_other(request, "series.index", viewer, course_id=viewer.course_id)


def _edited(request: Request) -> Callable[[Session, Viewer], tuple[Series, dict[str, str], Offer]]:
    now, number = house_of(request).now(), request.path_params["series_id"]
    wanted = request.query_params.get("from", "")

    def work(db: Session, viewer: Viewer) -> tuple[Series, dict[str, str], Offer]:
        row = series.of(db, viewer, number)
        rule = occurrences.rule_of(row)
        fields = occurrences.template_of(row) | schedules.fields_of(rule)
        days = occurrences.upcoming(row, now, schedules.MOST_TIMES)
        first = next((day for day in days if day.isoformat() == wanted), days[0] if days else rule.starts_on)
        fields["opens_on"] = f"{first.isoformat()}T{row.at}"
        if rule.times is not None:
            fields["times"] = str(max(1, len([day for day in days if day >= first])))
        return row, fields, offer_to(db, viewer, fields)

    return work


def _form(
    request: Request, viewer: Viewer, row: Series, fields: Mapping[str, str], errors: Any, offer: Offer
) -> Response:
    return render(
        request,
        "checkins/_form.html" if wants_part(request) else "checkins/new.html",
        viewer=viewer,
        status=422 if errors else 200,
        action=address(request, "series.update", viewer, course_id=row.course_id, series_id=row.id),
        autosave=None,
        saves_only_when_sent=True,
        editing=None,
        series={"id": row.id},
        **form_facts(request, viewer, {**fields, "when": "repeat"}, errors, offer),
    )


async def pause(request: Request) -> Response:
    """Let nothing open by itself for a while."""
    return await _change(request, lambda db, viewer, number, house: series.pause(db, viewer, number, house.now()))


async def resume(request: Request) -> Response:
    """Go on with a paused series."""
    return await _change(
        request,
        lambda db, viewer, number, house: series.resume(db, viewer, number, house.settings.min_group_size, house.now()),
    )


async def end(request: Request) -> Response:
    """Make no more of it."""
    return await _change(request, lambda db, viewer, number, house: series.end(db, viewer, number, house.now()))


async def _change(request: Request, change: Callable[[Session, Viewer, int, House], None]) -> Response:
    house, number = house_of(request), request.path_params["series_id"]
    viewer, _ = await visit(
        request,
        lambda db, viewer: change(db, viewer.must(Capability.CREATE_CHECKINS), number, house),
        course_id=_course(request),
        writes=True,
    )
    return see_other(request, "series.index", viewer, course_id=viewer.course_id)


def _course(request: Request) -> int:
    return int(request.path_params["course_id"])
