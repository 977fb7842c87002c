"""A school of several courses at one platform, for tests of what leaders read."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from sqlmodel import Session, select

from reflect.domain import leaders, talk_periods, weeks
from reflect.domain.admins import Administrator
from reflect.domain.leaders import Week
from reflect.domain.terms import Period
from reflect.storage.admins import Role
from reflect.storage.courses import Course
from reflect.storage.database import Database
from reflect.storage.people import Enrolment
from reflect.storage.registrations import Deployment
from reflect.storage.weeks import PublishedWeek
from tests.classroom import NOW, Classroom, a_deployment, enrolled, viewer_of

LATER = NOW + timedelta(days=10)
"""When the week of NOW, a Monday, is published."""
MUCH_LATER = NOW + timedelta(days=35)
"""When it is published although an anonymous check-in of it is still open."""
ALWAYS = Period(NOW.date() - timedelta(days=3650), NOW.date() + timedelta(days=3650))
LEADER = Administrator(1, 1, "lynx@fablehill.example", False, Role.LEADER)


@dataclass(frozen=True)
class School:
    """Courses with students of their own; the first `shared` students are in every course."""

    database: Database
    rooms: tuple[Classroom, ...]
    deployment_id: int

    def publish(self, k: int = 3, now: datetime = LATER) -> int:
        """One round of the background; how many weeks were published."""
        due = self.database.read_now(lambda db: weeks.due(db, now))
        published = 0
        for week in due:
            published += self.database.write_now(lambda db, week=week: weeks.publish(db, week, k, now))
        self.database.write_now(lambda db: talk_periods.renew(db, k, now))
        return published

    def site(self, reader: Administrator = LEADER) -> Sequence[Week]:
        """The institution's weeks."""
        return self.database.read_now(lambda db: leaders.weeks(db, reader, ALWAYS))

    def rows(self) -> list[PublishedWeek]:
        """All courses' weeks."""
        return self.database.read_now(lambda db: list(db.exec(select(PublishedWeek)).all()))

    def registration_id(self) -> int:
        """The platform's."""

        def work(db: Session) -> int:
            return db.get_one(Deployment, self.deployment_id).registration_id

        return self.database.read_now(work)


def school(database: Database, sizes: Sequence[int], shared: int = 0) -> School:
    """A new platform with a course of each size; the first of them the largest, if any are shared."""
    return database.write_now(lambda db: _build(db, database, sizes, shared))


def _build(db: Session, database: Database, sizes: Sequence[int], shared: int) -> School:
    deployment_id = a_deployment(db)
    rooms: list[Classroom] = []
    for number, size in enumerate(sizes):
        course = Course(deployment_id=deployment_id, kind="context", lti_id=f"c{number}", title=f"Course {number}", created_at=NOW, last_active_on=NOW.date())  # fmt: skip
        db.add(course)
        db.flush()
        assert course.id is not None
        students: list[Any] = []
        for student in rooms[0].students[:shared] if rooms else ():
            db.add(Enrolment(person_id=student.person_id, course_id=course.id, role="learner"))
            students.append(viewer_of(student.person_id, course.id, "learner", student.sub))
        for place in range(len(students), size):
            students.append(enrolled(db, deployment_id, course.id, f"{number}-{place}", "learner"))
        teacher = enrolled(db, deployment_id, course.id, f"t{number}", "teacher")
        rooms.append(Classroom(database, course.id, teacher, tuple(students)))
    return School(database, tuple(rooms), deployment_id)
