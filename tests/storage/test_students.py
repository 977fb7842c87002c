"""What a course's page about students reads: of that course only, of named answers only, however many students it has."""

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import timedelta
from typing import Any

import pytest
from sqlalchemy import text
from sqlmodel import Session

from reflect.domain import prompts as domain_prompts
from reflect.domain import reminders
from reflect.storage import follow_ups, prompts, students
from reflect.storage.database import Database
from reflect.storage.prepared import Prepared
from reflect.storage.students import StudentAccess
from tests.classroom import NOW, Classroom, classroom, enrolled

DAY = timedelta(days=1)


@pytest.fixture
def room(database: Database) -> Classroom:
    return classroom(database, 3)


def test_a_students_list_is_of_active_students_by_name(room: Classroom) -> None:
    room.database.write_now(lambda db: enrolled(db, 1, room.course_id, "a test", "learner"))
    room.database.write_now(
        lambda db: db.connection().execute(
            text("UPDATE enrolment SET is_test_user = true WHERE person_id = (SELECT max(id) FROM person)")
        )
    )
    room.database.write_now(lambda db: enrolled(db, 1, room.course_id, "x", "observer"))
    rows = room.database.read_now(lambda db: students.of_course(db, room.course_id))
    assert [row.name for row in rows] == ["Person 0", "Person 1", "Person 2"]


def test_recent_answers_are_named_ones_of_that_course_oldest_first(room: Classroom) -> None:
    other = classroom(room.database, 2)
    elsewhere = other.open("named", now=NOW - DAY)
    other.answer(other.students[0], elsewhere, "sad", NOW - DAY)
    hidden = room.open("anonymous", now=NOW - DAY)
    room.answer(room.students[0], hidden, "sad", NOW - DAY)
    for ago, student, choice in ((3, 0, "calm"), (9, 0, "sad"), (2, 1, "happy"), (1, 0, "sad")):
        room.answer(room.students[student], room.open("named", question=f"{ago}?", now=NOW - ago * DAY), choice,
                    NOW - ago * DAY)  # fmt: skip
    rows = room.database.read_now(lambda db: students.recent(db, room.course_id, NOW - 5 * DAY, 9))
    assert [(row.person_id, row.choice, row.answered_at) for row in rows] == [
        (room.students[0].person_id, "calm", NOW - 3 * DAY),
        (room.students[1].person_id, "happy", NOW - 2 * DAY),
        (room.students[0].person_id, "sad", NOW - DAY),
    ]
    newest = room.database.read_now(lambda db: students.recent(db, room.course_id, NOW - 20 * DAY, 1))
    assert [(row.person_id, row.choice) for row in newest] == [
        (room.students[1].person_id, "happy"),
        (room.students[0].person_id, "sad"),
    ]
    last = room.database.read_now(lambda db: students.last_answered(db, room.course_id))
    assert last == {room.students[0].person_id: NOW - DAY, room.students[1].person_id: NOW - 2 * DAY}


def test_a_look_is_noted_once_an_hour_for_each_kind(room: Classroom) -> None:
    teacher, student = room.teacher.person_id, room.students[0].person_id

    def work(db: Session) -> list[tuple[object, str, str]]:
        for hours, kind in ((0, "page"), (0, "page"), (1, "page"), (0, "prompt")):
            students.note(db, room.course_id, student, teacher, NOW + timedelta(hours=hours), kind)
        rows = students.looked_at(db, room.course_id, student)
        assert students.looked_at(db, room.course_id, teacher) == []
        return [(row.hour, row.kind, row.name) for row in rows]

    assert room.database.write_now(work) == [
        (NOW + timedelta(hours=1), "page", "Person t"),
        (NOW, "page", "Person t"),
        (NOW, "prompt", "Person t"),
    ]
    assert StudentAccess.__table__.dialect_options["sqlite"]["with_rowid"] is False  # type: ignore[attr-defined]


STATEMENTS = {
    f"{module.__name__.rpartition('.')[2]}.{name}": statement
    for module in (students, follow_ups, prompts)
    for name, statement in vars(module).items()
    if isinstance(statement, Prepared) and name not in {"_NOTE", "_REMIND"}
}
"""All reads."""


OF_ITSELF = ("SCAN newest", "SCAN (subquery")
"""Going through what has been found already."""


@pytest.mark.parametrize("backend", ["sqlite"], indirect=True)
@pytest.mark.parametrize("name", STATEMENTS)
def test_every_read_goes_in_by_an_index(room: Classroom, name: str) -> None:
    values = {"course_id": 1, "person_id": 1, "student_id": 1, "author_id": 1, "adult_id": 1}
    values |= {"since": NOW, "today": NOW.date(), "most": 9}

    def plan(db: Session) -> list[str]:
        STATEMENTS[name].all(db, **values)
        sql = STATEMENTS[name]._compiled["sqlite"].sql
        count = sql.count("?")
        rows = db.connection().exec_driver_sql(f"EXPLAIN QUERY PLAN {sql}", ("1",) * count)
        return [row[3] for row in rows]

    steps = room.database.read_now(plan)
    assert steps and not [step for step in steps if step.startswith("SCAN") and not step.startswith(OF_ITSELF)], steps


@contextmanager
def counting(database: Database, monkeypatch: pytest.MonkeyPatch) -> Iterator[list[Prepared]]:
    """Which prepared statements run on a database."""
    ran: list[Prepared] = []
    execute = Prepared._execute

    def noting(self: Prepared, db: Session, values: dict[str, Any]) -> Any:
        if db.get_bind().engine.url == database.engine.url:
            ran.append(self)
        return execute(self, db, values)

    with monkeypatch.context() as patch:
        patch.setattr(Prepared, "_execute", noting)
        yield ran


def test_a_list_of_many_takes_as_many_reads_as_one_of_few(database: Database, monkeypatch: pytest.MonkeyPatch) -> None:
    reads = []
    for size in (4, 12):
        room = classroom(database, size)
        rules = reminders.read({"unpleasant": "on", "lower": "on", "silent": "on"})
        database.write_now(lambda db, room=room, rules=rules: reminders.choose(db, room.teacher, rules))  # type: ignore[misc]
        group = room.group("g", *room.students)
        for ago in range(1, 6):
            checkin_id = room.open("named", question=f"{ago}?", now=NOW - ago * DAY, groups=(group,))
            for student in room.students:
                room.answer(student, checkin_id, "sad", NOW - ago * DAY)
        with counting(database, monkeypatch) as ran:
            found = database.read_now(lambda db, room=room: domain_prompts.of(db, room.teacher, NOW))  # type: ignore[misc]
        assert len(found.asking) == size
        reads.append(len(ran))
    assert 0 < reads[0] == reads[1] <= 9
