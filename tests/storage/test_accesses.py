"""Looks at named answers: many are noted as cheaply as one."""

from datetime import timedelta

import pytest
from sqlmodel import select

from reflect.storage import accesses
from reflect.storage.accesses import Access
from reflect.storage.database import Database
from tests.classroom import NOW, classroom
from tests.statements import counting


def test_a_look_is_noted_once_an_hour_for_each_named_checkin(database: Database) -> None:
    room = classroom(database, 3)
    one, hidden, two = (room.open(kind, question=f"{kind} {n}?") for n, kind in enumerate(("named", "anonymous", "named")))  # fmt: skip
    teacher, later = room.teacher.person_id, NOW + timedelta(hours=1)
    database.write_now(lambda db: accesses.note_each(db, [one], teacher, NOW))
    for _ in range(2):
        database.write_now(lambda db: accesses.note_each(db, [two, hidden, one, two, 999], teacher, NOW))
    database.write_now(lambda db: accesses.note_each(db, [two], teacher, later))
    database.write_now(lambda db: accesses.note_each(db, [], teacher, later))
    rows = database.read_now(lambda db: db.exec(select(Access)).all())
    assert sorted((row.checkin_id, row.reader_id, row.hour) for row in rows) == [
        (one, teacher, NOW),
        (two, teacher, NOW),
        (two, teacher, later),
    ]


@pytest.mark.parametrize("many", [1, 12])
def test_many_are_noted_by_one_statement(database: Database, monkeypatch: pytest.MonkeyPatch, many: int) -> None:
    room = classroom(database, 3)
    ids = [room.open("named", question=f"{number}?") for number in range(many)]
    with counting(database, monkeypatch) as sent:
        database.write_now(lambda db: accesses.note_each(db, ids, room.teacher.person_id, NOW))
    assert len(sent) == 1
