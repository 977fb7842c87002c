"""What the tests of backups, restores and moves ask a database."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import TypeVar

from sqlalchemy import text
from sqlmodel import Session

from reflect.storage import moves
from reflect.storage.database import Database, open_engine
from reflect.storage.schema import METADATA
from tests.cli.running import Shell

Result = TypeVar("Result")


@contextmanager
def opened(url: str) -> Iterator[Database]:
    """A database that is closed again: while it is open, it is in use."""
    database = Database(url)
    try:
        yield database
    finally:
        database.close()


def did(shell: Shell, job: Callable[[Session], Result]) -> Result:
    """A job in the shell's database."""
    with opened(shell.env["REFLECT_DATABASE_URL"]) as database:
        return database.write_now(job)


def sums(url: str, *but: str) -> dict[str, tuple[int, str]]:
    """For each table how many rows it has, and their checksum."""
    engine = open_engine(url)
    try:
        with engine.connect() as connection:
            found = [moves.summed(connection, table) for table in METADATA.sorted_tables if table.name not in but]
            return {it.table: (it.rows, it.checksum) for it in found}
    finally:
        engine.dispose()


def ran(url: str, *statements: str) -> None:
    """Run statements as they are."""
    engine = open_engine(url)
    with engine.begin() as connection:
        for statement in statements:
            connection.execute(text(statement))
    engine.dispose()
