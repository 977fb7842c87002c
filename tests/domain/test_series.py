"""Occurrences are made ahead, once, and open one at a time."""

from datetime import date, datetime, timedelta

import pytest
from sqlmodel import Session, col, select

from reflect.domain import lifecycle, occurrences, openings, series
from reflect.domain.privacy import retention
from reflect.domain.refusals import FormRefused, Missing, Refused
from reflect.domain.schedules import Schedule
from reflect.storage.checkins import Checkin
from reflect.storage.database import Database
from reflect.storage.series import Series
from tests.classroom import NOW, SEALER, Classroom, classroom
from tests.storage.processes import finish, start

DAY = timedelta(days=1)
FIRST = {"when": "repeat", "opens_on": "2026-09-08T08:00", "clock_zone": "Europe/London", "frequency": "daily"}


def begun(room: Classroom, now: datetime = NOW, **fields: str) -> int:
    form = {"question": "How are you?", "anonymity": "named", **FIRST, **fields}
    return room.database.write_now(lambda db: series.begin(db, room.teacher, form, Schedule.read(form), 3, now))


def tick(room: Classroom, now: datetime) -> int:
    """One round of the background's work."""

    def work(db: Session) -> int:
        occurrences.make_all(db, 3, now)
        opened = openings.open_due(db, 3, now)
        lifecycle.close_due(db, SEALER, now)
        return opened

    return room.database.write_now(work)


def rows(room: Classroom) -> list[Checkin]:
    made = select(Checkin).where(col(Checkin.course_id) == room.course_id).order_by(col(Checkin.occurs_on))
    return room.database.read_now(lambda db: list(db.exec(made).all()))


def opened(room: Classroom) -> list[date | None]:
    return [row.occurs_on for row in rows(room) if row.opened_at is not None]


def test_a_week_is_prepared_ahead_and_nothing_is_open(database: Database) -> None:
    room = classroom(database, 2)
    begun(room)
    assert [row.occurs_on for row in rows(room)] == [date(2026, 9, day) for day in range(8, 15)]
    assert opened(room) == []


def test_making_twice_makes_nothing_more(database: Database) -> None:
    room = classroom(database, 2)
    begun(room)
    before = [row.id for row in rows(room)]
    tick(room, NOW)
    assert [row.id for row in rows(room)] == before
    assert database.read_now(lambda db: occurrences.to_make(db, NOW)) == []


def test_each_opens_when_its_time_has_come_and_closes_after_it(database: Database) -> None:
    room = classroom(database, 2)
    begun(room, closes_after="2", closes_unit="hours")
    assert tick(room, datetime.fromisoformat("2026-09-08T06:59:59+00:00")) == 0
    assert tick(room, datetime.fromisoformat("2026-09-08T07:00:00+00:00")) == 1
    assert tick(room, datetime.fromisoformat("2026-09-08T09:00:00+00:00")) == 0
    assert rows(room)[0].closed_at is not None


def test_after_a_long_time_in_which_nothing_ran_only_the_current_one_opens(database: Database) -> None:
    room = classroom(database, 2)
    begun(room)
    later = datetime.fromisoformat("2026-09-20T12:00:00+00:00")
    assert tick(room, later) == 1
    assert opened(room) == [date(2026, 9, 20)]
    missed = [row for row in rows(room) if row.occurs_on is not None and row.occurs_on < date(2026, 9, 20)]
    assert missed and all(row.opening_fault == "missed" and row.archived_at for row in missed)


def test_one_whose_time_is_over_does_not_open_after_all(database: Database) -> None:
    room = classroom(database, 2)
    begun(room, closes_after="1", closes_unit="hours")
    assert tick(room, datetime.fromisoformat("2026-09-09T12:00:00+00:00")) == 0
    assert opened(room) == []


def test_while_it_is_paused_nothing_opens_and_nothing_is_made_up_for(database: Database) -> None:
    room = classroom(database, 2)
    number = begun(room)
    database.write_now(lambda db: series.pause(db, room.teacher, number, NOW))
    assert tick(room, NOW + 3 * DAY) == 0
    database.write_now(lambda db: series.resume(db, room.teacher, number, 3, NOW + 3 * DAY))
    assert tick(room, NOW + 3 * DAY) == 0
    assert tick(room, NOW + 4 * DAY) == 1


def test_ending_takes_back_what_was_not_open(database: Database) -> None:
    room = classroom(database, 2)
    number = begun(room)
    tick(room, NOW + DAY)
    database.write_now(lambda db: series.end(db, room.teacher, number, NOW + DAY))
    assert [row.occurs_on for row in rows(room)] == [date(2026, 9, 8)]
    assert tick(room, NOW + 2 * DAY) == 0
    with pytest.raises(Missing):
        database.read_now(lambda db: series.of(db, room.teacher, number))


