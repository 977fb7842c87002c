from datetime import datetime, timedelta

import pytest
from sqlmodel import Session, select

from reflect.domain import persons, sessions
from reflect.domain.privacy import receipt
from reflect.domain.rosters import RETRY, STALE, Listed, is_due, merge, note_fault
from reflect.storage.database import Database
from reflect.storage.people import Enrolment, Person, learners, staff_of
from reflect.storage.services import CourseService
from reflect.storage.sessions import LaunchSession
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


def launches(room: Classroom, role: str = "teacher") -> None:
    """Let the teacher have come as staff, as a launch writes it down."""

    def remember(db: Session) -> None:
        enrolment = db.get_one(Enrolment, (room.teacher.person_id, room.course_id))
        enrolment.role, enrolment.launched_as_staff, enrolment.is_active = role, True, True

    room.database.write_now(remember)


def staff(room: Classroom) -> list[str]:
    """Whom receipts name, and whom students may ask."""
    return [row.sub for row in room.database.read_now(lambda db: staff_of(db, room.course_id))]


def test_who_only_ever_launched_as_staff_stays_staff_though_no_roster_lists_them(room: Classroom) -> None:
    launches(room)
    for _ in range(2):
        assert merged(room, listed("0"))["t"].is_active
    assert staff(room) == ["t"]


def test_who_launches_as_staff_and_is_only_ever_listed_as_a_learner_stays_staff(room: Classroom) -> None:
    launches(room, "assistant")
    for _ in range(2):
        assert merged(room, listed("t"))["t"].role == "assistant"
    assert staff(room) == ["t"]


def test_staff_that_never_launched_is_what_the_roster_says(room: Classroom) -> None:
    assert merged(room, listed("t"))["t"].role == "learner"
    assert not merged(room, listed("0"))["t"].is_active


@pytest.mark.parametrize("role", ["teacher", "learner"])
def test_staff_whom_the_roster_listed_and_lists_no_more_has_left(room: Classroom, role: str) -> None:
    launches(room)
    merged(room, listed("t", role))
    assert staff(room) == ["t"]
    assert not merged(room, listed("0"))["t"].is_active
    checkin_id = room.open("named")
    assert room.database.read_now(lambda db: receipt.write(db, room.checkin(checkin_id), 90)).readers == ()


@pytest.mark.parametrize("role", ["learner", "observer", "none"])
def test_staff_whom_the_roster_listed_as_staff_and_lists_as_less_is_less(room: Classroom, role: str) -> None:
    launches(room)
    merged(room, listed("t", "teacher"))
    found = merged(room, listed("t", role))["t"]
    assert (found.role, found.is_active, found.launched_as_staff) == (role, True, False)
    assert staff(room) == []


def test_staff_whom_the_roster_lists_as_other_staff_stay_what_they_launched_as(room: Classroom) -> None:
    launches(room, "assistant")
    merged(room, listed("t", "teacher"))
    assert merged(room, listed("t", "assistant"))["t"].launched_as_staff
    assert merged(room, listed("t", "teacher"))["t"].role == "assistant"


@pytest.mark.parametrize("after", [(), (listed("t"),)])
def test_who_launches_as_staff_after_a_roster_took_it_away_is_staff_and_stays_it(
    room: Classroom, after: tuple[Listed, ...]
) -> None:
    launches(room)
    merged(room, listed("t", "teacher"))
    merged(room, *after)
    assert staff(room) == []
    launches(room)
    merged(room, *after)
    assert staff(room) == ["t"]


def test_a_teacher_who_left_and_is_back_as_a_student_is_a_student(room: Classroom) -> None:
    launches(room)
    merged(room, listed("t", "teacher"))
    merged(room, listed("0"))
    found = merged(room, listed("t"))["t"]
    assert (found.role, found.is_active) == ("learner", True)


@pytest.mark.parametrize("after", [(listed("0"),), (listed("t"),), (listed("t", "teacher", is_active=False),)])
def test_who_is_of_the_staff_no_more_loses_their_sessions_in_the_course_alone(
    room: Classroom, database: Database, after: tuple[Listed, ...]
) -> None:
    launches(room)
    elsewhere = classroom(database, 0).course_id

    def begin(course_id: int, person_id: int, role: str) -> None:
        stay = sessions.Stay(person_id, course_id, role, False, "en", "")
        database.write_now(lambda db: sessions.begin(db, stay, NOW))

    def left() -> set[tuple[int, int]]:
        rows = database.read_now(lambda db: db.exec(select(LaunchSession)).all())
        return {(row.person_id, row.course_id) for row in rows}

    teacher, student = room.teacher.person_id, room.students[0].person_id
    begin(room.course_id, teacher, "teacher")
    begin(room.course_id, student, "learner")
    begin(elsewhere, teacher, "teacher")
    merged(room, listed("t", "teacher"), listed("0"))
    assert (teacher, room.course_id) in left()
    merged(room, *after)
    assert left() == {(student, room.course_id), (teacher, elsewhere)}


def test_what_the_roster_said_is_in_what_is_held_on_a_person(room: Classroom) -> None:
    merged(room, listed("t", "assistant"))
    found = room.database.read_now(lambda db: persons.export(db, room.teacher.person_id))
    assert found["courses"][0]["role_in_last_roster"] == "assistant"


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
