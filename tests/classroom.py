"""A course with people in it, made straight in a database: for tests of what happens below HTTP."""

import secrets
from collections.abc import Collection
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from typing import Any

from sqlmodel import Session

from reflect.domain import answers, checkins, closures, results
from reflect.domain import groups as domain_groups
from reflect.domain.answers import Outcome
from reflect.domain.checkins import Draft
from reflect.domain.privacy.sealing import Content, Sealer
from reflect.domain.results import Results
from reflect.domain.sessions import Viewer
from reflect.keyring import Keyring
from reflect.storage import groups as storage_groups
from reflect.storage import people
from reflect.storage.checkins import Checkin
from reflect.storage.courses import Course
from reflect.storage.database import Database
from reflect.storage.people import Enrolment, Person
from reflect.storage.registrations import Deployment, Registration

NOW = datetime(2026, 9, 7, 8, 30, tzinfo=UTC)
SEALER = Sealer(Keyring("a secret for tests that is long enough to be one"))
QUESTION = "What is on your mind?"


@dataclass(frozen=True)
class Classroom:
    """A course with its staff and students; each verb is one durable transaction, as a request would make it."""

    database: Database
    course_id: int
    teacher: Viewer
    students: tuple[Viewer, ...]
    sealer: Sealer = SEALER

    def open(
        self,
        anonymity: str = "anonymous",
        release: str = "at_close",
        k: int = 3,
        shared_with_class: bool = True,
        groups: Collection[int] = (),
        question: str = QUESTION,
        now: datetime = NOW,
        **fields: str,
    ) -> int:
        """Open a check-in; its id."""
        form = {
            "question": question,
            "anonymity": anonymity,
            "release": release,
            "shared_with_class": "on" if shared_with_class else "",
            **{f"group-{group_id}": "yes" for group_id in groups},
            **fields,
        }
        draft = Draft.read(form)
        return self.database.write_now(lambda db: checkins.open(db, self.teacher, draft, k, now))

    def group(self, lti_id: str, *members: Viewer) -> int:
        """A group of the course with these people; its id."""

        def work(db: Session) -> int:
            (group_id,) = storage_groups.ids_of(db, self.course_id, {lti_id}).values()
            for member in members:
                before = storage_groups.lti_ids_of(db, self.course_id, member.person_id)
                domain_groups.join(db, self.course_id, member.person_id, before | {lti_id})
            return group_id

        return self.database.write_now(work)

    def answer(
        self, student: Viewer, checkin_id: int, choice: str, now: datetime = NOW, word: str = "", note: str = ""
    ) -> Outcome:
        """Let somebody answer the question as it is now."""
        content = Content(choice, word, note)

        def work(db: Session) -> Outcome:
            row = db.get(Checkin, checkin_id)
            return answers.give(db, student, checkin_id, content, self.sealer, now, row.revision if row else 0)

        return self.database.write_now(work)

    def nobody(self) -> Viewer:
        """Somebody who launches as a learner without a `sub`: each time another person."""
        sub = f"guest {secrets.token_hex(16)}"

        def work(db: Session) -> Viewer:
            deployment_id = db.get_one(Course, self.course_id).deployment_id
            person_id = people.add(db, deployment_id, sub, "", is_guest=True, now=NOW)
            return replace(viewer_of(person_id, self.course_id, "learner", sub), is_guest=True)

        return self.database.write_now(work)

    def close(self, checkin_id: int, now: datetime = NOW) -> None:
        """Let the teacher close a check-in."""
        self.database.write_now(lambda db: closures.close(db, self.teacher, checkin_id, self.sealer, now))

    def checkin(self, checkin_id: int) -> Any:
        """A check-in as it is now."""
        return self.database.read_now(lambda db: checkins.of(db, self.teacher, checkin_id))

    def for_staff(self, checkin_id: int) -> Results:
        """What the teacher sees now."""
        return self.database.read_now(
            lambda db: results.for_staff(db, self.teacher, checkins.of(db, self.teacher, checkin_id))
        )

    def for_class(self, checkin_id: int) -> Results | None:
        """What a classmate sees now."""
        return self.database.read_now(lambda db: results.for_class(db, checkins.of(db, self.teacher, checkin_id)))


def classroom(database: Database, size: int = 8) -> Classroom:
    """A new course of a new deployment with one teacher and so many students."""
    return database.write_now(lambda db: _furnish(db, database, size))


def preview_of(viewer: Viewer) -> Viewer:
    """The same person, arrived as one who is counted nowhere."""
    return replace(viewer, role="learner", is_preview=True)


def counts(found: Results | None) -> dict[str, int]:
    """Choice to count of what is shown."""
    return {bar.choice: bar.count for bar in found.bars} if found else {}


def _furnish(db: Session, database: Database, size: int) -> Classroom:
    deployment_id = a_deployment(db)
    course = Course(deployment_id=deployment_id, kind="context", lti_id="2", title="Biology", created_at=NOW, last_active_on=NOW.date())  # fmt: skip
    db.add(course)
    db.flush()
    assert course.id is not None
    students = [enrolled(db, deployment_id, course.id, f"{number}", "learner") for number in range(size)]
    return Classroom(database, course.id, enrolled(db, deployment_id, course.id, "t", "teacher"), tuple(students))


def a_deployment(db: Session) -> int:
    """A new registration's only deployment; its id."""
    registration = Registration(
        name="Campus",
        lms="other",
        issuer="https://campus.example",
        client_id=secrets.token_hex(4),
        auth_url="https://campus.example/authorize",
        token_url="https://campus.example/token",
        keyset_url="https://campus.example/jwks",
        created_at=NOW,
    )
    db.add(registration)
    db.flush()
    assert registration.id is not None
    deployment = Deployment(registration_id=registration.id, deployment_id="1", first_seen_at=NOW)
    db.add(deployment)
    db.flush()
    assert deployment.id is not None
    return deployment.id


def enrolled(db: Session, deployment_id: int, course_id: int, sub: str, role: str) -> Viewer:
    """A new person with a role in a course, as the viewer of a live session."""
    person = Person(deployment_id=deployment_id, sub=sub, name=f"Person {sub}", created_at=NOW - timedelta(days=1))
    db.add(person)
    db.flush()
    assert person.id is not None
    db.add(Enrolment(person_id=person.id, course_id=course_id, role=role))
    db.flush()
    return viewer_of(person.id, course_id, role, sub)


def viewer_of(person_id: int, course_id: int, role: str, sub: str = "") -> Viewer:
    """Someone who looks at a course."""
    return Viewer(
        token_hash=b"",
        tab="",
        person_id=person_id,
        course_id=course_id,
        role=role,
        is_preview=False,
        locale="en",
        sub=sub,
        name=f"Person {sub}",
        course_title="Biology",
        frame_ancestors="",
        is_due=False,
    )
