from typing import Any

import pytest
from sqlmodel import Session

from reflect.domain import groups
from reflect.domain.refusals import FormRefused, Missing, Refused
from reflect.storage import groups as stored
from reflect.storage.database import Database
from reflect.storage.services import CourseService
from tests.classroom import Classroom, classroom


@pytest.fixture
def room(database: Database) -> Classroom:
    return classroom(database, 3)


def groups_of(room: Classroom, student: int = 0) -> frozenset[str]:
    person_id = room.students[student].person_id
    return room.database.read_now(lambda db: stored.lti_ids_of(db, room.course_id, person_id))


def join(room: Classroom, *lti_ids: str, student: int = 0) -> frozenset[str]:
    person_id = room.students[student].person_id
    room.database.write_now(lambda db: groups.join(db, room.course_id, person_id, frozenset(lti_ids)))
    return groups_of(room, student)


def test_a_launch_puts_somebody_into_exactly_the_groups_it_says(room: Classroom) -> None:
    join(room, "9", student=1)
    assert join(room, "1", "2") == {"1", "2"}
    assert join(room, "2", "3") == {"2", "3"}
    assert join(room) == frozenset()
    assert groups_of(room, 1) == {"9"}, "nobody else is moved"


def test_groups_of_another_course_stay_as_they_are(room: Classroom, database: Database) -> None:
    other = classroom(database, 1)
    person_id = room.students[0].person_id
    database.write_now(lambda db: groups.join(db, other.course_id, person_id, frozenset({"1"})))
    join(room, "1")
    assert join(room) == frozenset()
    assert database.read_now(lambda db: stored.lti_ids_of(db, other.course_id, person_id)) == {"1"}


def test_a_roster_says_for_everybody_or_says_nothing_of_somebody(room: Classroom) -> None:
    for student in range(3):
        join(room, "1", student=student)
    first, second, _ = (student.person_id for student in room.students)
    room.database.write_now(lambda db: groups.merge(db, room.course_id, {first: frozenset({"2"}), second: None}))
    assert [groups_of(room, student) for student in range(3)] == [{"2"}, {"1"}, frozenset()]


def listed(room: Classroom) -> dict[str, str]:
    rows = room.database.read_now(lambda db: groups.of_course(db, room.teacher))
    return {row.lti_id: row.name for row in rows}


def rename(room: Classroom, group_id: int, name: str, who: Any = None) -> None:
    room.database.write_now(lambda db: groups.rename(db, who or room.teacher, group_id, name))


def test_a_teacher_names_a_group_and_takes_the_name_back(room: Classroom) -> None:
    group_id = room.group("12")
    rename(room, group_id, "  The \n Foxes ")
    assert listed(room) == {"12": "The Foxes"}
    rename(room, group_id, "")
    assert listed(room) == {"12": ""}


@pytest.mark.parametrize(("name", "code"), [("x" * 101, "name_too_long"), ("a\u202eb", "question_unprintable")])
def test_a_name_that_cannot_be_shown_is_refused(room: Classroom, name: str, code: str) -> None:
    with pytest.raises(FormRefused) as refused:
        rename(room, room.group("12"), name)
    assert refused.value.errors == {"name": code}


def test_a_student_neither_lists_nor_names_groups(room: Classroom) -> None:
    group_id = room.group("12", *room.students)
    for attempt in (
        lambda db: groups.of_course(db, room.students[0]),
        lambda db: groups.rename(db, room.students[0], group_id, "Mine"),
    ):
        with pytest.raises(Refused, match="not_allowed"):
            room.database.write_now(attempt)


def test_a_group_of_another_course_does_not_exist(room: Classroom, database: Database) -> None:
    elsewhere = classroom(database, 1).group("12")
    for group_id in (elsewhere, 999_999):
        with pytest.raises(Missing):
            rename(room, group_id, "Theirs")


def test_where_the_platform_names_groups_a_teacher_does_not(room: Classroom) -> None:
    group_id = room.group("12")

    def offered(db: Session) -> None:
        db.add(CourseService(course_id=room.course_id, groups_url="https://campus.example/groups"))
        groups.take_names(db, room.course_id, {"12": "Foxes", "13": "Ω" * 200, "14": ""})

    room.database.write_now(offered)
    with pytest.raises(Refused, match="groups_named"):
        rename(room, group_id, "Mine")
    assert listed(room) == {"12": "Foxes", "13": "Ω" * 100, "14": ""}
    room.database.write_now(lambda db: groups.take_names(db, room.course_id, {"12": ""}))
    assert listed(room)["12"] == "Foxes"
