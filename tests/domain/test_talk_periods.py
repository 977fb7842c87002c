from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime, timedelta

from sqlmodel import Session, delete, select

from reflect.domain import leaders, persons, talk_periods
from reflect.storage.database import Database
from reflect.storage.talk_periods import TalkPeriod
from reflect.storage.talks import Talk
from tests.classroom import NOW
from tests.domain.school import ALWAYS, LATER, LEADER, School, school

WEEK = timedelta(days=7)


def ask(found: School, numbers: Sequence[int], at: datetime, course: int = 0) -> None:
    """Let these students ask for a talk."""
    room = found.rooms[course]

    def work(db: Session) -> None:
        for number in numbers:
            student_id = room.students[number].person_id
            talk = Talk(
                course_id=room.course_id, student_id=student_id, for_anyone=True, is_for_today=False, sent_at=at
            )
            db.add(talk)

    found.database.write_now(work)


def renew(found: School, now: datetime, k: int = 3) -> int:
    return found.database.write_now(lambda db: talk_periods.renew(db, k, now))


def told(found: School) -> list[tuple[datetime, datetime, int]]:
    rows = found.database.read_now(lambda db: leaders.talks(db, LEADER, ALWAYS))
    return [(row.begins_on, row.ends_on, row.asked) for row in rows]


def test_weeks_are_put_together_until_enough_students_have_asked(database: Database) -> None:
    found, monday = school(database, [6, 6]), NOW.date()
    ask(found, [0, 1], NOW)
    assert renew(found, LATER) == 0 and told(found) == []
    ask(found, [0, 0], NOW + WEEK)
    assert renew(found, LATER + WEEK) == 0
    ask(found, [5], NOW + 2 * WEEK, course=1)
    assert renew(found, LATER + 2 * WEEK - timedelta(days=1)) == 0
    assert renew(found, LATER + 2 * WEEK) == 1
    assert told(found) == [(monday, monday + 3 * WEEK, 5)]
    assert renew(found, LATER + 9 * WEEK) == 0


def test_who_launches_again_and_again_without_a_sub_is_no_student_of_many(database: Database) -> None:
    found = school(database, [6])
    room = found.rooms[0]
    nobody = [room.nobody() for _ in range(3)]
    ask(replace(found, rooms=(replace(room, students=(*room.students, *nobody)),)), [0, 1, 6, 7, 8], NOW)
    assert renew(found, LATER) == 0
    ask(found, [2], NOW)
    assert renew(found, LATER) == 1
    assert [asked for _, _, asked in told(found)] == [3]


def test_what_is_told_does_not_change(database: Database) -> None:
    found = school(database, [6])
    ask(found, [0, 1, 2], NOW)
    renew(found, LATER)
    before = told(found)
    ask(found, [3, 4], LATER)
    renew(found, LATER + 5 * WEEK)
    assert told(found) == before


def test_figures_go_when_too_few_students_are_left_and_do_not_come_back(database: Database) -> None:
    found = school(database, [6])
    ask(found, [0, 1, 2], NOW)
    renew(found, LATER)
    database.write_now(lambda db: persons.erase(db, found.rooms[0].students[0].person_id, LATER))
    renew(found, LATER)
    assert told(found) == []
    ask(found, [3, 4, 5], LATER)
    assert renew(found, LATER + 5 * WEEK) == 1
    assert [asked for _, _, asked in told(found)] == [3]


def test_nothing_is_kept_of_talks_that_are_all_gone(database: Database) -> None:
    found = school(database, [6])
    ask(found, [0, 1, 2], NOW)
    renew(found, LATER)
    database.write_now(lambda db: db.exec(delete(Talk)))
    renew(found, LATER)
    renew(found, LATER)
    assert database.read_now(lambda db: db.exec(select(TalkPeriod)).all()) == []


def test_platforms_are_told_of_apart(database: Database) -> None:
    one, other = school(database, [6]), school(database, [6])
    ask(one, [0, 1], NOW)
    ask(other, [0, 1], NOW)
    assert renew(one, LATER) == 0
