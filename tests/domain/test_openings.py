"""Of a series never more than its newest occurrence opens by itself, though nothing was prepared before."""

from datetime import date, datetime, timedelta

import pytest
from sqlmodel import col, update

from reflect.domain import checkins, occurrences, openings, series
from reflect.domain.checkins import Draft
from reflect.storage import checkins as storage
from reflect.storage import occurrences as storage_of_occurrences
from reflect.storage.database import Database
from reflect.storage.series import Series
from tests.classroom import NOW, Classroom, classroom
from tests.domain.test_series import DAY, begun, opened, rows, tick
from tests.storage.processes import finish, start


def open_only(room: Classroom, now: datetime) -> int:
    """A round in which nothing could be prepared."""
    return room.database.write_now(lambda db: openings.open_due(db, 3, now))


def at(day: str) -> datetime:
    return datetime.fromisoformat(f"2026-09-{day}+00:00")


def missed(room: Classroom) -> list[date | None]:
    return [row.occurs_on for row in rows(room) if row.opening_fault == "missed" and row.archived_at is not None]


def days(first: int, last: int) -> list[date]:
    return [date(2026, 9, day) for day in range(first, last + 1)]


def change(room: Classroom, number: int, **columns: str) -> None:
    room.database.write_now(
        lambda db: db.exec(update(Series).where(col(Series.id) == number).values(**columns)) and None
    )


def move(room: Classroom, day: date, moment: datetime) -> int:
    """An occurrence gets a time of its own."""
    number = next(row.id for row in rows(room) if row.occurs_on == day) or 0
    room.database.write_now(lambda db: storage.set_opening(db, number, moment))
    return number


def test_after_days_in_which_nothing_ran_the_newest_alone_opens_though_nothing_could_be_prepared(
    database: Database,
) -> None:
    room = classroom(database, 2)
    begun(room)
    assert [open_only(room, at("12T12:00")) for _ in range(2)] == [1, 0]
    assert opened(room) == days(12, 12)
    assert missed(room) == days(8, 11)


def test_of_days_that_all_passed_none_opens_where_a_newer_one_was_never_prepared(database: Database) -> None:
    room = classroom(database, 2)
    begun(room)
    later = at("20T12:00")
    assert open_only(room, later) == 0
    assert missed(room) == days(8, 14)
    assert tick(room, later) == 1
    assert opened(room) == days(20, 20)


@pytest.mark.parametrize("zone", ["Nowhere/Gone", "", "../etc"])
def test_a_rule_that_cannot_be_read_lets_the_newest_open_and_no_more(database: Database, zone: str) -> None:
    room = classroom(database, 2)
    number = begun(room)
    change(room, number, zone=zone)
    assert open_only(room, at("12T12:00")) == 1
    assert (opened(room), missed(room)) == (days(12, 12), days(8, 11))
    assert open_only(room, at("13T12:00")) == 1
    assert opened(room) == days(12, 13)


def test_each_opens_in_a_transaction_of_its_own_and_still_only_the_newest(database: Database) -> None:
    room = classroom(database, 2)
    change(room, begun(room), zone="Nowhere/Gone")
    later = at("12T12:00")
    due = database.read_now(lambda db: [row.id for row in storage.due(db, later)])
    newest_first = [database.write_now(lambda db, it=it: openings.open_due(db, 3, later, it)) for it in reversed(due)]  # type: ignore[misc]
    assert newest_first == [1, 0, 0, 0, 0]
    assert (opened(room), missed(room)) == (days(12, 12), days(8, 11))


def test_of_a_series_that_is_over_the_last_one_opens_late(database: Database) -> None:
    room = classroom(database, 2)
    begun(room, ends="until", until_on="2026-09-12")
    assert tick(room, at("12T12:00") + 60 * DAY) == 1
    assert (opened(room), missed(room)) == (days(12, 12), days(8, 11))


def test_of_a_series_that_is_long_over_nothing_opens(database: Database) -> None:
    room = classroom(database, 2)
    begun(room, ends="until", until_on="2026-09-12")
    assert [tick(room, datetime.fromisoformat("2027-01-20T12:00:00+00:00")) for _ in range(2)] == [0, 0]
    assert (opened(room), missed(room)) == ([], days(8, 12))


def test_what_is_planned_by_itself_opens_however_late(database: Database) -> None:
    room = classroom(database, 2)
    draft = Draft.read({"question": "Ready?"})
    for place in range(2):
        number = database.write_now(lambda db: checkins.prepare(db, room.teacher, draft, 3, NOW))
        database.write_now(lambda db, it=number, at=NOW + place * DAY: storage.set_opening(db, it, at))  # type: ignore[misc]
    assert open_only(room, NOW + 200 * DAY) == 2


@pytest.mark.parametrize(
    ("day", "moment"),
    [
        (9, "09T06:30"),  # half an hour before its time
        (10, "09T20:00"),  # the evening before
        (9, "11T12:00"),  # after the next two
    ],
)
def test_an_occurrence_with_a_time_of_its_own_opens_then(database: Database, day: int, moment: str) -> None:
    room = classroom(database, 2)
    begun(room)
    number = move(room, date(2026, 9, day), at(moment))
    for other in ("08", "09", "10", "11"):
        if at(f"{other}T07:00") < at(moment):
            tick(room, at(f"{other}T07:00"))
    assert room.checkin(number).opened_at is None
    assert tick(room, at(moment)) == 1
    assert room.checkin(number).opened_at == at(moment)


def test_what_fell_into_a_pause_is_put_away_when_the_series_goes_on(database: Database) -> None:
    room = classroom(database, 2)
    number = begun(room)
    database.write_now(lambda db: series.pause(db, room.teacher, number, NOW))
    assert tick(room, at("10T12:00")) == 0
    assert missed(room) == []
    database.write_now(lambda db: series.resume(db, room.teacher, number, 3, at("10T12:00")))
    assert missed(room) == days(8, 10)
    assert open_only(room, at("11T12:00")) == 1
    assert opened(room) == days(11, 11)


def test_one_that_was_put_away_or_opened_meanwhile_stays_as_it_is(database: Database) -> None:
    room = classroom(database, 2)
    begun(room)
    first, second = (row.id or 0 for row in rows(room)[:2])
    assert open_only(room, at("08T08:00")) == 1
    later = at("09T08:00")
    database.write_now(lambda db: storage_of_occurrences.put_away(db, first, "missed", later))
    database.write_now(lambda db: storage_of_occurrences.put_away(db, second, "missed", at("09T06:00")))
    assert missed(room) == []
    database.write_now(lambda db: storage_of_occurrences.put_away(db, second, "missed", later))
    assert database.write_now(lambda db: storage.set_open(db, second, 3, later)) is False
    assert (opened(room), missed(room)) == (days(8, 8), days(9, 9))


def test_many_workers_open_the_newest_once(database: Database, database_url: str) -> None:
    room = classroom(database, 2)
    change(room, begun(room), zone="Nowhere/Gone")
    workers = [start("open_in_time", database_url, at("12T12:00").isoformat()) for _ in range(2)]
    assert sum(int(finish(worker)) for worker in workers) == 1
    assert (opened(room), missed(room)) == (days(12, 12), days(8, 11))


def test_one_series_that_cannot_be_read_is_told_and_the_others_are_prepared(database: Database) -> None:
    room = classroom(database, 2)
    broken, whole = begun(room), begun(room)
    change(room, broken, zone="Nowhere/Gone")
    later = NOW + timedelta(days=3)
    assert database.read_now(lambda db: occurrences.to_make(db, later)) == [broken, whole]
