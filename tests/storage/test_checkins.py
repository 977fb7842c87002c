from datetime import timedelta

from sqlmodel import Session

from reflect.domain.checkins import Draft, prepare
from reflect.storage import checkins
from reflect.storage.database import Database
from tests.classroom import NOW, classroom


def test_a_checkin_is_found_with_every_column_or_not_at_all(database: Database) -> None:
    room = classroom(database, 0)
    checkin_id = room.open("anonymous", "in_steps", 4)
    found = database.read_now(lambda db: checkins.find(db, checkin_id))
    assert (found.id, found.course_id, found.release, found.min_group_size) == (
        checkin_id,
        room.course_id,
        "in_steps",
        4,
    )
    assert (bool(found.is_anonymous), found.opened_at, found.closed_at) == (True, NOW, None)
    assert database.read_now(lambda db: checkins.find(db, checkin_id + 1)) is None


def test_touching_raises_the_version_and_brings_the_row_as_it_is_now(database: Database) -> None:
    room = classroom(database, 0)
    checkin_id, other = room.open(), room.open()
    assert [database.write_now(lambda db: checkins.touch_open(db, checkin_id)).version for _ in range(2)] == [1, 2]
    assert room.checkin(other).version == 0


def test_jobs_of_one_transaction_raise_the_version_once(database: Database) -> None:
    room = classroom(database, 0)
    checkin_id, other = room.open(), room.open()
    twice = lambda db: [checkins.touch_open(db, it).id for it in (checkin_id, other, checkin_id)]  # noqa: E731
    assert database.write_now(twice) == [checkin_id, other, checkin_id]
    assert [room.checkin(it).version for it in (checkin_id, other)] == [1, 1]


def test_a_checkin_that_closes_takes_nothing_more_in_the_same_transaction(database: Database) -> None:
    room = classroom(database, 0)
    checkin_id = room.open()

    def work(db: Session) -> tuple[bool, bool]:
        before = checkins.touch_open(db, checkin_id) is not None
        checkins.set_closed(db, checkin_id, NOW, 0)
        return before, checkins.touch_open(db, checkin_id) is not None

    assert database.write_now(work) == (True, False)


def test_a_closed_checkin_cannot_be_touched(database: Database) -> None:
    room = classroom(database, 0)
    checkin_id = room.open()
    database.write_now(lambda db: checkins.set_closed(db, checkin_id, NOW, 2))
    assert database.write_now(lambda db: checkins.touch_open(db, checkin_id)) is None
    found = room.checkin(checkin_id)
    assert (found.closed_at, found.withheld, found.version) == (NOW, 2, 1)


def test_open_checkins_come_first_then_the_newest(database: Database) -> None:
    room, other = classroom(database, 0), classroom(database, 0)
    first, second, third, fourth = (room.open() for _ in range(4))
    other.open()
    for checkin_id in (second, fourth):
        room.close(checkin_id, NOW + timedelta(minutes=1))
    listed = database.read_now(lambda db: checkins.of_course(db, room.course_id))
    assert [row.id for row in listed] == [third, first, fourth, second]


def test_only_what_is_prepared_and_due_is_due(database: Database) -> None:
    room = classroom(database, 0)
    draft = Draft.read({"question": "Ready?"})
    due, later, by_hand = (database.write_now(lambda db: prepare(db, room.teacher, draft, 3, NOW)) for _ in range(3))
    already = room.open()
    for checkin_id, at in ((due, NOW), (later, NOW + timedelta(seconds=1)), (already, NOW)):
        database.write_now(lambda db, it=checkin_id, at=at: checkins.set_opening(db, it, at))  # type: ignore[misc]
    assert database.read_now(lambda db: checkins.due(db, NOW - timedelta(seconds=1))) == []
    assert [row.id for row in database.read_now(lambda db: checkins.due(db, NOW))] == [due]
    database.write_now(lambda db: checkins.set_opening(db, due, None))
    assert database.read_now(lambda db: checkins.due(db, NOW)) == []
    assert database.read_now(lambda db: checkins.due(db, NOW, already)) == []
    assert [room.checkin(it).opens_at for it in (due, by_hand, already)] == [None, None, None]
