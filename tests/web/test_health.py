"""What balancers and monitors ask: alive, and able to serve."""

import httpx2
import pytest
from alembic import command
from sqlalchemy import text

from reflect.storage.schema import config, migrate
from tests.installation import Installation
from tests.web.launching import assert_refused


def asked(running: Installation, path: str) -> httpx2.Response:
    return running.walker().get(path)


def test_an_installation_with_its_schema_is_ready(shared: Installation) -> None:
    assert asked(shared, "/health/live").text == "alive\n"
    assert asked(shared, "/health/ready").text == "ready\n"


@pytest.mark.parametrize("back_to", ["-1", "base"])
def test_until_migrations_are_done_it_lives_and_is_not_ready(installation: Installation, back_to: str) -> None:
    engine = installation.database.engine
    command.downgrade(config(engine), back_to)
    try:
        waiting = asked(installation, "/health/ready")
        assert_refused(waiting, "unavailable")
        assert waiting.headers["retry-after"] == "10"
        assert asked(installation, "/health/live").status_code == 200
    finally:
        migrate(engine)
    assert asked(installation, "/health/ready").status_code == 200


def test_a_newer_schema_is_served_while_machines_are_updated_one_after_the_other(installation: Installation) -> None:
    with installation.database.engine.begin() as connection:
        (newest,) = connection.execute(text("SELECT version_num FROM alembic_version")).one()
        connection.execute(text("UPDATE alembic_version SET version_num = '9999'"))
    try:
        assert asked(installation, "/health/ready").status_code == 200
    finally:
        with installation.database.engine.begin() as connection:
            connection.execute(text("UPDATE alembic_version SET version_num = :newest"), {"newest": newest})


@pytest.mark.parametrize("revision", ["ae1027a6acf", "0000", "99991"])
def test_with_the_schema_of_another_program_it_is_not_ready(installation: Installation, revision: str) -> None:
    with installation.database.engine.begin() as connection:
        connection.execute(text("UPDATE alembic_version SET version_num = :revision"), {"revision": revision})
    assert_refused(asked(installation, "/health/ready"), "unavailable")


def test_without_any_schema_it_is_not_ready(installation: Installation) -> None:
    engine = installation.database.engine
    with engine.begin() as connection:
        connection.execute(text("ALTER TABLE alembic_version RENAME TO elsewhere"))
    try:
        assert_refused(asked(installation, "/health/ready"), "unavailable")
    finally:
        with engine.begin() as connection:
            connection.execute(text("ALTER TABLE elsewhere RENAME TO alembic_version"))
