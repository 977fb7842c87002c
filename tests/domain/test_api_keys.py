"""Which check-ins go to the data warehouse: fixed as each is opened, whatever way it is opened."""

from collections.abc import Callable
from datetime import UTC, datetime, timedelta

import pytest
from sqlmodel import Session, select

from reflect.domain import (
    accesses,
    api_keys,
    autosaves,
    checkins,
    copies,
    deep_links,
    lifecycle,
    openings,
    persons,
    reflections,
)
from reflect.domain.api_keys import Bearer, Wish
from reflect.domain.checkins import Draft
from reflect.domain.deep_links import Choice
from reflect.domain.privacy.retention import purge
from reflect.domain.refusals import Refused
from reflect.domain.schedules import Schedule
from reflect.storage.api_keys import ApiKey, KeyAccess
from reflect.storage.checkins import Checkin
from reflect.storage.courses import Course
from reflect.storage.database import Database
from tests.classroom import NOW, Classroom, classroom, enrolled
from tests.domain.privacy.test_receipt import receipt_of
from tests.domain.test_series import begun, rows, tick

LATER = NOW + timedelta(hours=2)
DUE = datetime(2026, 9, 8, 7, 0, tzinfo=UTC)
"""When the first occurrence of the series opens."""
DRAFT = Draft.read({"question": "By name?"})


def make(database: Database, named: bool = True, registration_id: int | None = None) -> ApiKey:
    """A key; its row."""
    wish = Wish("Records", not named, named, registration_id)
    database.write_now(lambda db: api_keys.make(db, wish, "ada@school.example", NOW))
    return database.read_now(lambda db: api_keys.listed(db))[0].key


def revoke(database: Database, key: ApiKey) -> None:
    database.write_now(lambda db: api_keys.revoke(db, key.id or 0, "ada@school.example", NOW))


def by_hand(room: Classroom) -> int:
    return room.open("named")


def prepared(room: Classroom) -> int:
    return room.database.write_now(lambda db: checkins.prepare(db, room.teacher, DRAFT, 3, NOW))


def opened_later(room: Classroom) -> int:
    checkin_id = prepared(room)
    room.database.write_now(lambda db: checkins.open_prepared(db, room.teacher, checkin_id, 3, NOW))
    return checkin_id


def by_a_form_that_saves_itself(room: Classroom) -> int:
    schedule = Schedule.read({"when": "now"})
    return room.database.write_now(lambda db: autosaves.send(db, room.teacher, "k" * 22, DRAFT, schedule, 3, NOW))


def by_its_time(room: Classroom) -> int:
    checkin_id = prepared(room)

    def work(db: Session) -> None:
        db.get_one(Checkin, checkin_id).opens_at = LATER
        db.flush()
        assert openings.open_due(db, 3, LATER) == 1

    room.database.write_now(work)
    return checkin_id


def by_a_series(room: Classroom) -> int:
    begun(room)
    tick(room, DUE)
    return next(row.id or 0 for row in rows(room) if row.opened_at is not None)


def in_the_dialog(room: Classroom) -> int:
    checkin_id = prepared(room)
    choice = Choice((room.checkin(checkin_id),), wants_home=False, wants_mark=False)
    room.database.write_now(lambda db: deep_links.place(db, room.teacher, choice, None, 3, NOW))
    return checkin_id


WAYS = [by_hand, opened_later, by_a_form_that_saves_itself, by_its_time, by_a_series, in_the_dialog]


@pytest.mark.parametrize("way", WAYS)
def test_it_is_fixed_in_every_way_of_opening(database: Database, way: Callable[[Classroom], int]) -> None:
    room = classroom(database, 2)
    assert not room.checkin(way(room)).is_exported
    other = classroom(database, 2)
    key = make(database)
    checkin_id = way(other)
    assert other.checkin(checkin_id).is_exported
    assert receipt_of(other, checkin_id).is_exported
    revoke(database, key)
    assert other.checkin(checkin_id).is_exported, "what was promised stays said"


@pytest.mark.parametrize("way", WAYS)
def test_what_was_opened_before_is_never_exported(database: Database, way: Callable[[Classroom], int]) -> None:
    room = classroom(database, 2)
    checkin_id = way(room)
    make(database)

    def again(db: Session) -> None:
        lifecycle.edit(db, room.teacher, checkin_id, DRAFT, 3, NOW)
        checkins.open_prepared(db, room.teacher, checkin_id, 3, NOW)

    database.write_now(again)
    room.close(checkin_id)
    database.write_now(lambda db: lifecycle.reopen(db, room.teacher, checkin_id, 3, NOW))
    assert not room.checkin(checkin_id).is_exported
    assert not receipt_of(room, checkin_id).is_exported


