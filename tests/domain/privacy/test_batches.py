from dataclasses import replace

import pytest
from cryptography.exceptions import InvalidTag
from sqlmodel import select

from reflect.domain.privacy.release import UNSAID
from reflect.domain.privacy.sealing import Sealer
from reflect.keyring import Keyring
from reflect.storage import answers
from reflect.storage.database import Database
from tests.classroom import Classroom, classroom

MIXED = ("calm", "happy", "tired", "calm", "sad")


def tally(room: Classroom, checkin_id: int) -> dict[str, int]:
    return room.database.read_now(lambda db: answers.tally(db, checkin_id))


def sealed(room: Classroom, checkin_id: int) -> int:
    return room.database.read_now(lambda db: answers.sealed_count(db, checkin_id))


def answer_all(room: Classroom, checkin_id: int, emotions: tuple[str, ...]) -> list[tuple[int, int]]:
    """How many answers lie sealed and how many are released, after each."""
    seen = []
    for student, emotion in zip(room.students, emotions, strict=False):
        room.answer(student, checkin_id, emotion)
        seen.append((sealed(room, checkin_id), sum(tally(room, checkin_id).values())))
    return seen


def test_a_step_is_released_with_its_kth_answer_and_leaves_no_seal(database: Database) -> None:
    room = classroom(database, 11)
    checkin_id = room.open(release="in_steps", k=5)
    seen = answer_all(room, checkin_id, MIXED * 2 + ("calm",))
    assert seen == [(1, 0), (2, 0), (3, 0), (4, 0), (0, 5), (1, 5), (2, 5), (3, 5), (4, 5), (0, 10), (1, 10)]
    assert tally(room, checkin_id) == {"calm": 4, "happy": 2, "tired": 2, "sad": 2}


def test_each_step_is_softened_by_itself(database: Database) -> None:
    room = classroom(database, 10)
    checkin_id = room.open(release="in_steps", k=5)
    answer_all(room, checkin_id, ("calm",) * 5 + MIXED)
    assert tally(room, checkin_id) == {"calm": 5, UNSAID: 2, "happy": 1, "tired": 1, "sad": 1}


def test_a_remainder_too_small_is_destroyed_at_the_close_and_only_its_number_is_told(database: Database) -> None:
    room = classroom(database, 7)
    checkin_id = room.open(release="in_steps", k=5)
    answer_all(room, checkin_id, (*MIXED, "bored", "bored"))
    room.close(checkin_id)
    assert sealed(room, checkin_id) == 0
    assert room.checkin(checkin_id).withheld == 2
    assert tally(room, checkin_id) == {"calm": 2, "happy": 1, "tired": 1, "sad": 1}
    found = room.for_staff(checkin_id)
    assert (found.answered, found.shown, found.waiting, found.withheld) == (7, 5, 0, 2)


def test_at_close_nothing_is_released_before(database: Database) -> None:
    room = classroom(database, 8)
    checkin_id = room.open(release="at_close", k=5)
    assert answer_all(room, checkin_id, ("calm",) * 8) == [(number, 0) for number in range(1, 9)]
    room.close(checkin_id)
    assert tally(room, checkin_id) == {"calm": 6, UNSAID: 2}
    assert sealed(room, checkin_id) == 0


@pytest.mark.parametrize(("given", "withheld", "released"), [(0, 0, 0), (1, 1, 0), (4, 4, 0), (5, 0, 5)])
def test_the_close_releases_k_and_destroys_fewer(database: Database, given: int, withheld: int, released: int) -> None:
    room = classroom(database, 5)
    checkin_id = room.open(k=5)
    answer_all(room, checkin_id, MIXED[:given])
    room.close(checkin_id)
    assert (room.checkin(checkin_id).withheld, sum(tally(room, checkin_id).values())) == (withheld, released)


def test_the_k_of_the_day_it_was_opened_stays(database: Database) -> None:
    room = classroom(database, 5)
    large, small = room.open(release="in_steps", k=5), room.open(release="in_steps", k=3)
    answer_all(room, large, MIXED[:4])
    answer_all(room, small, MIXED[:4])
    assert (sealed(room, large), sealed(room, small)) == (4, 1)


def test_what_is_released_carries_the_day_of_the_opening(database: Database) -> None:
    room = classroom(database, 3)
    checkin_id = room.open(release="in_steps", k=3)
    answer_all(room, checkin_id, MIXED[:3])
    opened_at = room.checkin(checkin_id).opened_at
    days = database.read_now(lambda db: {row.on_day for row in db.exec(select(answers.Tally)).all()})
    assert days == {opened_at.date()}


def test_a_changed_secret_refuses_the_release_and_loses_nothing(database: Database) -> None:
    room = classroom(database, 5)
    checkin_id = room.open(k=5)
    answer_all(room, checkin_id, MIXED)
    stranger = replace(room, sealer=Sealer(Keyring("another secret, just as long as the first one")))
    with pytest.raises(InvalidTag):
        stranger.close(checkin_id)
    assert sealed(room, checkin_id) == 5
    assert room.checkin(checkin_id).closed_at is None
    room.close(checkin_id)
    assert sum(tally(room, checkin_id).values()) == 5
