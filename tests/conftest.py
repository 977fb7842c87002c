"""Fixtures that the tests of every floor share: both databases, and a running installation on each."""

import logging
import shutil
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest
from hypothesis import settings

from reflect.storage.database import Database, open_engine
from reflect.storage.schema import migrate
from reflect.web.logs import PlainLines
from tests.databases import Databases, created
from tests.installation import Installation, installed
from tests.postgres import postgres_server

BACKENDS = ("sqlite", "postgresql")

# How long an example takes tells how busy the machine is. All else stays as Hypothesis has it here, or where CI runs it.
settings.register_profile("steady", deadline=None)
settings.load_profile("steady")


@pytest.hookimpl(trylast=True)
def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Put the files that take long first, so that in the end no process waits for another that has just begun one."""
    marked = {item.path for item in items if item.get_closest_marker("browser") or item.get_closest_marker("slow")}
    items.sort(key=lambda item: item.path not in marked)


@pytest.fixture(scope="session")
def postgres() -> Iterator[Databases]:
    """A PostgreSQL server, and migrated databases on it."""
    with postgres_server() as address:
        template = created(address)
        engine = open_engine(f"{address}/{template}")
        migrate(engine)
        engine.dispose()
        yield Databases(address, template)


@pytest.fixture(scope="session")
def sqlite_template(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A migrated SQLite file to copy."""
    path = tmp_path_factory.mktemp("template") / "reflect.db"
    engine = open_engine(f"sqlite:///{path}")
    migrate(engine)
    with engine.connect() as connection:
        connection.exec_driver_sql("ROLLBACK")
        connection.exec_driver_sql("PRAGMA wal_checkpoint(TRUNCATE)")
        connection.exec_driver_sql("BEGIN")
    engine.dispose()
    return path


@pytest.fixture(scope="session", params=BACKENDS)
def backend(request: pytest.FixtureRequest) -> str:
    """The database a test runs on; every test that asks for a database runs on both."""
    return str(request.param)


@pytest.fixture
def database_url(backend: str, tmp_path: Path, request: pytest.FixtureRequest) -> str:
    """A migrated, empty database of the test's own."""
    return fresh_database(backend, tmp_path, request)


@pytest.fixture
def database(database_url: str) -> Iterator[Database]:
    """The same, opened."""
    opened = Database(database_url)
    yield opened
    opened.close()


@pytest.fixture
def two_workers(tmp_path: Path, request: pytest.FixtureRequest) -> Iterator[tuple[Database, Database]]:
    """The same PostgreSQL, opened by two workers."""
    url = fresh_database("postgresql", tmp_path, request)
    here, there = Database(url), Database(url)
    yield here, there
    here.close()
    there.close()


@pytest.fixture
def installation(database_url: str) -> Iterator[Installation]:
    """A running installation of the test's own."""
    with installed(database_url) as running:
        yield running


@pytest.fixture(scope="session")
def shared(
    backend: str, tmp_path_factory: pytest.TempPathFactory, request: pytest.FixtureRequest
) -> Iterator[Installation]:
    """A running installation that many tests share; they must not mind each other's data."""
    with installed(fresh_database(backend, tmp_path_factory.mktemp("shared"), request)) as running:
        yield running


def fresh_database(backend: str, folder: Path, request: pytest.FixtureRequest) -> str:
    """The address of a migrated, empty database, until whoever requests it is done."""
    if backend == "sqlite":
        path = folder / "reflect.db"
        shutil.copy(request.getfixturevalue("sqlite_template"), path)
        return f"sqlite:///{path}"
    databases = request.getfixturevalue("postgres")
    assert isinstance(databases, Databases)
    name = databases.take()
    request.addfinalizer(lambda: databases.give_back(name))
    return f"{databases.address}/{name}"


class _ToStandardError(logging.Handler):
    """Shows what the application logged, with the facts of each line, beside a failing test."""

    def emit(self, record: logging.LogRecord) -> None:
        if record.name.startswith("reflect"):
            sys.stderr.write(PlainLines().format(record) + "\n")


logging.getLogger("reflect").addHandler(_ToStandardError())
logging.getLogger("reflect").setLevel(logging.DEBUG)