def test_a_series_and_what_is_prepared_follow_the_keys_of_the_day_they_open(database: Database) -> None:
    room = classroom(database, 2)
    key = make(database)
    checkin_id = prepared(room)
    assert not room.checkin(checkin_id).is_exported
    revoke(database, key)
    database.write_now(lambda db: checkins.open_prepared(db, room.teacher, checkin_id, 3, NOW))
    assert not room.checkin(checkin_id).is_exported


@pytest.mark.parametrize("anonymity", ["named", "anonymous"])
def test_neither_other_keys_nor_anonymity_export_a_name(database: Database, anonymity: str) -> None:
    room, other = classroom(database, 2), classroom(database, 2)
    make(database, named=anonymity == "anonymous")
    assert not room.checkin(room.open(anonymity)).is_exported
    registration_id = database.read_now(lambda db: db.scalar(select(ApiKey.registration_id)))
    assert registration_id is None
    make(database, registration_id=1)
    assert room.checkin(room.open("named", question="1?")).is_exported
    assert not other.checkin(other.open("named", question="2?")).is_exported or anonymity == "anonymous"


def test_neither_a_duplicate_nor_a_copy_carries_it_over(database: Database) -> None:
    room = classroom(database, 2)
    key = make(database)
    checkin_id = room.open("named")
    revoke(database, key)
    twin = database.write_now(lambda db: lifecycle.duplicate(db, room.teacher, checkin_id, 3))
    assert not room.checkin(twin).is_exported

    def copy(db: Session) -> list[bool]:
        course = db.get_one(Course, room.course_id)
        new = Course(deployment_id=course.deployment_id, kind="context", lti_id="copy", title="", history="2", created_at=NOW, last_active_on=NOW.date())  # fmt: skip
        db.add(new)
        db.flush()
        teacher = enrolled(db, course.deployment_id, new.id or 0, "t2", "teacher")
        assert copies.bring_over(db, teacher, 3) == 2
        return [it.is_exported for it in db.scalars(select(Checkin).where(Checkin.course_id == new.id))]

    assert database.write_now(copy) == [False, False]


def test_whose_answers_a_key_read_is_told_to_them(database: Database) -> None:
    room = classroom(database, 2)
    key = make(database)
    checkin_id = room.open("named")
    room.answer(room.students[0], checkin_id, "calm", LATER)
    bearer = Bearer(key.id or 0, key.name, False, True, None)
    for now in (NOW, LATER, LATER):
        database.write_now(lambda db, now=now: api_keys.note_use(db, bearer, [checkin_id], now))
    database.write_now(lambda db: accesses.note_checkins(db, room.teacher, [checkin_id], LATER))

    def opened(person: int) -> list[tuple[str, str]]:
        found = database.read_now(lambda db: reflections.own(db, room.students[person])).opened
        return [(it.name, it.key) for it in found]

    assert sorted(opened(0)) == [("", "Records"), ("Person t", "")], "not the reading before the answer was given"
    assert opened(1) == []
    [course] = database.read_now(lambda db: persons.export(db, room.students[0].person_id))["courses"]
    assert {it["reader"] for it in course["opened_by"]} == {"API key Records", "Person t"}


def test_a_key_that_is_revoked_meanwhile_is_given_nothing(database: Database) -> None:
    room, key = classroom(database, 2), make(database)
    checkin_id = room.open("named")
    revoke(database, key)
    with pytest.raises(Refused, match="api_key_unknown"):
        database.write_now(
            lambda db: api_keys.note_use(db, Bearer(key.id or 0, "", False, True, None), [checkin_id], NOW)
        )
    assert database.read_now(lambda db: db.exec(select(KeyAccess)).all()) == []


def test_a_revoked_key_is_forgotten_once_nobody_is_shown_it_any_more(database: Database) -> None:
    room, read, unread, alive = classroom(database, 2), make(database), make(database), make(database)
    checkin_id = room.open("named")
    bearer = Bearer(read.id or 0, "", False, True, None)
    database.write_now(lambda db: api_keys.note_use(db, bearer, [checkin_id], NOW))
    for key in (read, unread):
        revoke(database, key)

    def left(days: int) -> list[int | None]:
        database.write_now(lambda db: purge(db, 30, NOW + timedelta(days=days)))
        return sorted(it.key.id or 0 for it in database.read_now(api_keys.listed))

    assert left(29) == [read.id, unread.id, alive.id]
    database.write_now(lambda db: setattr(db.get_one(Course, room.course_id), "last_active_on", (NOW + timedelta(days=9)).date()))  # fmt: skip
    assert left(31) == [read.id, alive.id]
    assert left(41) == [alive.id]
