from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from datetime import date, timedelta
from threading import Barrier

import pytest
from sqlmodel import Session, select

from reflect.domain import checkins, lifecycle, persons, reflections, weeks
from reflect.domain.insights.feelings import Band
from reflect.domain.privacy import retention
from reflect.domain.privacy.retention import purge
from reflect.storage import weeks as storage
from reflect.storage.courses import Course
from reflect.storage.database import Database
from reflect.storage.weeks import FIGURES, SiteWeek
from tests.classroom import NOW, Classroom
from tests.domain.school import LATER, LEADER, MUCH_LATER, School, school

DAY = timedelta(days=1)
MIXED = ("calm", "happy", "tired", "sad", "lonely", "calm", "tired")


def answered(room: Classroom, anonymity: str = "named", k: int = 3, **fields: str) -> int:
    """A closed check-in that the whole course has answered."""
    checkin_id = room.open(anonymity, k=k, **fields)
    for student, choice in zip(room.students, MIXED, strict=False):
        room.answer(student, checkin_id, choice)
    room.close(checkin_id)
    return checkin_id


def assert_sums_hold(found: School) -> None:
    """The institution's weeks are the sum of the courses' weeks."""

    def work(db: Session) -> tuple[list[tuple[object, ...]], list[tuple[object, ...]]]:
        kept = [
            (row.registration_id, row.week_on, row.courses, *(getattr(row, name) for name in FIGURES))
            for row in db.exec(select(SiteWeek).order_by(SiteWeek.registration_id, SiteWeek.week_on))
        ]
        return kept, [tuple(row) for row in storage.recounted(db)]

    kept, recounted = found.database.read_now(work)
    assert kept == recounted


def test_a_week_is_published_once_it_has_settled_and_only_once(database: Database) -> None:
    found = school(database, [6])
    answered(found.rooms[0])
    assert found.publish(now=LATER - DAY) == 0
    assert found.publish() == 1
    assert found.publish() == found.publish(now=MUCH_LATER) == 0
    (week,) = found.site()
    assert (week.week_on, week.courses, week.people, week.students) == (NOW.date(), 1, 6, 6)
    assert dict(week.bands) == {Band.PLEASANT: 3, Band.BETWEEN: 0, Band.UNPLEASANT: 3}
    assert week.unsaid == 0
    assert_sums_hold(found)


def test_each_person_counts_once_with_their_mean_by_name_and_once_for_each_anonymous_checkin(
    database: Database,
) -> None:
    found = school(database, [6])
    for _ in range(3):
        answered(found.rooms[0])
    answered(found.rooms[0], "anonymous")
    answered(found.rooms[0], "anonymous")
    assert found.publish() == 1
    (week,) = found.site()
    assert week.people == 6
    assert week.answers == 6 + 6 + 6


@pytest.mark.parametrize("anonymity", ["named", "anonymous"])
def test_who_launches_again_and_again_without_a_sub_is_in_no_week(database: Database, anonymity: str) -> None:
    found = school(database, [2, 3])
    for room in found.rooms:
        checkin_id = room.open(anonymity, k=3)
        for student in (*room.students, *(room.nobody() for _ in range(4))):
            room.answer(student, checkin_id, "sad")
        room.close(checkin_id)
    assert found.publish() == 1
    (week,) = found.site()
    assert (week.courses, week.people) == (1, 3)


def test_a_course_below_the_threshold_is_in_no_total(database: Database) -> None:
    found = school(database, [6, 4])
    for room in found.rooms:
        answered(room)
        answered(room, "anonymous")
    assert found.publish(k=5) == 1
    (week,) = found.site()
    assert (week.courses, week.people) == (1, 6)
    assert [row.course_id for row in found.rows()] == [found.rooms[0].course_id]


def test_forms_that_ask_for_no_feeling_count_for_taking_part_only(database: Database) -> None:
    found = school(database, [6])
    room = found.rooms[0]
    checkin_id = room.open("named", **{checkins.FORM: "energy"})
    for student in room.students:
        room.answer(student, checkin_id, "energy_1")
    few = room.open("named")
    for student in room.students[:3]:
        room.answer(student, few, "sad")
    assert found.publish(k=5) == 1
    (week,) = found.site()
    # Were those who were asked for their energy only among the bands, the three would not be too few.
    assert (week.people, week.answers) == (6, 0)


