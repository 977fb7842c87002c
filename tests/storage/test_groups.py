from sqlmodel import Session, select

from reflect.storage import groups
from reflect.storage.courses import Course
from reflect.storage.database import Database
from reflect.storage.groups import CourseGroup, GroupMembership
from reflect.storage.people import Enrolment
from tests.classroom import Classroom, classroom


def test_a_group_is_known_once_in_its_course_and_apart_in_another(database: Database) -> None:
    here, there = classroom(database, 1), classroom(database, 1)
    first = database.write_now(lambda db: groups.ids_of(db, here.course_id, {"1", "2"}))
    again = database.write_now(lambda db: groups.ids_of(db, here.course_id, {"2", "3"}))
    other = database.write_now(lambda db: groups.ids_of(db, there.course_id, {"1"}))
    assert first["2"] == again["2"]
    assert len({*first.values(), *again.values(), *other.values()}) == 4
    assert database.write_now(lambda db: groups.ids_of(db, here.course_id, ())) == {}


def test_only_active_students_are_counted_and_groups_without_any_are_listed(database: Database) -> None:
    room = classroom(database, 4)
    room.group("1", *room.students, room.teacher)
    room.group("2")
    leave(room, 0, is_active=False)
    leave(room, 1, is_test_user=True)
    found = database.read_now(lambda db: groups.of_course(db, room.course_id))
    assert [(row.lti_id, row.name, row.learners) for row in found] == [("1", "", 2), ("2", "", 0)]


def leave(room: Classroom, student: int, **changes: bool) -> None:
    def work(db: Session) -> None:
        enrolment = db.get_one(Enrolment, (room.students[student].person_id, room.course_id))
        for name, value in changes.items():
            setattr(enrolment, name, value)

    room.database.write_now(work)


def test_who_is_in_two_of_the_groups_is_expected_once(database: Database) -> None:
    room = classroom(database, 5)
    first, second = room.group("1", *room.students[:3]), room.group("2", *room.students[2:4])
    checkin_id = room.open("named", groups=(first, second))
    room.open("named", shared_with_class=False)
    assert database.read_now(lambda db: groups.expected(db, room.course_id)) == {checkin_id: 4}
    members = database.read_now(lambda db: groups.learners_in(db, room.course_id, (first, second)))
    assert members == {student.person_id for student in room.students[:4]}
    assert len(database.read_now(lambda db: groups.learners_in(db, room.course_id, None))) == 5


def test_a_course_that_is_deleted_takes_its_groups_along(database: Database) -> None:
    room = classroom(database, 1)
    room.open("named", shared_with_class=False, groups=(room.group("1", *room.students),))

    def delete(db: Session) -> int:
        db.delete(db.get_one(Course, room.course_id))
        db.flush()
        return len(db.exec(select(CourseGroup)).all()) + len(db.exec(select(GroupMembership)).all())

    assert database.write_now(delete) == 0
