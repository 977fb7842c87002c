"""The students of a course as their teachers follow them, one at a time, by what each answered with their name.

No list here is ordered by how anybody feels, and nothing is a score.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from sqlmodel import Session

from reflect.domain import follow_ups, reflections, talks
from reflect.domain.capabilities import Capability
from reflect.domain.insights import reasons, zones
from reflect.domain.insights.feelings import place
from reflect.domain.insights.own_usual import Change, change
from reflect.domain.reflections import Reflection
from reflect.domain.refusals import Missing
from reflect.domain.sessions import Viewer
from reflect.domain.talk_acts import Told
from reflect.storage import responses, students


@dataclass(frozen=True, slots=True)
class Listed:
    """A student in the list: when they last answered by name, never what."""

    id: int
    sub: str
    name: str
    last_answered_on: date | None


@dataclass(frozen=True, slots=True)
class Followed:
    """One student, with what they answered by name in this course, oldest first, and what was given back to it."""

    student: Any
    named: tuple[Reflection, ...]
    change: Change
    """The newest of the last weeks against those before them."""
    responses: Mapping[int, Any]
    """By check-in."""
    follow_ups: Sequence[Any]
    """The viewer's own notes, newest first."""
    today: date
    answered_on: Mapping[int, date]
    """The course's day of each named answer, by check-in."""


def of_course(db: Session, viewer: Viewer) -> list[Listed]:
    """The active students of the viewer's course, by name; raises Refused `not_allowed`."""
    viewer.must(Capability.SEE_RESULTS)
    last, zone = students.last_answered(db, viewer.course_id), zones.of_course(db, viewer.course_id)
    days = {person_id: moment.astimezone(zone).date() for person_id, moment in last.items()}
    return [
        Listed(row.id, row.sub, row.name, days.get(row.id)) for row in students.of_course(db, viewer.course_id)
    ]  # fmt: skip


def find(db: Session, viewer: Viewer, person_id: int) -> Any:
    """An active student of the viewer's course: (id, sub, name, created_at). Of everybody else, also of who has left
    the course, nothing is there. Raises Refused `not_allowed`, Missing."""
    viewer.must(Capability.SEE_RESULTS)
    found = students.find(db, viewer.course_id, person_id)
    if found is None:
        raise Missing()
    return found


def follow(db: Session, viewer: Viewer, person_id: int, now: datetime) -> Followed:
    """What there is to see of one student; raises what `find` does."""
    student = find(db, viewer, person_id)
    named = reflections.named_of(db, viewer.course_id, person_id)
    given = responses.to_person(db, viewer.course_id, person_id, most=len(named))
    return Followed(
        student=student,
        named=named,
        change=change(_felt(named, reasons.horizon(now))),
        responses={row.checkin_id: row for row in given},
        follow_ups=follow_ups.about(db, viewer, person_id),
        today=zones.day_in_course(db, viewer.course_id, now),
        answered_on=reflections.days_of(db, viewer.course_id, named),
    )


def _felt(named: Sequence[Reflection], since: datetime) -> list[float]:
    places = [place(it.form, it.choice) for it in named[-reasons.MOST :] if it.answered_at >= since]
    return [found[0] for found in places if found is not None]


def talks_with(db: Session, viewer: Viewer, person_id: int) -> tuple[Any, Sequence[Told]]:
    """The student, and what they asked this adult or any; on a page of its own, for a wish to talk never stands beside
    answers. Raises what `find` does."""
    return find(db, viewer, person_id), talks.with_student(db, viewer, person_id)
