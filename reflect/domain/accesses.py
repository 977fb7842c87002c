"""Who looked at named answers, in person or by a key, and when: written as they are shown, and shown to those whose
answers they were."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlmodel import Session

from reflect.domain.sessions import Viewer
from reflect.storage import accesses, students

HOUR = timedelta(hours=1)
"""An entry is as fine as this: enough to ask somebody, too coarse to follow them."""


@dataclass(frozen=True, slots=True)
class Opened:
    """Somebody had the results of a check-in open within the hour that begins at `hour` (UTC)."""

    checkin_id: int
    hour: datetime
    sub: str
    name: str
    role: str | None
    key: str = ""
    """The name of the API key, where the institution's data warehouse read them and nobody in person did."""


@dataclass(frozen=True, slots=True)
class Looked:
    """Somebody had one student's answers before them, over all check-ins, within the hour that begins at `hour` (UTC).

    `kind` is `page` for the student's page, `prompt` for a line about them in a list of students to ask after.
    """

    hour: datetime
    kind: str
    sub: str
    name: str
    role: str | None


def hour_of(moment: datetime) -> datetime:
    """The hour that a moment is in, by its beginning."""
    return moment.replace(minute=0, second=0, microsecond=0)


def note_checkins(db: Session, viewer: Viewer, checkin_ids: Iterable[int], now: datetime) -> None:
    """Write down that the viewer is shown named answers of these check-ins; of anonymous ones there are none."""
    accesses.note_each(db, tuple(checkin_ids), viewer.person_id, hour_of(now))


def note_students(db: Session, viewer: Viewer, student_ids: Iterable[int], kind: str, now: datetime) -> None:
    """Write down that the viewer is shown what each of these students answered by name, over all check-ins."""
    for student_id in sorted(student_ids):
        students.note(db, viewer.course_id, student_id, viewer.person_id, hour_of(now), kind)


def of_student(db: Session, course_id: int, person_id: int) -> tuple[Looked, ...]:
    """Who had a student's page, or a line about them, before them, newest first."""
    rows = students.looked_at(db, course_id, person_id)
    return tuple(Looked(row.hour, row.kind, row.sub, row.name, row.role) for row in rows)


def of_answers(db: Session, course_id: int, answered_at: Mapping[int, datetime]) -> tuple[Opened, ...]:
    """Who had these answers (by check-in, when each was given) before them, newest first.

    Somebody who looked shortly before an answer was given, within the same hour, is listed too: rather one too many.
    """
    people = [
        Opened(row.checkin_id, row.hour, row.sub, row.name, row.role) for row in accesses.in_course(db, course_id)
    ]
    keys = [Opened(row.checkin_id, row.hour, "", "", None, row.name) for row in accesses.by_keys(db, course_id)]
    mine = [it for it in (*people, *keys) if it.checkin_id in answered_at]
    mine = [it for it in mine if it.hour + HOUR > answered_at[it.checkin_id]]
    return tuple(sorted(mine, key=lambda it: it.hour, reverse=True))
