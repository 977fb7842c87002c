"""A year of a school, made by the domain's own verbs, with a record of its own of who answered what.

The record is what the generator did, not what any table says: tests recount from it what pages and files show.
"""

import random
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta

from sqlmodel import Session

from reflect.domain import answers, checkins, closures
from reflect.domain.checkins import Draft
from reflect.domain.privacy.sealing import Content
from reflect.domain.sessions import Viewer
from reflect.storage.courses import Course
from reflect.storage.database import Database
from reflect.storage.people import Enrolment
from tests.classroom import SEALER, a_deployment, enrolled, viewer_of

FIRST_MONDAY = datetime(2025, 9, 1, 8, 30, tzinfo=UTC)
K = 5
FORMS = {
    "faces": tuple(f"face_{place}" for place in range(1, 6)),
    "words_core": ("happy", "calm", "tired", "bored", "stressed", "sad", "curious", "excited"),
    "energy": tuple(f"energy_{place}" for place in range(1, 6)),
}


@dataclass(frozen=True, slots=True)
class Asked:
    """One check-in as the generator opened it."""

    id: int
    course: int
    form: str
    is_anonymous: bool
    opened_at: datetime


@dataclass(frozen=True, slots=True)
class Given:
    """One answer as the generator gave it; `skip` and choices of the form alike."""

    asked: Asked
    person_id: int
    choice: str
    at: datetime


@dataclass
class Room:
    """One course with the people in it."""

    course_id: int
    teacher: Viewer
    students: Sequence[Viewer]


@dataclass
class School:
    """A school and the record of its year."""

    database: Database
    deployment_id: int
    rooms: list[Room]
    asked: list[Asked] = field(default_factory=list)
    given: list[Given] = field(default_factory=list)

    @property
    def ends_at(self) -> datetime:
        """A moment after the last answer."""
        return max(one.opened_at for one in self.asked) + timedelta(days=60)


def school(database: Database, students: int, courses: int, weeks: int, seed: int = 1, share: float = 0.95) -> School:
    """So many students, each in two of so many courses, with two check-ins a week in each; `share` of them answer."""
    chance = random.Random(seed)
    made = database.write_now(lambda db: _people(db, database, students, courses))
    for week in range(weeks):
        for held in database.write_now(lambda db, it=week: list(_week(db, made, chance, it, share))):
            made.asked.append(held[0])
            made.given.extend(held[1])
    return made


def _week(
    db: Session, made: School, chance: random.Random, week: int, share: float
) -> Iterator[tuple[Asked, list[Given]]]:
    """A week of all courses, in one transaction: thousands of durable ones would take the test's time."""
    for room in made.rooms:
        for day in chance.sample(range(5), 2):
            opens_at = FIRST_MONDAY + timedelta(weeks=week, days=day, minutes=chance.randrange(300))
            yield _hold(db, room, chance, opens_at, share)


def _people(db: Session, database: Database, students: int, courses: int) -> School:
    deployment_id, rooms = a_deployment(db), []
    everyone: list[Viewer | None] = [None] * students
    for number in range(courses):
        course = Course(
            deployment_id=deployment_id,
            kind="context",
            lti_id=f"{number}",
            title=f"Course {number:03}",
            created_at=FIRST_MONDAY,
            last_active_on=FIRST_MONDAY.date(),
        )
        db.add(course)
        db.flush()
        assert course.id is not None
        places = range(2 * students * number // courses, 2 * students * (number + 1) // courses)
        members = [_member(db, deployment_id, course.id, everyone, place % students) for place in places]
        rooms.append(Room(course.id, enrolled(db, deployment_id, course.id, f"t{number}", "teacher"), members))
    return School(database, deployment_id, rooms)


def _member(db: Session, deployment_id: int, course_id: int, everyone: list[Viewer | None], place: int) -> Viewer:
    known = everyone[place]
    if known is None:
        known = enrolled(db, deployment_id, course_id, f"s{place}", "learner")
        everyone[place] = known
        return known
    db.add(Enrolment(person_id=known.person_id, course_id=course_id, role="learner"))
    db.flush()
    return viewer_of(known.person_id, course_id, "learner", known.sub)


def _hold(
    db: Session, room: Room, chance: random.Random, opens_at: datetime, share: float
) -> tuple[Asked, list[Given]]:
    """Open a check-in, let most answer it within a day, and close it."""
    form = chance.choices(list(FORMS), [5, 4, 1])[0]
    is_anonymous = chance.random() < 0.3
    fields = {
        "question": f"How is it, on {opens_at:%d %b %H:%M}?",
        "answer_form": form,
        "anonymity": "anonymous" if is_anonymous else "named",
        "release": chance.choice(["in_steps", "at_close"]),
        "shared_with_class": "on" if chance.random() < 0.5 else "",
    }
    checkin_id = checkins.open(db, room.teacher, Draft.read(fields), K, opens_at)
    asked = Asked(checkin_id, room.course_id, form, is_anonymous, opens_at)
    given = []
    for student in room.students:
        if chance.random() < share:
            choice = "skip" if chance.random() < 0.03 else chance.choice(FORMS[form])
            at = opens_at + timedelta(minutes=chance.randrange(1, 1400))
            answers.give(db, student, checkin_id, Content(choice), SEALER, at)
            given.append(Given(asked, student.person_id, choice, at))
    closures.close(db, room.teacher, checkin_id, SEALER, opens_at + timedelta(days=1))
    return asked, given
