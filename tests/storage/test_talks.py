from datetime import timedelta
from typing import Any

from sqlmodel import Session, col, select

from reflect.storage import talks
from reflect.storage.database import Database
from reflect.storage.people import Person
from reflect.storage.talks import Talk, TalkAct
from tests.classroom import NOW, Classroom, classroom


def keep(room: Classroom, student: int, **columns: Any) -> int:
    """A talk as it is stored; its id."""

    def work(db: Session) -> int:
        chosen = {"for_anyone": True, "is_for_today": False, "sent_at": NOW, **columns}
        talk = Talk(course_id=room.course_id, student_id=room.students[student].person_id, **chosen)
        db.add(talk)
        db.flush()
        assert talk.id is not None
        return talk.id

    return room.database.write_now(work)


def test_what_waits_is_open_and_the_adults_own_or_anybodys(database: Database) -> None:
    room, other = classroom(database, 2), classroom(database, 1)
    teacher, stranger = room.teacher.person_id, other.teacher.person_id
    mine = keep(room, 0, for_anyone=False, adult_id=teacher)
    anybodys = keep(room, 1, sent_at=NOW + timedelta(minutes=1))
    keep(room, 0, closed_at=NOW)
    keep(room, 0, for_anyone=False, adult_id=stranger)
    keep(other, 0)
    rows = database.read_now(lambda db: talks.waiting(db, room.course_id, teacher))
    assert [(row.id, row.sub, row.name) for row in rows] == [(mine, "0", "Person 0"), (anybodys, "1", "Person 1")]


def test_what_is_closed_is_the_adults_own_newest_first_and_not_endless(database: Database) -> None:
    room = classroom(database, 1)
    teacher = room.teacher.person_id
    first, second, third = (keep(room, 0, closed_at=NOW + timedelta(minutes=number)) for number in range(3))
    keep(room, 0, for_anyone=False, adult_id=room.students[0].person_id, closed_at=NOW)
    keep(room, 0)
    for most, expected in ((5, [third, second, first]), (2, [third, second])):
        found = database.read_now(lambda db, most=most: talks.closed(db, room.course_id, teacher, most))
        assert [talk.id for talk in found] == expected


def test_an_adult_who_is_deleted_leaves_what_was_theirs_to_nobody(database: Database) -> None:
    room = classroom(database, 1)
    teacher = room.teacher.person_id
    talk_id = keep(room, 0, for_anyone=False, adult_id=teacher)

    def work(db: Session) -> tuple[int | None, bool, int | None]:
        db.add(TalkAct(talk_id=talk_id, kind="opened", person_id=teacher, at=NOW))
        db.flush()
        db.delete(db.get_one(Person, teacher))
        db.flush()
        db.expire_all()
        talk = db.get_one(Talk, talk_id)
        return talk.adult_id, talk.for_anyone, db.exec(select(TalkAct)).one().person_id

    assert database.write_now(work) == (None, False, None)
    for adult in (teacher, room.students[0].person_id):
        assert database.read_now(lambda db, adult=adult: talks.waiting(db, room.course_id, adult)) == []


def test_people_are_named_with_their_role_in_this_course(database: Database) -> None:
    room, other = classroom(database, 1), classroom(database, 1)
    ids = (room.teacher.person_id, room.students[0].person_id, other.teacher.person_id, 999)
    rows = database.read_now(lambda db: talks.named(db, room.course_id, ids))
    assert {row.id: row.role for row in rows.values()} == dict(zip(ids, ("teacher", "learner", None), strict=False))


def test_the_last_opening_is_that_persons_own(database: Database) -> None:
    room = classroom(database, 1)
    teacher, talk_id = room.teacher.person_id, keep(room, 0)

    def note(db: Session) -> None:
        for minutes, person_id, kind in ((0, teacher, "opened"), (1, teacher, "opened"), (2, teacher, "seen")):
            db.add(TalkAct(talk_id=talk_id, kind=kind, person_id=person_id, at=NOW + timedelta(minutes=minutes)))

    database.write_now(note)
    found = database.read_now(lambda db: talks.last_opened_at(db, talk_id, teacher))
    assert found == NOW + timedelta(minutes=1)
    assert database.read_now(lambda db: talks.last_opened_at(db, talk_id, room.students[0].person_id)) is None
    acts = database.read_now(lambda db: db.exec(select(TalkAct).order_by(col(TalkAct.id))).all())
    assert [act.kind for act in acts] == ["opened", "opened", "seen"]