def test_an_anonymous_checkin_that_is_open_is_waited_for_but_not_forever(database: Database) -> None:
    found = school(database, [6])
    room = found.rooms[0]
    checkin_id = room.open("anonymous", "in_steps", 3)
    for student in room.students[:3]:
        room.answer(student, checkin_id, "calm")
    assert found.publish() == 0
    assert found.publish(now=MUCH_LATER - DAY) == 0
    assert found.publish(now=MUCH_LATER) == 1
    before = found.site()
    for student in room.students[3:]:
        room.answer(student, checkin_id, "sad", now=MUCH_LATER)
    room.close(checkin_id, MUCH_LATER)
    assert found.publish(now=MUCH_LATER + DAY) == 0
    assert found.site() == before


def test_what_comes_later_changes_nothing(database: Database) -> None:
    found = school(database, [7])
    room = found.rooms[0]
    checkin_id = room.open("named")
    for student, choice in zip(room.students[:5], MIXED, strict=False):
        room.answer(student, checkin_id, choice)
    found.publish()
    before = found.site()
    room.answer(room.students[0], checkin_id, "sad", now=LATER)
    room.answer(room.students[6], checkin_id, "sad", now=LATER)
    room.close(checkin_id, LATER)
    found.publish(now=MUCH_LATER)
    assert found.site() == before


def test_deleted_checkins_are_not_counted_and_take_their_week_with_them(database: Database) -> None:
    found = school(database, [6])
    room = found.rooms[0]
    gone, kept = answered(room), answered(room)
    database.write_now(lambda db: lifecycle.remove(db, room.teacher, gone, LATER))
    found.publish()
    assert found.site()[0].answers == 6
    database.write_now(lambda db: lifecycle.remove(db, room.teacher, kept, LATER))
    assert len(found.site()) == 1
    database.write_now(lambda db: retention.destroy_deleted(db, LATER + lifecycle.UNDO))
    assert found.site() == [] == found.rows()
    found.publish(now=MUCH_LATER)
    assert found.site() == []
    assert_sums_hold(found)


def test_a_week_goes_when_too_few_are_left_and_does_not_come_back(database: Database) -> None:
    found = school(database, [6])
    room = found.rooms[0]
    checkin_id = room.open("named")
    for student, choice in zip(room.students, MIXED, strict=False):
        room.answer(student, checkin_id, choice)
    found.publish(k=5)
    before = found.site()
    database.write_now(lambda db: reflections.erase_own(db, room.students[0]))
    assert found.site() == before
    database.write_now(lambda db: persons.erase(db, room.students[1].person_id, LATER))
    assert found.site() == []
    assert_sums_hold(found)
    found.publish(k=3, now=MUCH_LATER)
    assert found.site() == []


def test_a_week_goes_when_k_people_have_erased(database: Database) -> None:
    found = school(database, [7])
    room = found.rooms[0]
    answered(room)
    found.publish()
    before = found.site()
    for number in range(3):
        assert found.site() == before
        database.write_now(lambda db, number=number: reflections.erase_own(db, room.students[number]))
    assert found.site() == []


def test_who_answered_after_the_week_was_counted_is_not_gone_from_it(database: Database) -> None:
    found = school(database, [6])
    room = found.rooms[0]
    checkin_id = room.open("named")
    for student, choice in zip(room.students[:5], MIXED, strict=False):
        room.answer(student, checkin_id, choice)
    found.publish(k=5)
    room.answer(room.students[5], checkin_id, "sad", now=LATER + DAY)
    database.write_now(lambda db: reflections.erase_own(db, room.students[5]))
    assert len(found.site()) == 1
    assert [row.gone for row in found.rows()] == [0]


def test_a_published_week_goes_with_its_course(database: Database) -> None:
    found = school(database, [6, 6])
    for room in found.rooms:
        answered(room)
    found.publish()
    assert found.site()[0].courses == 2

    def work(db: Session) -> None:
        db.get_one(Course, found.rooms[0].course_id).last_active_on = (NOW - 400 * DAY).date()
        db.flush()
        purge(db, 365, NOW)

    database.write_now(work)
    (week,) = found.site()
    assert (week.courses, week.people) == (1, 6)
    assert_sums_hold(found)


