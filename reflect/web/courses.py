"""A course's home: for staff its check-ins, for students what there is to answer."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlmodel import Session
from starlette.requests import Request
from starlette.responses import Response

from reflect.domain import changes, checkins, copies, deep_links, lifecycle, responses, series
from reflect.domain.capabilities import Capability
from reflect.domain.copies import Original
from reflect.domain.sessions import Viewer
from reflect.storage import groups, guests, people
from reflect.storage.services import CourseService
from reflect.storage.turnouts import answered_by, answered_in
from reflect.web import changes as told_changes
from reflect.web import prompts, talks
from reflect.web import responses as given_responses
from reflect.web.cards import CheckinCard, card
from reflect.web.house import house_of
from reflect.web.pages import address, language_of, lead_to, render
from reflect.web.rosters import keep_fresh
from reflect.web.sessions import visit


async def show(request: Request) -> Response:
    """The home of the viewer's course, by what they may do in it."""
    course_id = request.path_params["course_id"]
    viewer, (rows, answered) = await visit(request, _of_course, course_id=course_id)
    if viewer.may(Capability.SEE_RESULTS):
        return await _for_staff(request, viewer, rows, answered)
    if not viewer.may(Capability.ANSWER):
        return render(request, "courses/observer.html", viewer=viewer)
    return await _for_student(request, viewer, rows, answered)


async def _for_student(request: Request, viewer: Viewer, rows: Sequence[Any], answered: dict[int, int]) -> Response:
    """The student's home: what changed, what was given back to them, and what there is to answer."""
    house, tag = house_of(request), language_of(request, viewer)
    now = house.now()
    change, given = await house.database.look_up(
        lambda db: (changes.newest(db, viewer, now), responses.newest_to(db, viewer))
    )
    cards = [card(row, tag, has_answered=row.id in answered) for row in rows]
    questions = {shown.id: shown.question for shown in cards}
    return render(
        request,
        "courses/learner.html",
        viewer=viewer,
        change=told_changes.shown(change, tag),
        responses=[
            {**shown, "question": questions[shown["checkin_id"]]}
            for row in given
            if row.checkin_id in questions and (shown := given_responses.shown(row, tag))
        ],
        open_checkins=[shown for shown in cards if shown.is_open],
        closed_checkins=[shown for shown in cards if not shown.is_open],
    )


def _of_course(db: Session, viewer: Viewer) -> tuple[Sequence[Any], dict[int, int]]:
    """The course's check-ins, with how many have answered each (staff) or which the viewer has (students)."""
    rows = checkins.of_course(db, viewer)
    if viewer.may(Capability.SEE_RESULTS):
        return rows, answered_in(db, viewer.course_id)
    return rows, dict.fromkeys(answered_by(db, viewer.course_id, viewer.person_id), 1)


@dataclass(frozen=True, slots=True)
class _Groups:
    """How many groups the course has; by check-in, which were asked, and how many students that are."""

    count: int
    asked: Mapping[int, Sequence[Any]]
    expected: Mapping[int, int]


def _groups(db: Session, viewer: Viewer, rows: Sequence[Any]) -> _Groups:
    count = len(groups.of_course(db, viewer.course_id))
    if not any(row.for_groups for row in rows):
        return _Groups(count, {}, {})
    return _Groups(count, groups.of_checkins(db, viewer.course_id), groups.expected(db, viewer.course_id))


@dataclass(frozen=True, slots=True)
class _Besides:
    """What the list does not show: what can still be brought back, and whether there is more elsewhere."""

    deleted: Sequence[Any]
    has_archived: bool
    has_series: bool


def _besides(db: Session, viewer: Viewer, now: datetime) -> _Besides:
    if not viewer.may(Capability.CREATE_CHECKINS):
        return _Besides((), False, False)
    return _Besides(
        lifecycle.deleted(db, viewer, now),
        bool(lifecycle.archived(db, viewer)),
        bool(series.of_course(db, viewer)),
    )


@dataclass(frozen=True, slots=True)
class _Surroundings:
    """What a teacher's home shows around the list of check-ins."""

    expected: int
    original: Original | None
    service: CourseService | None
    is_dialog: bool
    groups: _Groups
    besides: _Besides
    guests: Mapping[int, int]
    """By check-in, how many have answered as guests."""


def _look_around(db: Session, viewer: Viewer, rows: Sequence[Any], now: datetime) -> _Surroundings:
    return _Surroundings(
        people.learners(db, viewer.course_id),
        copies.offered(db, viewer),
        db.get(CourseService, viewer.course_id),
        deep_links.find(db, viewer) is not None,
        _groups(db, viewer, rows),
        _besides(db, viewer, now),
        guests.answered_in(db, viewer.course_id),
    )


async def _for_staff(request: Request, viewer: Viewer, rows: Sequence[Any], answered: dict[int, int]) -> Response:
    """The teacher's home, in a content dialog the picker; coming by keeps the roster fresh, and nobody waits for it."""
    house, tag = house_of(request), language_of(request, viewer)
    now = house.now()
    found = await house.database.read(lambda db: _look_around(db, viewer, rows, now))
    if found.is_dialog:
        return lead_to(request, address(request, "deep_links.new", viewer))
    keep_fresh(house, found.service)

    def shown(row: Any) -> CheckinCard:
        return card(
            row,
            tag,
            answered=answered.get(row.id, 0),
            expected=found.groups.expected.get(row.id, 0) if row.for_groups else found.expected,
            groups=found.groups.asked.get(row.id, ()),
            guests=found.guests.get(row.id, 0),
        )

    return render(
        request,
        "courses/show.html",
        viewer=viewer,
        checkins=[shown(row) for row in rows],
        groups=found.groups.count,
        besides=found.besides,
        deleted=[card(row, tag) for row in found.besides.deleted],
        original=found.original,
        inbox=await talks.inbox(request, viewer),
        to_ask=await prompts.to_ask(request, viewer),
        roster=found.service if found.service and found.service.memberships_url else None,
        expected=found.expected,
    )
