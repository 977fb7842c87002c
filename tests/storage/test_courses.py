from datetime import date, timedelta
from typing import Any

import pytest
from sqlalchemy.exc import IntegrityError
from sqlmodel import Session

from reflect.storage import courses, standings
from reflect.storage.courses import Course, ResourceLink
from reflect.storage.database import Database
from reflect.storage.standings import Whereabouts
from tests.classroom import NOW, a_deployment

TODAY = NOW.date()
TOMORROW = TODAY + timedelta(days=1)


def add_course(database: Database, deployment_id: int, kind: str = "context", lti_id: str = "2") -> int:
    def work(db: Session) -> int:
        course = Course(deployment_id=deployment_id, kind=kind, lti_id=lti_id, title="Biology", created_at=NOW, last_active_on=TODAY)  # fmt: skip
        db.add(course)
        db.flush()
        assert course.id
        return course.id

    return database.write_now(work)


def known(database: Database, deployment_id: int, kind: str, lti_id: str, link: str | None = None) -> Any:
    about = Whereabouts(deployment_id, kind, lti_id, link, None)
    return database.write_now(lambda db: standings.take_up(db, "a state", NOW, about)[1])


def test_a_course_is_found_by_deployment_kind_and_id(database: Database) -> None:
    here, there = (database.write_now(a_deployment) for _ in range(2))
    keys = [(here, "context", "2"), (here, "link", "2"), (there, "context", "2"), (here, "context", "3")]
    ids = [add_course(database, *key) for key in keys]
    assert [known(database, *key).course_id for key in keys] == ids
    assert known(database, there, "link", "2").course_id is None


def test_a_deployment_knows_a_context_once(database: Database) -> None:
    deployment_id = database.write_now(a_deployment)
    add_course(database, deployment_id)
    with pytest.raises(IntegrityError):
        add_course(database, deployment_id)


def test_touching_remembers_names_and_the_day(database: Database) -> None:
    deployment_id = database.write_now(a_deployment)
    touched, other = add_course(database, deployment_id), add_course(database, deployment_id, lti_id="3")
    database.write_now(lambda db: courses.touch_course(db, touched, "Biology II", "B2", "", TOMORROW))

    def facts(lti_id: str) -> tuple[int, str, str, date]:
        row = known(database, deployment_id, "context", lti_id)
        return row.course_id, row.title, row.label, row.last_active_on

    assert facts("2") == (touched, "Biology II", "B2", TOMORROW)
    assert facts("3") == (other, "Biology", "", TODAY)


def test_a_link_is_found_by_deployment_and_id(database: Database) -> None:
    here, there = (database.write_now(a_deployment) for _ in range(2))
    course_id = add_course(database, here)
    link: dict[str, Any] = {"deployment_id": here, "course_id": course_id, "lti_id": "1", "title": "How are you?"}
    database.write_now(lambda db: db.add(ResourceLink(**link)))
    assert known(database, here, "context", "2", link="1").link_id is not None
    assert known(database, there, "context", "2", link="1").link_id is None
    assert known(database, here, "context", "2", link=None).link_id is None
    with pytest.raises(IntegrityError):
        database.write_now(lambda db: db.add(ResourceLink(**link)))
