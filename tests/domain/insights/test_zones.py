"""Days are the course's own, wherever it is: about midnight the calendar, the list and what is due agree."""

from datetime import UTC, date, datetime

import pytest

from reflect.domain import follow_ups, reflections, students
from reflect.domain.follow_ups import Words
from reflect.domain.insights import zones
from reflect.storage.database import Database
from reflect.storage.support import ONLY, Support
from tests.classroom import NOW, Classroom, classroom

BEFORE, AFTER = date(2026, 9, 7), date(2026, 9, 8)
MIDNIGHTS = {
    "America/Los_Angeles": (datetime(2026, 9, 8, 6, 59, tzinfo=UTC), datetime(2026, 9, 8, 7, 0, tzinfo=UTC)),
    "Australia/Sydney": (datetime(2026, 9, 7, 13, 59, tzinfo=UTC), datetime(2026, 9, 7, 14, 0, tzinfo=UTC)),
}


def room_in(database: Database, zone: str) -> Classroom:
    room = classroom(database, 2)
    database.write_now(lambda db: db.merge(Support(id=ONLY, zone=zone)))
    return room


@pytest.mark.parametrize("zone", MIDNIGHTS)
def test_an_answer_before_midnight_is_of_that_day_and_one_after_it_of_the_next(database: Database, zone: str) -> None:
    room = room_in(database, zone)
    student, days = room.students[0], []
    for moment in MIDNIGHTS[zone]:
        room.answer(student, room.open("named", question=f"{moment}?", now=moment), "calm", moment)
        [listed, _] = database.read_now(lambda db: students.of_course(db, room.teacher))
        days.append(listed.last_answered_on)
    assert days == [BEFORE, AFTER]
    followed = database.read_now(lambda db: students.follow(db, room.teacher, student.person_id, NOW))
    own = database.read_now(lambda db: reflections.days_of(db, room.course_id, reflections.own(db, student).named))
    assert list(followed.answered_on.values()) == list(own.values()) == [BEFORE, AFTER]


@pytest.mark.parametrize("zone", MIDNIGHTS)
def test_a_note_is_due_from_the_courses_midnight_on(database: Database, zone: str) -> None:
    room = room_in(database, zone)
    one = room.students[0].person_id
    database.write_now(lambda db: follow_ups.write(db, room.teacher, one, Words("Ask again.", AFTER), NOW))
    for moment, today in zip(MIDNIGHTS[zone], (BEFORE, AFTER), strict=True):
        due = database.read_now(lambda db, moment=moment: follow_ups.due(db, room.teacher, moment))  # type: ignore[misc]
        assert len(due) == (today == AFTER)
        page = database.read_now(lambda db, moment=moment: students.follow(db, room.teacher, one, moment))  # type: ignore[misc]
        assert page.today == today


def test_where_nobody_said_a_zone_days_are_those_of_utc(database: Database) -> None:
    room = classroom(database, 1)
    found = database.read_now(lambda db: zones.day_in_course(db, room.course_id, NOW))
    assert found == NOW.date()