def changed(room: Classroom, number: int, now: datetime = NOW, **fields: str) -> int:
    form = {"question": "Changed?", "anonymity": "named", **FIRST, **fields}
    return room.database.write_now(lambda db: series.edit(db, room.teacher, number, form, Schedule.read(form), 3, now))


def test_this_and_all_following_change_and_what_was_before_stays(database: Database) -> None:
    room = classroom(database, 2)
    number = begun(room)
    assert changed(room, number, opens_on="2026-09-11T09:00") != number
    found = [(row.occurs_on and row.occurs_on.day, row.question) for row in rows(room)]
    assert found == [(day, "How are you?" if day < 11 else "Changed?") for day in range(8, 15)]


@pytest.mark.parametrize("from_day", ["2026-09-08T09:00", "2026-09-11T09:00"])
def test_a_paused_series_that_is_changed_stays_paused(database: Database, from_day: str) -> None:
    room = classroom(database, 2)
    number = begun(room)
    database.write_now(lambda db: series.pause(db, room.teacher, number, NOW))
    number = changed(room, number, opens_on=from_day)
    assert tick(room, NOW + 6 * DAY) == 0
    database.write_now(lambda db: series.resume(db, room.teacher, number, 3, NOW + 6 * DAY))
    assert tick(room, NOW + 7 * DAY) == 1


def test_from_the_next_one_on_the_series_itself_changes(database: Database) -> None:
    room = classroom(database, 2)
    number = begun(room)
    assert changed(room, number, frequency="every", every="3") == number
    assert [(row.occurs_on, row.question) for row in rows(room)] == [
        (date(2026, 9, day), "Changed?") for day in (8, 11, 14)
    ]


def test_an_occurrence_that_is_deleted_is_not_made_again_unless_that_is_undone(database: Database) -> None:
    room = classroom(database, 2)
    begun(room)
    gone = rows(room)[0].id or 0
    database.write_now(lambda db: lifecycle.remove(db, room.teacher, gone, NOW))
    assert database.read_now(lambda db: db.exec(select(Series)).one().skips) == "2026-09-08"
    database.write_now(lambda db: retention.destroy_deleted(db, NOW + lifecycle.UNDO))
    tick(room, NOW + timedelta(hours=1))
    assert date(2026, 9, 8) not in [row.occurs_on for row in rows(room)]
    again = rows(room)[0].id or 0
    database.write_now(lambda db: lifecycle.remove(db, room.teacher, again, NOW))
    database.write_now(lambda db: lifecycle.bring_back(db, room.teacher, again, NOW))
    assert database.read_now(lambda db: db.exec(select(Series)).one().skips) == "2026-09-08"


def test_an_occurrence_that_would_single_somebody_out_stays_shut_and_says_why(database: Database) -> None:
    room = classroom(database, 4)
    few = room.group("few", *room.students[:3])
    begun(room, anonymity="anonymous", **{f"group-{few}": "yes"})
    room.open("anonymous", question="How are you?", now=NOW + DAY - timedelta(hours=2))
    assert tick(room, NOW + DAY) == 0
    assert [row.opening_fault for row in rows(room) if row.occurs_on == date(2026, 9, 8)] == ["groups_overlap"]


def test_a_series_without_a_day_to_come_is_refused(database: Database) -> None:
    room = classroom(database, 1)
    with pytest.raises(FormRefused) as refused:
        begun(room, ends="until", until_on="2026-09-08", now=NOW + 5 * DAY)
    assert refused.value.errors == {"opens_on": "never"}


@pytest.mark.parametrize("role", ["learner", "observer", "none"])
def test_a_series_is_for_staff(database: Database, role: str) -> None:
    room = classroom(database, 1)
    number = begun(room)
    student = room.students[0]
    for verb in (
        lambda db: series.of_course(db, student),
        lambda db: series.pause(db, student, number, NOW),
        lambda db: series.resume(db, student, number, 3, NOW),
        lambda db: series.end(db, student, number, NOW),
    ):
        with pytest.raises(Refused, match="not_allowed"):
            database.write_now(verb)


def test_a_series_of_another_course_does_not_exist(database: Database) -> None:
    room, other = classroom(database, 1), classroom(database, 1)
    number = begun(room)
    with pytest.raises(Missing):
        database.write_now(lambda db: series.end(db, other.teacher, number, NOW))


def test_many_workers_make_and_open_each_occurrence_once(database: Database, database_url: str) -> None:
    room = classroom(database, 2)
    begun(room)
    later = NOW + 30 * DAY
    workers = [start("keep_time", database_url, later.isoformat()) for _ in range(2)]
    opened_by = [int(finish(worker)) for worker in workers]
    assert sum(opened_by) == 1
    days = [row.occurs_on for row in rows(room)]
    assert len(days) == len(set(days))
    assert opened(room) == [date(2026, 10, 7)]
