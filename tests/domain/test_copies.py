from typing import Any

import pytest
from sqlmodel import Session, select

from reflect.domain import copies
from reflect.domain.copies import PROMISES, Original
from reflect.domain.refusals import Missing, Refused
from reflect.domain.sessions import Viewer
from reflect.storage import copies as stored_copies
from reflect.storage.answers import Answer
from reflect.storage.checkins import Checkin
from reflect.storage.courses import Course
from reflect.storage.database import Database
from tests.classroom import NOW, Classroom, classroom, viewer_of


@pytest.fixture
def room(database: Database) -> Classroom:
    return classroom(database, 3)


def copied(room: Classroom, history: str = "2", lti_id: str = "9", **values: Any) -> Viewer:
    """The teacher in a course of the same deployment that says what it was copied from."""

    def work(db: Session) -> Viewer:
        original = db.get_one(Course, room.course_id)
        course = Course(
            deployment_id=values.pop("deployment_id", original.deployment_id), kind="context", lti_id=lti_id,
            title="Biology again", history=history, created_at=NOW, last_active_on=NOW.date(), **values,
        )  # fmt: skip
        db.add(course)
        db.flush()
        assert course.id is not None
        return viewer_of(room.teacher.person_id, course.id, "teacher")

    return room.database.write_now(work)


def offered(room: Classroom, viewer: Viewer) -> Original | None:
    return room.database.read_now(lambda db: copies.offered(db, viewer))


def brought(room: Classroom, viewer: Viewer) -> list[Checkin]:
    """Bring over, and what the course then has."""
    room.database.write_now(lambda db: copies.bring_over(db, viewer, 5))
    own = select(Checkin).where(Checkin.course_id == viewer.course_id).order_by(Checkin.id)  # type: ignore[arg-type]
    return room.database.read_now(lambda db: list(db.exec(own).all()))


def test_the_original_is_offered_by_its_name_and_number_of_check_ins(room: Classroom) -> None:
    room.open("named")
    room.open("anonymous")
    assert offered(room, copied(room)) == Original(room.course_id, "Biology", 2)


@pytest.mark.parametrize("history", ["7,2", " 2 ,7", "%32", "$Context.id.history,2"])
def test_the_nearest_original_that_we_know_is_offered(room: Classroom, history: str) -> None:
    room.open("named")
    assert offered(room, copied(room, history))


@pytest.mark.parametrize("history", ["", "7", "$Context.id.history", "9", "2" * 900])
def test_what_we_do_not_know_is_not_offered(room: Classroom, history: str) -> None:
    room.open("named")
    assert offered(room, copied(room, history)) is None


def test_an_original_without_check_ins_is_not_offered(room: Classroom) -> None:
    assert offered(room, copied(room)) is None


def test_an_original_of_another_school_is_not_offered(room: Classroom, database: Database) -> None:
    room.open("named")
    other = classroom(database, 1)
    assert offered(other, copied(other)) is None


def test_a_student_is_offered_nothing_and_may_decide_nothing(room: Classroom) -> None:
    room.open("named")
    student = viewer_of(room.students[0].person_id, copied(room).course_id, "learner")
    assert offered(room, student) is None
    for decide in (lambda db: copies.bring_over(db, student, 5), lambda db: copies.decline(db, student)):
        with pytest.raises(Refused, match="not_allowed"):
            room.database.write_now(decide)


def test_promises_come_along_and_answers_do_not(room: Classroom) -> None:
    original = room.open("anonymous", "in_steps", k=7, shared_with_class=True)
    room.answer(room.students[0], original, "calm")
    room.answer(room.students[0], room.open("named"), "calm")
    before = room.checkin(original)
    first, second = brought(room, copied(room))
    assert [getattr(first, name) for name in PROMISES] == [getattr(before, name) for name in PROMISES]
    assert (first.copied_from_id, first.opened_at, first.closed_at) == (original, None, None)
    assert first.min_group_size == 5, "today's setting, not that of the original"
    assert not second.is_anonymous
    counted = room.database.read_now(lambda db: [row.checkin_id for row in db.exec(select(Answer)).all()])
    assert first.id not in counted and second.id not in counted


def test_it_is_decided_once(room: Classroom) -> None:
    room.open("named")
    viewer = copied(room)
    assert len(brought(room, viewer)) == 1
    assert offered(room, viewer) is None
    with pytest.raises(Missing):
        brought(room, viewer)
    refused = copied(room, lti_id="10")
    room.database.write_now(lambda db: copies.decline(db, refused))
    assert offered(room, refused) is None


def test_the_copy_of_a_copy_is_found_by_the_first_originals_number(room: Classroom) -> None:
    original = room.open("named")
    first = copied(room)
    (middle,) = brought(room, first)
    second = copied(room, "9,2", "10")
    (last,) = brought(room, second)
    assert last.copied_from_id == middle.id
    found = room.database.read_now(
        lambda db: [stored_copies.copy_of(db, second.course_id, one) for one in (original, middle.id)]
    )
    assert [row.id for row in found] == [last.id, last.id]
    assert room.database.read_now(lambda db: stored_copies.copy_of(db, second.course_id, last.id)) is None
    assert room.database.read_now(lambda db: stored_copies.copy_of(db, room.course_id, original)) is None
