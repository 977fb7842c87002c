from datetime import datetime, timedelta
from typing import Any

import pytest
from sqlalchemy import update
from sqlmodel import Session, col, select

from reflect.domain import audit, sessions
from reflect.domain.privacy.retention import PurgeReport, purge
from reflect.domain.sessions import IDLE, LONGEST, Stay
from reflect.storage.answers import Answer, Participation, SealedAnswer, Tally
from reflect.storage.checkins import Checkin
from reflect.storage.class_totals import ClassTotal
from reflect.storage.courses import Course, ResourceLink
from reflect.storage.database import Database
from reflect.storage.people import Enrolment, Person
from reflect.storage.sessions import LaunchSession, UsedState, use_state
from tests.classroom import NOW, Classroom, classroom, viewer_of

DAYS = 30
OF_A_COURSE = (Checkin, Enrolment, ResourceLink, Answer, Participation, SealedAnswer, Tally, ClassTotal)


def count(database: Database, *tables: Any) -> list[int]:
    return database.read_now(lambda db: [len(db.exec(select(table)).all()) for table in tables])


def purge_now(database: Database, now: datetime = NOW) -> PurgeReport:
    return database.write_now(lambda db: purge(db, DAYS, now))


def fill(room: Classroom) -> None:
    """Named and anonymous answers, open and closed, and a placement."""
    for anonymity in ("named", "anonymous"):
        closed, still_open = room.open(anonymity), room.open(anonymity)
        for checkin_id in (closed, still_open):
            for student in room.students:
                room.answer(student, checkin_id, "calm")
        room.close(closed)
    room.database.write_now(
        lambda db: db.add(ResourceLink(deployment_id=1, course_id=room.course_id, lti_id=f"{room.course_id}"))
    )


def last_active(room: Classroom, days_ago: int) -> None:
    day = (NOW - timedelta(days=days_ago)).date()
    course = update(Course).where(col(Course.id) == room.course_id).values(last_active_on=day)
    room.database.write_now(lambda db: db.exec(course))


def test_an_old_course_goes_with_everything_of_it(database: Database) -> None:
    room = classroom(database, 4)
    fill(room)
    assert 0 not in count(database, *OF_A_COURSE)
    last_active(room, DAYS + 1)
    assert purge_now(database) == PurgeReport(courses=1, people=5, sessions=0)
    assert count(database, Course, Person, *OF_A_COURSE) == [0] * (2 + len(OF_A_COURSE))


def test_a_purge_leaves_its_report_in_the_log_as_counts_only(database: Database) -> None:
    room = classroom(database, 4)
    fill(room)
    assert purge_now(database) == PurgeReport(courses=0, people=0, sessions=0)
    assert database.read_now(audit.newest) == []
    last_active(room, DAYS + 1)
    purge_now(database)
    (entry,) = database.read_now(audit.newest)
    assert (entry.actor, entry.action) == (audit.FROM_SHELL, "purged")
    assert entry.about == "courses: 1, people: 5, sessions: 0, checkins: 0"


@pytest.mark.parametrize("days_ago", [0, 1, DAYS])
def test_a_course_that_was_alive_lately_stays_whole(database: Database, days_ago: int) -> None:
    room = classroom(database, 4)
    fill(room)
    before = count(database, Course, Person, *OF_A_COURSE)
    last_active(room, days_ago)
    assert purge_now(database) == PurgeReport(0, 0, 0)
    assert count(database, Course, Person, *OF_A_COURSE) == before


def test_an_old_course_takes_nothing_of_another_with_it(database: Database) -> None:
    old, alive = classroom(database, 4), classroom(database, 3)
    fill(alive)
    before = count(database, *OF_A_COURSE)
    fill(old)
    last_active(old, DAYS + 1)
    assert purge_now(database).people == 5
    after = count(database, *OF_A_COURSE)
    assert after == [before[0], 4, *before[2:]]


def test_who_is_still_in_another_course_stays_a_teacher_too(database: Database) -> None:
    old, alive = classroom(database, 2), classroom(database, 1)
    stays = {old.teacher.person_id, old.students[0].person_id}

    def work(db: Session) -> None:
        for person_id, role in zip(sorted(stays), ("teacher", "learner"), strict=True):
            db.add(Enrolment(person_id=person_id, course_id=alive.course_id, role=role))

    database.write_now(work)
    last_active(old, DAYS + 1)
    assert purge_now(database).people == 1
    left = database.read_now(lambda db: set(db.exec(select(Person.id)).all()))
    assert left >= stays


def guest(room: Classroom, sub: str) -> int:
    """Somebody without an enrolment."""

    def work(db: Session) -> int:
        person = Person(deployment_id=1, sub=sub, is_guest=True, created_at=NOW)
        db.add(person)
        db.flush()
        assert person.id is not None
        return person.id

    return room.database.write_now(work)


def begin(room: Classroom, person_id: int, now: datetime) -> None:
    stay = Stay(person_id, room.course_id, "learner", False, "en", "")
    room.database.write_now(lambda db: sessions.begin(db, stay, now))


@pytest.mark.parametrize("anonymity", ["named", "anonymous"])
def test_a_guest_stays_as_long_as_their_answer_does(database: Database, anonymity: str) -> None:
    room = classroom(database, 1)
    guest_id = guest(room, "guest 1")
    checkin_id = room.open(anonymity, k=5)
    room.answer(viewer_of(guest_id, room.course_id, "learner"), checkin_id, "calm")
    assert purge_now(database).people == 0
    assert room.for_staff(checkin_id).answered == 1
    last_active(room, DAYS + 1)
    assert purge_now(database).people == 3


def test_a_guest_who_answered_nothing_stays_as_long_as_the_session(database: Database) -> None:
    room = classroom(database, 1)
    begin(room, guest(room, "guest 1"), NOW)
    assert purge_now(database, NOW + IDLE) == PurgeReport(0, 0, 0)
    assert purge_now(database, NOW + IDLE + timedelta(seconds=1)) == PurgeReport(courses=0, people=1, sessions=1)


def test_sessions_go_when_idle_or_over_and_not_before(database: Database) -> None:
    room = classroom(database, 3)
    begin(room, room.students[0].person_id, NOW)
    begin(room, room.students[1].person_id, NOW - IDLE - timedelta(seconds=1))
    begin(room, room.students[2].person_id, NOW - LONGEST - timedelta(seconds=1))
    assert purge_now(database) == PurgeReport(0, 0, 2)
    assert count(database, LaunchSession) == [1]


def test_a_used_state_is_remembered_until_it_would_be_too_old_anyway(database: Database) -> None:
    for seconds in (-1, 0, 1):
        expires_at = NOW + timedelta(seconds=seconds)
        database.write_now(lambda db, at=expires_at: use_state(db, f"{at}", at))
    assert purge_now(database).sessions == 1
    assert count(database, UsedState) == [2]


def test_purging_twice_changes_nothing(database: Database) -> None:
    room = classroom(database, 2)
    last_active(room, DAYS + 1)
    purge_now(database)
    assert purge_now(database) == PurgeReport(0, 0, 0)