def test_two_workers_publish_a_week_once(database: Database) -> None:
    found = school(database, [6])
    answered(found.rooms[0])
    due = database.read_now(lambda db: weeks.due(db, LATER))
    assert [database.write_now(lambda db: weeks.publish(db, due[0], 3, LATER)) for _ in range(2)] == [True, False]
    assert found.site()[0].courses == 1
    database.write_now(lambda db: weeks.withdraw_with(db, due[0].checkin_ids))
    assert not database.write_now(lambda db: weeks.publish(db, due[0], 3, LATER))
    assert found.site() == []


@pytest.mark.parametrize(("own_k", "k", "expected"), [(6, 3, 1), (7, 3, 0), (3, 7, 0)])
def test_the_larger_threshold_counts(database: Database, own_k: int, k: int, expected: int) -> None:
    found = school(database, [6])
    answered(found.rooms[0], k=own_k)
    assert found.publish(k=k) == expected


def test_platforms_are_counted_apart(database: Database) -> None:
    one, other = school(database, [6]), school(database, [6])
    answered(one.rooms[0])
    answered(other.rooms[0])
    one.publish()
    assert one.site()[0].courses == 2
    limited = replace(LEADER, registration_id=one.registration_id())
    assert one.site(limited)[0].courses == 1


def test_a_prepared_checkin_is_in_no_week(database: Database) -> None:
    found = school(database, [6])
    room = found.rooms[0]
    database.write_now(
        lambda db: checkins.prepare(
            db, room.teacher, checkins.Draft.read({"question": "Why?", "anonymity": "named"}), 3, NOW
        )
    )
    assert found.publish(now=MUCH_LATER) == 0


def test_workers_that_publish_at_the_same_moment_count_every_week_once(database: Database, database_url: str) -> None:
    found = school(database, [6, 6, 6])
    for room in found.rooms:
        for week in range(3):
            checkin_id = room.open("named", now=NOW + 7 * week * DAY)
            for student, choice in zip(room.students, MIXED, strict=False):
                room.answer(student, checkin_id, choice, now=NOW + 7 * week * DAY)
    other = Database(database_url)
    try:
        rivals = [found, replace(found, database=other)]
        with ThreadPoolExecutor(2) as pool:
            published = list(pool.map(lambda rival: rival.publish(now=MUCH_LATER), rivals))
    finally:
        other.close()
    assert sum(published) == len(found.rows()) == 9
    assert [week.courses for week in found.site()] == [3, 3, 3]
    assert_sums_hold(found)


def test_workers_that_purge_at_the_same_moment_take_every_week_back_once(database: Database, database_url: str) -> None:
    found = school(database, [6] * 4)
    for room in found.rooms:
        for week in range(2):
            checkin_id = room.open("named", now=NOW + 7 * week * DAY)
            for student, choice in zip(room.students, MIXED, strict=False):
                room.answer(student, checkin_id, choice, now=NOW + 7 * week * DAY)
    assert found.publish(now=MUCH_LATER) == 8
    for room in found.rooms[:2]:
        alive_on(room, NOW.date() - 100 * DAY)
    for room in found.rooms[2:]:
        alive_on(room, MUCH_LATER.date())
    other, both_are_there = Database(database_url), Barrier(2, timeout=60)

    def purge_too(rival: Database) -> int:
        both_are_there.wait()
        return rival.write_now(lambda db: purge(db, 30, MUCH_LATER)).courses

    try:
        with ThreadPoolExecutor(2) as pool:
            purged = list(pool.map(purge_too, (database, other)))
    finally:
        other.close()
    assert sum(purged) == 2
    assert [week.courses for week in found.site()] == [2, 2]
    assert_sums_hold(found)


def alive_on(room: Classroom, day: date) -> None:
    def work(db: Session) -> None:
        db.get_one(Course, room.course_id).last_active_on = day

    room.database.write_now(work)
