from datetime import datetime, timedelta

import pytest
from sqlmodel import Session, select

from reflect.domain.rosters import RETRY, STALE, Listed, is_due, merge, note_fault
from reflect.storage.database import Database
from reflect.storage.people import Enrolment, Person, learners, staff_of
from reflect.storage.services import CourseService
from tests.classroom import NOW, Classroom, classroom

SOON = timedelta(seconds=1)


@pytest.fixture
def room(database: Database) -> Classroom:
    """A course with a teacher, three students, and a roster that was never fetched."""
    made = classroom(database, 3)
    service = CourseService(course_id=made.course_id, memberships_url="https://campus.example/members")
    database.write_now(lambda db: db.add(service))
    return made


def listed(
    sub: str, role: str = "learner", name: str = "", is_active: bool = True, is_test_user: bool = False
) -> Listed:
    return Listed(sub, name or f"Person {sub}", role, is_test_user, is_active)


def merged(room: Classroom, *roster: Listed, at: datetime = NOW) -> dict[str, Enrolment]:
    """Take over a roster; everybody of the course by sub."""
    room.database.write_now(lambda db: merge(db, room.course_id, roster, at))

    def everybody(db: Session) -> dict[str, Enrolment]:
        people = {person.id: person.sub for person in db.exec(select(Person)).all()}
        return {people[row.person_id]: row for row in db.exec(select(Enrolment)).all()}

    return room.database.read_now(everybody)


def service(room: Classroom) -> CourseService:
    return room.database.read_now(lambda db: db.get_one(CourseService, room.course_id))


def test_newcomers_come_in_and_who_is_gone_becomes_inactive(room: Classroom) -> None:
    found = merged(room, listed("0"), listed("1"), listed("new"))
    assert {sub: row.is_active for sub, row in found.items() if row.role == "learner"} == {
        "0": True,
        "1": True,
        "2": False,
        "new": True,
    }
    assert room.database.read_now(lambda db: learners(db, room.course_id)) == 3


def test_an_empty_roster_deletes_nobody(room: Classroom) -> None:
    assert len(merged(room)) == 4
    assert room.database.read_now(lambda db: learners(db, room.course_id)) == 0
    merged(room, listed("0"), listed("1"), listed("2"))
    assert room.database.read_now(lambda db: learners(db, room.course_id)) == 3


def test_names_are_kept_up_to_date_and_never_emptied(room: Classroom) -> None:
    roster = [listed("0", name="Moth Paperlantern"), Listed("1", "", "learner", False, True)]
    merged(room, *roster)
    names = room.database.read_now(lambda db: [db.get_one(Person, one.person_id).name for one in room.students[:2]])
    assert names == ["Moth Paperlantern", "Person 1"]


@pytest.mark.parametrize("launched", [True, False])
def test_only_who_launched_as_staff_is_staff_whatever_the_roster_says(room: Classroom, launched: bool) -> None:
    key = (room.teacher.person_id, room.course_id)

    def remember(db: Session) -> None:
        db.get_one(Enrolment, key).launched_as_staff = launched

    room.database.write_now(remember)
    assert merged(room, listed("t"))["t"].role == ("teacher" if launched else "learner")
    assert merged(room, listed("0"))["t"].is_active is launched


def test_staff_of_the_roster_reads_named_answers(room: Classroom) -> None:
    merged(room, listed("t", "teacher"), listed("second", "teacher"), listed("gone", "teacher", is_active=False))
    names = room.database.read_now(lambda db: [row.sub for row in staff_of(db, room.course_id)])
    assert sorted(names) == ["second", "t"]


def test_a_test_user_is_not_counted_whoever_says_so(room: Classroom) -> None:
    merged(room, listed("0", is_test_user=True), listed("1"))
    assert room.database.read_now(lambda db: learners(db, room.course_id)) == 1
    merged(room, listed("0"), listed("1"))
    assert room.database.read_now(lambda db: learners(db, room.course_id)) == 1


def test_people_of_another_course_are_left_alone(room: Classroom, database: Database) -> None:
    other = classroom(database, 2)
    merged(room, listed("0"))
    assert database.read_now(lambda db: learners(db, other.course_id)) == 2


def test_a_roster_is_due_at_first_and_again_when_it_is_stale(room: Classroom) -> None:
    assert is_due(service(room), NOW)
    merged(room, listed("0"))
    assert not is_due(service(room), NOW + STALE - SOON)
    assert is_due(service(room), NOW + STALE)


def test_after_a_fault_it_is_due_a_little_later(room: Classroom) -> None:
    room.database.write_now(lambda db: note_fault(db, room.course_id, "busy", NOW))
    assert service(room).roster_fault == "busy"
    assert not is_due(service(room), NOW + RETRY - SOON)
    assert is_due(service(room), NOW + RETRY)
    merged(room, listed("0"), at=NOW + RETRY)
    assert service(room).roster_fault == ""


def test_without_a_roster_nothing_is_ever_due() -> None:
    assert not is_due(CourseService(course_id=1), NOW)
