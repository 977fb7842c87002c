"""What a test left in a database is gone before the next one gets it."""

import pytest

from reflect.storage.database import Database
from tests.classroom import classroom
from tests.databases import Databases, connected


@pytest.fixture
def databases(postgres: Databases) -> Databases:
    """A stock of its own, which nobody has taken anything from."""
    return Databases(postgres.address, postgres.template)


def filled(databases: Databases, name: str) -> tuple[int, int]:
    """Put a course with an answer into a database; the ids of the course and the check-in."""
    database = Database(f"{databases.address}/{name}")
    room = classroom(database, 2)
    checkin_id = room.open("named")
    room.answer(room.students[0], checkin_id, "calm")
    database.close()
    return room.course_id, checkin_id


def test_a_used_database_is_given_out_again_empty_and_counts_from_one(databases: Databases) -> None:
    first = databases.take()
    before = filled(databases, first)
    databases.give_back(first)
    again = databases.take()
    assert again == first
    with connected(databases.address, again) as connection:
        for table in ("person", "course", "answer", "checkin", "registration"):
            assert connection.execute(f"SELECT count(*) FROM {table}").fetchone() == (0,)
        assert connection.execute("SELECT count(*) FROM alembic_version").fetchone() == (1,)
    assert filled(databases, again) == before == (1, 1)


@pytest.mark.parametrize(
    "change",
    [
        "ALTER TABLE answer ADD COLUMN more TEXT",
        "ALTER TABLE answer RENAME TO reply",
        "CREATE VIEW spy AS SELECT * FROM answer",
        "CREATE TABLE spy (id INTEGER)",
        "CREATE FUNCTION spy() RETURNS trigger LANGUAGE plpgsql AS 'BEGIN RETURN NEW; END'",
        "ALTER TABLE answer DROP CONSTRAINT pk_answer",
        "UPDATE alembic_version SET version_num = '9999'",
        "DROP TABLE alembic_version",
    ],
)
def test_an_altered_database_is_not_given_out_again(databases: Databases, change: str) -> None:
    first = databases.take()
    with connected(databases.address, first) as connection:
        connection.execute(change)
    databases.give_back(first)
    assert databases.take() != first


def test_a_database_that_somebody_still_uses_is_not_given_out_again(
    databases: Databases, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("tests.databases.PATIENCE", 0.1)
    first = databases.take()
    with connected(databases.address, first):
        databases.give_back(first)
        assert databases.take() != first


def test_databases_in_use_at_once_are_different_ones(databases: Databases) -> None:
    taken = [databases.take() for _ in range(3)]
    assert len(set(taken)) == 3
    for name in taken:
        databases.give_back(name)
