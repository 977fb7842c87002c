from dataclasses import replace
from typing import Any

import pytest

from reflect.domain import responses
from reflect.domain.refusals import FormRefused, Missing, Refused
from reflect.domain.sessions import Viewer
from reflect.storage.database import Database
from tests.classroom import NOW, Classroom, classroom


def gives(room: Classroom, checkin_id: int, person: Viewer, by: Viewer | None = None, **form: str) -> None:
    room.database.write_now(
        lambda db: responses.respond(db, by or room.teacher, checkin_id, person.person_id, form, NOW)
    )


def own(room: Classroom, checkin_id: int, person: Viewer) -> Any:
    return room.database.read_now(lambda db: responses.to_own(db, person, room.checkin(checkin_id)))


def answered(room: Classroom) -> int:
    checkin_id = room.open("named")
    for student in room.students[:2]:
        room.answer(student, checkin_id, "calm")
    return checkin_id


def test_a_mark_and_a_reply_reach_the_one_who_answered_and_nobody_else(database: Database) -> None:
    room = classroom(database, 3)
    checkin_id = answered(room)
    gives(room, checkin_id, room.students[0], mark="heart")
    gives(room, checkin_id, room.students[0], reply="  See you\n on Monday. ")
    found = own(room, checkin_id, room.students[0])
    assert (found.mark, found.words, found.name, found.role) == ("heart", "See you\non Monday.", "Person t", "teacher")
    assert own(room, checkin_id, room.students[1]) is None
    newest = room.database.read_now(lambda db: responses.newest_to(db, room.students[0]))
    assert [row.checkin_id for row in newest] == [checkin_id]
    assert not room.database.read_now(lambda db: responses.newest_to(db, room.students[1]))


def test_the_same_mark_again_changes_nothing_an_empty_one_takes_it_away_and_an_empty_reply_too(
    database: Database,
) -> None:
    room = classroom(database, 2)
    checkin_id = answered(room)
    gives(room, checkin_id, room.students[0], mark="star")
    for _twice in range(2):
        gives(room, checkin_id, room.students[0], mark="leaf")
        assert own(room, checkin_id, room.students[0]).mark == "leaf"
    gives(room, checkin_id, room.students[0], reply="Well done")
    gives(room, checkin_id, room.students[0], mark="")
    assert (own(room, checkin_id, room.students[0]).mark, own(room, checkin_id, room.students[0]).words) == (
        "",
        "Well done",
    )
    gives(room, checkin_id, room.students[0], reply=" ")
    assert own(room, checkin_id, room.students[0]) is None


def test_a_field_that_nobody_wrote_in_takes_no_colleagues_reply_back_and_signs_none(database: Database) -> None:
    room = classroom(database, 3)
    checkin_id, colleague = answered(room), replace(room.students[2], role="teacher")
    gives(room, checkin_id, room.students[0], colleague, reply="Come and\nsee me.", kept="")
    gives(room, checkin_id, room.students[0], reply="", kept="")
    found = own(room, checkin_id, room.students[0])
    assert (found.words, found.name) == ("Come and\nsee me.", "Person 2")
    gives(room, checkin_id, room.students[0], reply="Come and\r\nsee me.", kept="Come and\r\nsee me.")
    assert own(room, checkin_id, room.students[0]).name == "Person 2"
    gives(room, checkin_id, room.students[0], reply="", kept="Come and\r\nsee me.")
    assert own(room, checkin_id, room.students[0]) is None
    gives(room, checkin_id, room.students[0], reply="Come and\r\nsee me.", kept="Come and\r\nsee me.")
    assert own(room, checkin_id, room.students[0]) is None


def test_words_take_the_place_of_no_reply_that_came_after_their_field_was_shown(database: Database) -> None:
    room = classroom(database, 3)
    checkin_id, colleague = answered(room), replace(room.students[2], role="teacher")
    gives(room, checkin_id, room.students[0], colleague, reply="Come.", kept="")
    for typed, shown in (("Stay.", ""), ("", "Go.")):
        with pytest.raises(FormRefused) as refusal:
            gives(room, checkin_id, room.students[0], reply=typed, kept=shown)
        assert refusal.value.errors == {"reply": "reply_changed"}
        assert own(room, checkin_id, room.students[0]).words == "Come."
    gives(room, checkin_id, room.students[0], reply="Come.", kept="")  # the same, sent twice
    gives(room, checkin_id, room.students[0], reply="Stay.", kept="Come.")
    assert own(room, checkin_id, room.students[0]).words == "Stay."
    gives(room, checkin_id, room.students[0], colleague, reply="", kept="Stay.")
    gives(room, checkin_id, room.students[0], reply="Stay here.", kept="Stay.")
    assert own(room, checkin_id, room.students[0]).words == "Stay here."


def test_an_anonymous_answer_cannot_be_answered(database: Database) -> None:
    room = classroom(database, 2)
    checkin_id = room.open("anonymous")
    room.answer(room.students[0], checkin_id, "calm")
    with pytest.raises(Refused, match="response_anonymous"):
        gives(room, checkin_id, room.students[0], mark="heart")
    with pytest.raises(Refused, match="response_anonymous"):
        room.database.read_now(lambda db: responses.of_checkin(db, room.teacher, checkin_id))
    assert own(room, checkin_id, room.students[0]) is None


def test_who_has_not_answered_is_not_answered(database: Database) -> None:
    room = classroom(database, 3)
    checkin_id = answered(room)
    with pytest.raises(Missing):
        gives(room, checkin_id, room.students[2], mark="heart")


@pytest.mark.parametrize(
    ("form", "field", "code"),
    [
        ({"mark": "frown"}, "mark", "choose"),
        ({"reply": "x" * 301}, "reply", "reply_too_long"),
        ({"reply": "a\x00b"}, "reply", "question_unprintable"),
    ],
)
def test_what_cannot_be_given_is_refused_at_its_field(
    database: Database, form: dict[str, str], field: str, code: str
) -> None:
    room = classroom(database, 2)
    checkin_id = answered(room)
    with pytest.raises(FormRefused) as refusal:
        gives(room, checkin_id, room.students[0], **form)
    assert refusal.value.errors == {field: code}
    assert own(room, checkin_id, room.students[0]) is None


@pytest.mark.parametrize("role", ["learner", "observer", "author", "none"])
def test_only_staff_respond(database: Database, role: str) -> None:
    room = classroom(database, 2)
    checkin_id = answered(room)
    other = replace(room.students[1], role=role)
    with pytest.raises(Refused, match="not_allowed"):
        gives(room, checkin_id, room.students[0], other, mark="heart")
    with pytest.raises(Refused, match="not_allowed"):
        room.database.read_now(lambda db: responses.of_checkin(db, other, checkin_id))


def test_nobody_responds_in_another_course(database: Database) -> None:
    room, other = classroom(database, 2), classroom(database, 1)
    checkin_id = answered(room)
    with pytest.raises(Missing):
        gives(room, checkin_id, room.students[0], other.teacher, mark="heart")
