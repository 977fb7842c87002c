from dataclasses import replace

import pytest
from sqlmodel import select

from reflect.domain import introductions, persons
from reflect.domain.refusals import Refused
from reflect.domain.sessions import Viewer
from reflect.storage.database import Database
from reflect.storage.introductions import Introduction
from tests.classroom import NOW, Classroom, classroom


@pytest.fixture
def room(database: Database) -> Classroom:
    return classroom(database, 2)


def is_due(room: Classroom, viewer: Viewer) -> bool:
    return room.database.read_now(lambda db: introductions.is_due(db, viewer))


def put_away(room: Classroom, viewer: Viewer) -> None:
    room.database.write_now(lambda db: introductions.put_away(db, viewer))


def test_it_is_told_until_it_is_put_away_which_works_twice(room: Classroom) -> None:
    student, other = room.students
    assert is_due(room, student)
    put_away(room, student)
    put_away(room, student)
    assert [is_due(room, one) for one in (student, other, room.teacher)] == [False, True, True]


def test_it_is_told_once_for_all_courses_but_to_each_role(room: Classroom) -> None:
    student = room.students[0]
    put_away(room, student)
    assert not is_due(room, replace(student, course_id=999))
    assert is_due(room, replace(student, role="assistant"))
    assert is_due(room, room.teacher)


@pytest.mark.parametrize("role", ["observer", "none", "author"])
def test_who_neither_answers_nor_reads_answers_has_none(room: Classroom, role: str) -> None:
    viewer = replace(room.teacher, role=role)
    for act in (is_due, put_away):
        with pytest.raises(Refused, match="not_allowed"):
            act(room, viewer)


def test_it_is_exported_and_erased_with_the_person(room: Classroom) -> None:
    student = room.students[0]
    put_away(room, student)
    found = room.database.read_now(lambda db: persons.export(db, student.person_id))
    assert found["person"]["introductions_read"] == ["student"]
    room.database.write_now(lambda db: persons.erase(db, student.person_id, NOW))
    assert room.database.read_now(lambda db: db.exec(select(Introduction)).all()) == []
