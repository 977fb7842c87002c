"""A course's home: for staff its check-ins, for students what there is to answer."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlmodel import Session
from starlette.requests import Request
from starlette.responses import Response

from reflect.domain import changes, checkins, copies, deep_links, introductions, lifecycle, prompts, responses
from reflect.domain import talks as domain_talks
from reflect.domain.answers import answered_among
from reflect.domain.capabilities import Capability
from reflect.domain.copies import Original
from reflect.domain.insights import glances
from reflect.domain.insights.glances import Glance
from reflect.domain.sessions import Viewer
from reflect.storage import besides, foreseen, groups, guests, people
from reflect.storage.services import CourseService
from reflect.storage.together import foresee
from reflect.storage.turnouts import answered_in
from reflect.web import answers, authors, talks
from reflect.web import changes as told_changes
from reflect.web import responses as given_responses
from reflect.web.answers import Situation
from reflect.web.authors import ForAuthor
from reflect.web.cards import CheckinCard, card
from reflect.web.glances import glance_card
from reflect.web.house import house_of
from reflect.web.pages import address, language_of, lead_to, render
from reflect.web.rosters import keep_fresh
from reflect.web.sessions import visit


async def show(request: Request) -> Response:
    """The home of the viewer's course, by what they may do in it."""
    now = house_of(request).now()

    def work(db: Session, viewer: Viewer) -> _ForStudent | ForAuthor | None:
        if viewer.may(Capability.SEE_RESULTS):
            return None
        if viewer.may(Capability.ANSWER):
            return _look_as_student(request, db, viewer, now)
        return authors.look(db, viewer) if viewer.may(Capability.CREATE_CHECKINS) else None

    viewer, found = await visit(request, work, course_id=request.path_params["course_id"])
    if viewer.may(Capability.SEE_RESULTS):
        return await _for_staff(request, viewer)
    if isinstance(found, ForAuthor):
        return authors.page(request, viewer, found)
    return (
        render(request, "courses/observer.html", viewer=viewer) if found is None else _student(request, viewer, found)
    )


@dataclass(frozen=True, slots=True)
class _ForStudent:
    """The course's check-ins that are there for a student, with what they answered and what was given back."""

    rows: Sequence[Any]
    answered: set[int]
    change: Any
    given: Sequence[Any]
    only: Situation | None
    """The one thing there is to answer, if it is one: asked right there, that is one tap less."""
    is_introduced: bool
    """Whether they are to be told what Reflect is."""


def _look_as_student(request: Request, db: Session, viewer: Viewer, now: datetime) -> _ForStudent:
    kind = introductions.kind_for(viewer)
    foresee(db, foreseen.home(viewer.course_id, viewer.person_id, kind, responses.MOST_SHOWN))
    rows = checkins.of_course(db, viewer)
    answered = answered_among(db, viewer, rows)
    waiting = [row for row in rows if row.closed_at is None and row.id not in answered]
    return _ForStudent(
        rows,
        answered,
        changes.newest(db, viewer, now),
        responses.newest_to(db, viewer),
        answers.unanswered(request, db, viewer, waiting[0]) if len(waiting) == 1 else None,
        introductions.is_due(db, viewer),
    )


def _student(request: Request, viewer: Viewer, found: _ForStudent) -> Response:
    """The student's home: what changed, what was given back to them, and what there is to answer."""
    tag, only = language_of(request, viewer), found.only
    cards = [card(row, tag, has_answered=row.id in found.answered) for row in found.rows]
    questions = {shown.id: shown.question for shown in cards}
    return render(
        request,
        "courses/learner.html",
        viewer=viewer,
        change=told_changes.shown(found.change, tag),
        responses=[
            {**shown, "question": questions[shown["checkin_id"]]}
            for row in found.given
            if row.checkin_id in questions and (shown := given_responses.shown(row, tag))
        ],
        has_only=only is not None,
        is_introduced=found.is_introduced,
        open_checkins=[shown for shown in cards if shown.is_open and not (only and shown.id == only.checkin.id)],
        closed_checkins=[shown for shown in cards if not shown.is_open],
        **(answers.asked(only, tag) if only else {}),
    )


@dataclass(frozen=True, slots=True)
class _Groups:
    """How many groups the course has; by check-in, which were asked, and how many students that are."""

    count: int
    asked: Mapping[int, Sequence[Any]]
    expected: Mapping[int, int]


def _groups(db: Session, viewer: Viewer, rows: Sequence[Any]) -> _Groups:
    count = besides.groups(db, viewer.course_id)
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
        besides.has_archived(db, viewer.course_id),
        besides.has_series(db, viewer.course_id),
    )


@dataclass(frozen=True, slots=True)
class _ForStaff:
    """What a teacher's home shows: the list of check-ins, how many have answered each, and what is around it."""

    rows: Sequence[Any]
    answered: Mapping[int, int]
    waiting: Sequence[Any]
    """Talks that wait for the viewer."""
    expected: int
    original: Original | None
    service: CourseService | None
    is_dialog: bool
    groups: _Groups
    besides: _Besides
    guests: Mapping[int, int]
    """By check-in, how many have answered as guests."""
    glance: Glance | None
    to_ask: int
    """How many students the viewer may want to ask how they are."""
    is_introduced: bool
    """Whether they are to be told what Reflect is."""


def _look_as_staff(db: Session, viewer: Viewer, k: int, now: datetime) -> _ForStaff:
    rows = checkins.of_course(db, viewer)
    return _ForStaff(
        rows,
        answered_in(db, viewer.course_id),
        domain_talks.waiting(db, viewer),
        people.learners(db, viewer.course_id),
        copies.offered(db, viewer),
        db.get(CourseService, viewer.course_id),
        deep_links.find(db, viewer) is not None,
        _groups(db, viewer, rows),
        _besides(db, viewer, now),
        guests.answered_in(db, viewer.course_id),
        glances.of_course(db, viewer, k, now),
        prompts.count(db, viewer, now),
        introductions.is_due(db, viewer),
    )


async def _for_staff(request: Request, viewer: Viewer) -> Response:
    """The teacher's home, all of one moment; in a content dialog the picker.

    Coming by keeps the roster fresh, and nobody waits for it.
    """
    house, tag = house_of(request), language_of(request, viewer)
    now, k = house.now(), house.settings.min_group_size
    found = await house.database.read(lambda db: _look_as_staff(db, viewer, k, now))
    if found.is_dialog:
        return lead_to(request, address(request, "deep_links.new", viewer))
    keep_fresh(house, found.service)

    def shown(row: Any) -> CheckinCard:
        # Whoever is in the course today was not asked what was imported.
        everyone = 0 if row.import_key else found.expected
        return card(
            row,
            tag,
            answered=found.answered.get(row.id, 0),
            expected=found.groups.expected.get(row.id, 0) if row.for_groups else everyone,
            groups=found.groups.asked.get(row.id, ()),
            guests=found.guests.get(row.id, 0),
        )

    return render(
        request,
        "courses/show.html",
        viewer=viewer,
        glance=glance_card(found.glance, tag) if found.glance else None,
        checkins=[shown(row) for row in found.rows],
        groups=found.groups.count,
        besides=found.besides,
        deleted=[card(row, tag) for row in found.besides.deleted],
        original=found.original,
        inbox=talks.inbox(request, viewer, found.waiting),
        to_ask=found.to_ask,
        is_introduced=found.is_introduced,
        roster=found.service if found.service and found.service.memberships_url else None,
        expected=found.expected,
    )
