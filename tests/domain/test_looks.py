from collections.abc import Iterator, Sequence
from dataclasses import replace
from datetime import datetime, timedelta
from itertools import cycle, islice

import pytest
from sqlmodel import Session, col, select

from reflect.domain import lifecycle, looks, sessions
from reflect.domain.looks import USED_AGAIN_AFTER, Look
from reflect.domain.sessions import IDLE, Stay
from reflect.storage.checkins import Checkin
from reflect.storage.database import Database
from reflect.storage.registrations import Registration
from tests.classroom import NOW, Classroom, classroom

MOMENT = timedelta(microseconds=1)


def token_of(room: Classroom, role: str = "teacher", **changes: object) -> str:
    stay = Stay(room.teacher.person_id, room.course_id, role, False, "de", "https://campus.example")
    return room.database.write_now(lambda db: sessions.begin(db, replace(stay, **changes), NOW))[1]  # type: ignore[arg-type]


def seen(database: Database, *asked: tuple[str, int], now: datetime = NOW) -> Sequence[tuple[str, int, int] | None]:
    """For each token and check-in the role of whoever looks, and the check-in's id and version."""
    wanted = [Look(token, checkin_id, now) for token, checkin_id in asked]
    found = database.read_now(lambda db: looks.at_each(db, wanted))
    return [one and (one[0].role, one[1].id, one[1].version) for one in found]


def test_staff_who_look_hear_the_version_which_each_answer_raises(database: Database) -> None:
    room = classroom(database, 1)
    checkin_id, token = room.open(), token_of(room)
    before = seen(database, (token, checkin_id))
    assert before == [("teacher", checkin_id, 0)]
    room.answer(room.students[0], checkin_id, "calm")
    assert seen(database, (token, checkin_id)) == [("teacher", checkin_id, 1)]


@pytest.mark.parametrize("role", ["author", "learner", "observer", "none"])
def test_who_may_not_see_results_hears_nothing_of_their_version(database: Database, role: str) -> None:
    room = classroom(database, 0)
    assert seen(database, (token_of(room, role), room.open())) == [None]


def test_a_session_must_be_there_and_open_something(database: Database) -> None:
    room = classroom(database, 0)
    checkin_id = room.open()
    asked = (("unknown", checkin_id), ("", checkin_id), (token_of(room, awaits_sign_in=True), checkin_id))
    assert seen(database, *asked) == [None, None, None]
    assert seen(database, (token_of(room), checkin_id), now=NOW + IDLE) == [None]


def test_where_the_use_of_a_session_is_to_be_written_down_looking_alone_does_not_do(database: Database) -> None:
    room = classroom(database, 0)
    checkin_id, token = room.open(), token_of(room)
    assert seen(database, (token, checkin_id), now=NOW + USED_AGAIN_AFTER - MOMENT) != [None]
    assert seen(database, (token, checkin_id), now=NOW + USED_AGAIN_AFTER) == [None]


def test_a_deleted_check_in_and_a_platform_that_is_shut_out_are_not_there(database: Database) -> None:
    room = classroom(database, 0)
    one, other, token = room.open(), room.open(), token_of(room)
    database.write_now(lambda db: lifecycle.remove(db, room.teacher, one, NOW))
    assert seen(database, (token, one), (token, other)) == [None, ("teacher", other, 0)]

    def shut_out(db: Session) -> None:
        for row in db.exec(select(Registration)):
            row.is_enabled = False

    database.write_now(shut_out)
    assert seen(database, (token, other)) == [None]


def test_of_many_who_look_at_once_each_hears_of_their_own(database: Database) -> None:
    rooms = [classroom(database, 0) for _ in range(2)]
    places = [(token_of(room), room.open()) for room in rooms for _ in range(12)]

    def versions(db: Session) -> None:
        for number, row in enumerate(db.exec(select(Checkin).order_by(col(Checkin.id)))):
            row.version = number + 1

    database.write_now(versions)
    of_each: Iterator[int] = iter(range(1, 25))
    right = [("teacher", checkin_id, next(of_each)) for _, checkin_id in places]
    assert seen(database, *places) == right
    foreign = [(token, places[(at + 12) % 24][1]) for at, (token, _) in enumerate(places)]
    # Every other look is at the other course's.
    mixed = [one for pair in zip(places, foreign, strict=True) for one in pair]
    assert seen(database, *mixed) == [found for one in right for found in (one, None)]
    assert seen(database, *islice(cycle(places[:3]), 40)) == list(islice(cycle(right[:3]), 40))
    assert seen(database) == []
