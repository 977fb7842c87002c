"""A check-in that is put to some groups: for everybody else it does not exist, and numbers follow the groups."""

from collections.abc import Callable
from dataclasses import replace
from typing import Any

import pytest
from sqlalchemy import delete
from sqlmodel import Session, select

from reflect.domain import answers, checkins, groups
from reflect.domain.privacy import receipt
from reflect.domain.privacy.receipt import Group
from reflect.domain.privacy.sealing import Content
from reflect.domain.refusals import Missing
from reflect.domain.sessions import Viewer
from reflect.storage.checkins import Checkin
from reflect.storage.database import Database
from reflect.storage.groups import CourseGroup
from reflect.storage.services import Score
from tests.classroom import NOW, SEALER, Classroom, classroom, preview_of
from tests.domain.test_copies import brought, copied


@pytest.fixture
def room(database: Database) -> Classroom:
    """Eight students; the first four are in group 1, the fourth and fifth in group 2."""
    room = classroom(database, 8)
    room.group("1", *room.students[:4])
    room.group("2", *room.students[3:5])
    return room


def ids(room: Classroom) -> list[int]:
    found = room.database.read_now(lambda db: [row.id for row in db.exec(select(CourseGroup)).all()])
    return [group_id for group_id in found if group_id is not None]


def seen_by(room: Classroom, viewer: Viewer) -> list[int]:
    return room.database.read_now(lambda db: [row.id for row in checkins.of_course(db, viewer)])


def gives(viewer: Viewer, checkin_id: int) -> Callable[[Session], Any]:
    return lambda db: answers.give(db, viewer, checkin_id, Content("calm"), SEALER, NOW)


@pytest.mark.parametrize("anonymity", ["named", "anonymous"])
def test_who_is_in_none_of_its_groups_neither_sees_nor_answers_it(room: Classroom, anonymity: str) -> None:
    first, _ = ids(room)
    checkin_id = room.open(anonymity, groups=(first,))
    asked, others = room.students[:4], room.students[4:]
    for student in others:
        assert seen_by(room, student) == []
        for attempt in (lambda db, who=student: checkins.of(db, who, checkin_id), gives(student, checkin_id)):
            with pytest.raises(Missing):
                room.database.write_now(attempt)
    assert room.for_staff(checkin_id).answered == 0
    for student in asked:
        assert seen_by(room, student) == [checkin_id]
        room.answer(student, checkin_id, "calm")
    assert room.for_staff(checkin_id).answered == 4


def test_whoever_leaves_the_group_loses_it_and_whoever_comes_gets_it(room: Classroom) -> None:
    first, _ = ids(room)
    checkin_id = room.open("named", groups=(first,))
    room.database.write_now(lambda db: groups.join(db, room.course_id, room.students[0].person_id, frozenset({"2"})))
    room.group("1", room.students[7])
    assert seen_by(room, room.students[0]) == []
    room.answer(room.students[7], checkin_id, "calm")
    with pytest.raises(Missing):
        room.database.write_now(gives(room.students[0], checkin_id))


def test_staff_and_previews_see_it_whatever_group_they_are_in(room: Classroom) -> None:
    checkin_id = room.open("named", groups=ids(room))
    for viewer in (room.teacher, preview_of(room.teacher), replace(room.students[7], is_preview=True)):
        assert seen_by(room, viewer) == [checkin_id]


def test_without_its_groups_it_is_put_to_nobody_rather_than_to_everyone(room: Classroom) -> None:
    checkin_id = room.open("named", groups=ids(room))
    room.database.write_now(lambda db: db.execute(delete(CourseGroup)) and None)
    assert [seen_by(room, student) for student in room.students] == [[]] * 8
    assert seen_by(room, room.teacher) == [checkin_id]


def test_only_who_was_asked_is_waited_for(room: Classroom) -> None:
    checkin_id, everyones = room.open("named", groups=ids(room)), room.open("named", question="All?")
    room.answer(room.students[0], checkin_id, "calm")
    assert [one.sub for one in room.for_staff(checkin_id).awaited] == ["1", "2", "3", "4"]
    assert len(room.for_staff(everyones).awaited) == 8


def test_the_receipt_names_the_groups_that_alone_are_asked(room: Classroom) -> None:
    first, _ = ids(room)
    everyones = room.open("named")
    checkin_id = room.open("named", groups=(first,), question="Some?")

    def named(db: Session) -> None:
        db.get_one(CourseGroup, first).name = "Foxes"

    room.database.write_now(named)
    found = [
        room.database.read_now(lambda db, it=it: receipt.write(db, room.checkin(it), 90).groups)
        for it in (checkin_id, everyones)
    ]
    assert found == [(Group("1", "Foxes"),), ()]


def test_marks_go_to_those_who_were_asked_and_answered(room: Classroom) -> None:
    first, _ = ids(room)
    checkin_id = room.open("anonymous", groups=(first,))
    room.database.write_now(lambda db: setattr(db.get_one(Checkin, checkin_id), "gives_mark", True))
    for student in room.students[:3]:
        room.answer(student, checkin_id, "calm")
    room.close(checkin_id)
    marked = room.database.read_now(lambda db: {row.person_id for row in db.exec(select(Score)).all()})
    assert marked == {student.person_id for student in room.students[:3]}


def test_a_copy_in_another_course_goes_to_everyone(room: Classroom) -> None:
    room.open("named", groups=ids(room))
    (copy,) = brought(room, copied(room))
    assert not copy.for_groups


def test_opening_a_prepared_one_or_closing_leaves_its_groups_alone(room: Classroom) -> None:
    first, _ = ids(room)
    checkin_id = room.open("named", groups=(first,))
    room.database.write_now(lambda db: checkins.open_prepared(db, room.teacher, checkin_id, 3, NOW))
    room.close(checkin_id)
    assert seen_by(room, room.students[0]) == [checkin_id]
    assert seen_by(room, room.students[7]) == []
