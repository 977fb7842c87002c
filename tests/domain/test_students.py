"""One student for their teachers: what is there, and for whom it is not."""

from datetime import timedelta

import pytest
from sqlmodel import Session, select

from reflect.domain import accesses, responses, students, talks
from reflect.domain.insights.own_usual import Change
from reflect.domain.privacy.retention import purge
from reflect.domain.refusals import Missing, Refused
from reflect.domain.sessions import Viewer
from reflect.domain.students import Followed
from reflect.domain.talks import Wish
from reflect.storage.database import Database
from reflect.storage.students import StudentAccess
from tests.classroom import NOW, Classroom, classroom, enrolled, preview_of, viewer_of

DAY = timedelta(days=1)


@pytest.fixture
def room(database: Database) -> Classroom:
    return classroom(database, 3)


def follow(room: Classroom, student: int = 0, viewer: Viewer | None = None) -> Followed:
    one = room.students[student].person_id
    return room.database.read_now(lambda db: students.follow(db, viewer or room.teacher, one, NOW))


def day(room: Classroom, ago: int, choice: str, form: str = "faces") -> int:
    at = NOW - ago * DAY
    checkin_id = room.open("named", question=f"{ago} {form}?", now=at, answer_form=form)
    room.answer(room.students[0], checkin_id, choice, at)
    return checkin_id


def test_a_student_is_followed_by_their_own_named_answers_and_responses(room: Classroom) -> None:
    first, second = day(room, 2, "face_1"), day(room, 1, "calm", "words_core")
    room.answer(room.students[1], second, "sad", NOW)
    room.answer(room.students[0], room.open("anonymous"), "sad")
    for student in (0, 1):
        one = room.students[student].person_id
        room.database.write_now(
            lambda db, one=one: responses.respond(db, room.teacher, second, one, {"mark": "star"}, NOW)  # type: ignore[misc]
        )
    found = follow(room)
    assert [(it.checkin_id, it.choice) for it in found.named] == [(first, "face_1"), (second, "calm")]
    assert list(found.responses) == [second]
    assert found.change == Change.TOO_FEW


def test_the_change_is_held_against_answers_of_the_last_weeks_that_say_something(room: Classroom) -> None:
    for ago in range(200, 208):
        day(room, ago, "face_1")
    for ago in range(4, 9):
        day(room, ago, "face_3")
    for ago in range(1, 4):
        day(room, ago, "face_4")
        day(room, ago, "energy_1", "energy")
        day(room, ago, "skip", "words_core")
    assert follow(room).change == Change.MORE


def test_the_list_has_the_last_named_answer_of_each_and_no_order_but_the_name(room: Classroom) -> None:
    day(room, 3, "face_1")
    room.answer(room.students[1], room.open("anonymous"), "sad")
    found = room.database.read_now(lambda db: students.of_course(db, room.teacher))
    assert [(it.name, it.last_answered_on) for it in found] == [
        ("Person 0", (NOW - 3 * DAY).date()),
        ("Person 1", None),
        ("Person 2", None),
    ]


@pytest.mark.parametrize("role", ["learner", "observer", "author", "none"])
def test_nobody_but_staff_follows_anybody(room: Classroom, role: str) -> None:
    viewer = viewer_of(room.teacher.person_id, room.course_id, role)
    for one in (viewer, preview_of(room.teacher)):
        with pytest.raises(Refused, match="not_allowed"):
            follow(room, viewer=one)
        with pytest.raises(Refused, match="not_allowed"):
            room.database.read_now(lambda db, one=one: students.of_course(db, one))  # type: ignore[misc]


def test_a_student_of_another_course_is_not_there(room: Classroom) -> None:
    other = classroom(room.database, 1)
    with pytest.raises(Missing):
        follow(room, viewer=other.teacher)


def test_of_wishes_to_talk_an_adult_finds_those_that_they_may_read(room: Classroom) -> None:
    other = room.database.write_now(lambda db: enrolled(db, 1, room.course_id, "u", "teacher"))
    stranger = viewer_of(other.person_id + 99, room.course_id, "teacher")
    for adult in (None, room.teacher.person_id, other.person_id):
        wish = Wish(adult, f"To {adult}", is_for_today=False)
        room.database.write_now(lambda db, wish=wish: talks.ask(db, room.students[0], wish, NOW))  # type: ignore[misc]
    one = room.students[0].person_id
    counts = []
    for viewer in (room.teacher, other, stranger):
        _, found = room.database.read_now(lambda db, viewer=viewer: students.talks_with(db, viewer, one))  # type: ignore[misc]
        counts.append(sorted(told.talk.adult_id or 0 for told in found))
    assert counts == [[0, room.teacher.person_id], [0, other.person_id], []]


def test_who_looked_goes_with_the_reader_the_student_and_the_course(room: Classroom) -> None:
    ids = [student.person_id for student in room.students]
    room.database.write_now(lambda db: accesses.note_students(db, room.teacher, ids, "page", NOW))

    def left(db: Session) -> int:
        return len(db.exec(select(StudentAccess)).all())

    assert room.database.read_now(left) == 3
    assert len(room.database.read_now(lambda db: accesses.of_student(db, room.course_id, ids[0]))) == 1
    room.database.write_now(lambda db: purge(db, 30, NOW + 40 * DAY))
    assert room.database.read_now(left) == 0
