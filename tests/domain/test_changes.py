from dataclasses import replace
from datetime import datetime, timedelta
from typing import Any

import pytest

from reflect.domain import changes
from reflect.domain.refusals import FormRefused, Refused
from reflect.domain.sessions import Viewer
from reflect.storage.database import Database
from tests.classroom import NOW, Classroom, classroom


def tells(room: Classroom, checkin_id: int, words: str, by: Viewer | None = None, now: datetime = NOW) -> None:
    room.database.write_now(lambda db: changes.tell(db, by or room.teacher, checkin_id, {"change": words}, now))


def newest(room: Classroom, viewer: Viewer, now: datetime = NOW) -> Any:
    return room.database.read_now(lambda db: changes.newest(db, viewer, now))


def closed(room: Classroom, **fields: Any) -> int:
    checkin_id = room.open("named", shared_with_class=False, **fields)
    room.close(checkin_id)
    return checkin_id


def test_the_class_is_told_the_newest_change(database: Database) -> None:
    room = classroom(database, 1)
    assert newest(room, room.students[0]) is None
    first, second = closed(room), closed(room)
    tells(room, first, "More time.")
    tells(room, second, "Less noise.", now=NOW + timedelta(hours=1))
    change, checkin = newest(room, room.students[0], NOW + timedelta(hours=2))
    assert (change.words, checkin.id, change.name) == ("Less noise.", second, "Person t")


def test_no_words_take_back_what_was_said(database: Database) -> None:
    room = classroom(database, 1)
    checkin_id = closed(room)
    tells(room, checkin_id, "More time.")
    tells(room, checkin_id, "  ")
    assert newest(room, room.students[0]) is None


def test_after_a_month_it_is_no_news(database: Database) -> None:
    room = classroom(database, 1)
    tells(room, closed(room), "More time.")
    assert newest(room, room.students[0], NOW + timedelta(days=29))
    assert newest(room, room.students[0], NOW + timedelta(days=30)) is None


def test_who_was_not_asked_is_not_told(database: Database) -> None:
    room = classroom(database, 4)
    group = room.group("1", *room.students[:3])
    tells(room, closed(room, groups=[group]), "More time.")
    assert newest(room, room.students[0])
    assert newest(room, room.students[3]) is None


def test_while_it_is_open_nothing_can_be_told(database: Database) -> None:
    room = classroom(database, 1)
    with pytest.raises(Refused, match="checkin_open"):
        tells(room, room.open("named"), "More time.")


def test_what_is_too_long_is_refused(database: Database) -> None:
    room = classroom(database, 1)
    checkin_id = closed(room)
    with pytest.raises(FormRefused) as refusal:
        tells(room, checkin_id, "x" * 501)
    assert refusal.value.errors == {"change": "change_too_long"}


@pytest.mark.parametrize("role", ["learner", "observer", "author", "none"])
def test_only_staff_tell(database: Database, role: str) -> None:
    room = classroom(database, 1)
    checkin_id = closed(room)
    with pytest.raises(Refused, match="not_allowed"):
        tells(room, checkin_id, "More time.", replace(room.students[0], role=role))
