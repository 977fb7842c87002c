"""Whether a course has more than its list shows."""

from datetime import date

from sqlmodel import Session

from reflect.storage import besides
from reflect.storage.checkins import Checkin
from reflect.storage.database import Database
from reflect.storage.groups import CourseGroup
from reflect.storage.series import Series
from tests.classroom import NOW, classroom


def series(course_id: int) -> Series:
    rule = {
        "frequency": "daily",
        "every": 1,
        "weekdays": "",
        "starts_on": date(2026, 9, 8),
        "at": "08:00",
        "zone": "UTC",
    }
    return Series(course_id=course_id, template="{}", since_at=NOW, **rule)


def test_a_course_with_nothing_besides_its_list(database: Database) -> None:
    room, other = classroom(database), classroom(database)
    room.open()

    def furnish(db: Session) -> None:
        """Another course has it all, and this one only what is over or deleted."""
        elsewhere = Checkin(**_copy(db.get_one(Checkin, 1)), course_id=other.course_id, archived_at=NOW)
        gone = Checkin(**_copy(db.get_one(Checkin, 1)), course_id=room.course_id, archived_at=NOW, deleted_at=NOW)
        over = series(room.course_id)
        over.ended_at = NOW
        db.add_all([elsewhere, gone, over, series(other.course_id), CourseGroup(course_id=other.course_id, lti_id="1")])

    database.write_now(furnish)
    assert database.read_now(lambda db: _of(db, room.course_id)) == (False, False, 0)
    assert database.read_now(lambda db: _of(db, other.course_id)) == (True, True, 1)


def _copy(row: Checkin) -> dict[str, object]:
    return row.model_dump(exclude={"id", "course_id", "archived_at", "deleted_at"})


def _of(db: Session, course_id: int) -> tuple[bool, bool, int]:
    there = besides.has_archived(db, course_id), besides.has_series(db, course_id)
    return *there, besides.groups(db, course_id)
