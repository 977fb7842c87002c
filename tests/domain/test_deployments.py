import pytest
from sqlmodel import col, select

from reflect.domain.deployments import MOST_KNOCKS, knock
from reflect.storage.database import Database
from reflect.storage.registrations import Deployment, sender
from tests.classroom import NOW, a_deployment


@pytest.fixture
def registration_id(database: Database) -> int:
    deployment_id = database.write_now(a_deployment)
    return database.read_now(lambda db: db.get_one(Deployment, deployment_id).registration_id)


def knocks(database: Database, registration_id: int, *names: str) -> None:
    for name in names:
        database.write_now(lambda db, name=name: knock(db, registration_id, name, NOW))


def names_of(database: Database, registration_id: int, is_approved: bool) -> list[str]:
    own = select(Deployment).where(
        col(Deployment.registration_id) == registration_id, col(Deployment.is_approved) == is_approved
    )
    return sorted(row.deployment_id for row in database.read_now(lambda db: db.exec(own).all()))


def test_an_unknown_deployment_is_remembered_once_and_not_let_in(database: Database, registration_id: int) -> None:
    knocks(database, registration_id, "2", "3", "2")
    assert names_of(database, registration_id, is_approved=False) == ["2", "3"]
    found = database.read_now(lambda db: sender(db, registration_id))
    assert found
    assert [it.deployment_id for it in found.deployments] == ["1"]


def test_a_known_deployment_that_knocks_stays_approved(database: Database, registration_id: int) -> None:
    knocks(database, registration_id, "1")
    assert names_of(database, registration_id, is_approved=True) == ["1"]
    assert names_of(database, registration_id, is_approved=False) == []


def test_a_platform_gone_wrong_cannot_fill_the_table(database: Database, registration_id: int) -> None:
    other = database.write_now(a_deployment)
    elsewhere = database.read_now(lambda db: db.get_one(Deployment, other).registration_id)
    knocks(database, registration_id, *(f"no {number}" for number in range(MOST_KNOCKS + 5)))
    knocks(database, elsewhere, "2")
    assert len(names_of(database, registration_id, is_approved=False)) == MOST_KNOCKS
    assert names_of(database, elsewhere, is_approved=False) == ["2"]
