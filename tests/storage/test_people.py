from typing import Any

import pytest
from sqlalchemy.exc import IntegrityError
from sqlmodel import Session, select

from reflect.storage import people, standings
from reflect.storage.courses import Course
from reflect.storage.database import Database
from reflect.storage.people import Enrolment, Person
from reflect.storage.standings import Whereabouts
from tests.classroom import NOW, a_deployment, classroom, enrolled


def known(database: Database, deployment_id: int, sub: str | None, kind: str = "context", lti_id: str = "2") -> Any:
    about = Whereabouts(deployment_id, kind, lti_id, None, sub)
    return database.write_now(lambda db: standings.take_up(db, "a state", NOW, about)[1])


def test_a_launchs_state_is_taken_up_once(database: Database) -> None:
    about = Whereabouts(database.write_now(a_deployment), "context", "2", None, "6")
    taken = [database.write_now(lambda db, it=state: standings.take_up(db, it, NOW, about)) for state in "aab"]
    assert [is_first for is_first, _ in taken] == [True, False, True]
    assert all(known.course_id is None for _, known in taken)


def add_person(database: Database, deployment_id: int, sub: str) -> None:
    database.write_now(lambda db: db.add(Person(deployment_id=deployment_id, sub=sub, created_at=NOW)))


def test_a_person_is_found_by_deployment_and_sub(database: Database) -> None:
    here, there = (database.write_now(a_deployment) for _ in range(2))
    for deployment_id in (here, there):
        add_person(database, deployment_id, "6")
    found = [known(database, it, "6").person_id for it in (here, there)]
    assert None not in found
    assert found[0] != found[1]
    assert known(database, here, "7").person_id is None
    assert known(database, here, None).person_id is None


def test_a_deployment_knows_a_sub_once(database: Database) -> None:
    deployment_id = database.write_now(a_deployment)
    add_person(database, deployment_id, "6")
    with pytest.raises(IntegrityError):
        add_person(database, deployment_id, "6")


def test_subs_that_differ_only_in_case_are_two_people(database: Database) -> None:
    deployment_id = database.write_now(a_deployment)
    add_person(database, deployment_id, "a")
    add_person(database, deployment_id, "A")
    assert database.read_now(lambda db: len(db.exec(select(Person)).all())) == 2


def test_a_person_is_renamed_and_nobody_else(database: Database) -> None:
    room = classroom(database, 2)
    database.write_now(lambda db: people.rename(db, room.students[0].person_id, "Zoë 🌱 محمد"))
    assert [database.read_now(lambda db, it=it: db.get_one(Person, it.person_id).name) for it in room.students] == [
        "Zoë 🌱 محمد", "Person 1",
    ]  # fmt: skip


def test_an_enrolment_is_of_one_course(database: Database) -> None:
    room = classroom(database, 1)
    person = database.read_now(lambda db: db.get_one(Person, room.students[0].person_id))
    course = database.read_now(lambda db: db.get_one(Course, room.course_id))
    here = known(database, person.deployment_id, person.sub, course.kind, course.lti_id)
    assert (here.role, bool(here.is_test_user), bool(here.is_active)) == ("learner", False, True)
    assert known(database, person.deployment_id, person.sub, course.kind, "elsewhere").role is None


def test_staff_come_by_name_without_who_left_and_test_users(database: Database) -> None:
    room = classroom(database, 2)

    def work(db: Session) -> None:
        for sub, role in (
            ("b", "assistant"),
            ("a", "teacher"),
            ("left", "teacher"),
            ("test", "teacher"),
            ("o", "observer"),
        ):
            viewer = enrolled(db, 1, room.course_id, sub, role)
            enrolment = db.get_one(Enrolment, (viewer.person_id, room.course_id))
            enrolment.is_active, enrolment.is_test_user = sub != "left", sub == "test"

    database.write_now(work)
    staff = database.read_now(lambda db: people.staff_of(db, room.course_id))
    assert [(row.sub, row.role) for row in staff] == [("a", "teacher"), ("b", "assistant"), ("t", "teacher")]
