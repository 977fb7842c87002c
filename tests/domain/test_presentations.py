from dataclasses import replace

import pytest

from reflect.domain import guests, presentations
from reflect.domain.presentations import Presentation
from reflect.domain.privacy.sealing import Content
from reflect.domain.refusals import Refused
from reflect.storage.database import Database
from tests.classroom import NOW, SEALER, Classroom, classroom, counts

MIXED = ("calm", "happy", "tired", "sad", "curious")


def wall(room: Classroom, checkin_id: int) -> Presentation:
    return room.database.read_now(lambda db: presentations.of(db, room.teacher, checkin_id))


def all_answer(room: Classroom, checkin_id: int) -> None:
    for student, emotion in zip(room.students, MIXED, strict=True):
        room.answer(student, checkin_id, emotion)


def test_a_named_checkin_shows_the_room_what_classmates_see_and_when(database: Database) -> None:
    room = classroom(database, 5)
    checkin_id = room.open("named", k=5)
    all_answer(room, checkin_id)
    assert (wall(room, checkin_id).answered, wall(room, checkin_id).totals) == (5, None)
    room.close(checkin_id)
    found = wall(room, checkin_id)
    assert counts(found.totals) == dict.fromkeys(MIXED, 1) == counts(room.for_class(checkin_id))
    assert found.totals and found.totals.people == () and found.totals.awaited == ()


def test_what_is_not_shared_with_the_class_is_never_on_the_wall(database: Database) -> None:
    room = classroom(database, 5)
    for anonymity in ("named", "anonymous"):
        checkin_id = room.open(anonymity, "in_steps", 5, shared_with_class=False)
        all_answer(room, checkin_id)
        room.close(checkin_id)
        assert (wall(room, checkin_id).answered, wall(room, checkin_id).totals) == (5, None)


def test_fewer_than_k_are_not_on_the_wall_and_unanimity_is_softened(database: Database) -> None:
    room = classroom(database, 5)
    checkin_id = room.open("named", k=5)
    for student in room.students:
        room.answer(student, checkin_id, "calm")
    room.close(checkin_id)
    found = wall(room, checkin_id).totals
    assert found and (counts(found), found.unsaid, found.is_nearly_everyone) == ({"calm": 3}, 2, True)
    few = room.open("named", k=6)
    all_answer(room, few)
    room.close(few)
    assert wall(room, few).totals is None


def test_students_and_guests_are_counted_apart_and_shown_together(database: Database) -> None:
    room = classroom(database, 5)
    checkin_id = room.open("anonymous", "in_steps", 5)
    code = database.write_now(lambda db: guests.open_to_guests(db, room.teacher, checkin_id, 200, NOW))
    all_answer(room, checkin_id)
    for emotion in MIXED:
        database.write_now(lambda db, emotion=emotion: guests.answer(db, code, Content(emotion), SEALER))
    found = wall(room, checkin_id)
    assert (found.answered, found.expected, found.guests.answered) == (5, 5, 5)
    assert counts(found.totals) == dict.fromkeys(MIXED, 2)


@pytest.mark.parametrize("role", ["learner", "observer", "author", "none"])
def test_only_staff_present(database: Database, role: str) -> None:
    room = classroom(database, 1)
    checkin_id = room.open("named")
    with pytest.raises(Refused, match="not_allowed"):
        wall(replace(room, teacher=replace(room.students[0], role=role)), checkin_id)
