"""Moving everything into another database: all rows of all tables, as they are at one moment, or nothing."""

import hashlib
import json
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

from sqlalchemy import Connection, Engine, Table, func, inspect, select, text
from sqlalchemy.exc import DBAPIError

from reflect.storage.backups import BackupRefused
from reflect.storage.postgresql import set_for_transaction
from reflect.storage.schema import METADATA

BATCH = 1000
"""Rows at once."""
_GIVEN = text("SELECT pg_sequence_last_value(pg_get_serial_sequence(:name, 'id')::regclass)")
_GO_ON = text("SELECT setval(pg_get_serial_sequence(:name, 'id'), :last)")


@dataclass(frozen=True, slots=True)
class Moved:
    """A table that was moved: how many rows, and a checksum over them that no order changes."""

    table: str
    rows: int
    checksum: str


def is_empty(connection: Connection) -> bool:
    """Whether a database holds no row of ours, whatever tables it has."""
    there = set(inspect(connection).get_table_names()) & set(METADATA.tables)
    return not any(connection.scalar(select(text("1")).select_from(METADATA.tables[name]).limit(1)) for name in there)


@contextmanager
def held_still(engine: Engine) -> Iterator[Connection]:
    """A database as it is at one moment, in which nobody writes meanwhile; nothing of it is changed."""
    is_sqlite = engine.dialect.name == "sqlite"
    options = {"sqlite_begin": "IMMEDIATE"} if is_sqlite else {"isolation_level": "REPEATABLE READ"}
    with engine.execution_options(**options).connect() as connection, connection.begin() as transaction:
        if not is_sqlite:
            names = ", ".join(f'"{table.name}"' for table in METADATA.sorted_tables)
            set_patient(connection)
            connection.execute(text(f"LOCK TABLE {names} IN SHARE MODE"))
        yield connection
        transaction.rollback()


def set_patient(connection: Connection) -> None:
    """Let a transaction wait for as long as we compare and copy on the other side."""
    if connection.dialect.name == "postgresql":
        set_for_transaction(connection, lock_timeout="10s", idle_in_transaction_session_timeout="0")


def copy(source: Connection, target: Connection, tell: Callable[[str], None] = lambda _: None) -> list[Moved]:
    """Copy all tables into empty ones, and hold them against each other.

    Raises BackupRefused `move_impossible` (a value that the target cannot hold), `move_differs`.
    """
    moved = []
    for table in METADATA.sorted_tables:
        tell(table.name)
        try:
            _fill(table, source, target)
        except DBAPIError as error:
            raise BackupRefused("move_impossible", f"{table.name}: {type(error.orig).__name__}") from None
        one, other = summed(source, table), summed(target, table)
        if one != other:
            raise BackupRefused("move_differs", table.name)
        moved.append(one)
    if target.dialect.name == "postgresql":
        for table in METADATA.sorted_tables:
            _count_on(table, source, target)
    return moved


def _fill(table: Table, source: Connection, target: Connection) -> None:
    """Row by row in the order of the keys: of tables that know no order, none comes along."""
    later = [key.parent.name for key in table.foreign_keys if key.column.table is table]
    for rows in _batches(source, table):
        values = [row._asdict() for row in rows]
        target.execute(table.insert(), [{**row, **dict.fromkeys(later)} for row in values])
    for name in later:
        # What refers to a row of its own table can do so once all are there.
        column, key = table.c[name], table.c.id
        for number, other in source.execute(select(key, column).where(column.is_not(None)).order_by(key)).all():
            target.execute(table.update().where(key == number).values({name: other}))


def _batches(connection: Connection, table: Table) -> Iterator[Any]:
    rows = select(table).order_by(*table.primary_key.columns).execution_options(stream_results=True)
    found = connection.execute(rows)
    yield from iter(lambda: found.fetchmany(BATCH), [])


def summed(connection: Connection, table: Table) -> Moved:
    """How many rows a table has, and their checksum."""
    count = total = 0
    for rows in _batches(connection, table):
        for row in rows:
            said = json.dumps([_plain(value) for value in row], sort_keys=True)
            total += int.from_bytes(hashlib.sha256(said.encode()).digest())
        count += len(rows)
    return Moved(table.name, count, f"{total % 2**256:064x}")


def _plain(value: Any) -> Any:
    if isinstance(value, datetime):
        return (value.astimezone(UTC) if value.tzinfo else value.replace(tzinfo=UTC)).isoformat()
    if isinstance(value, bytes | memoryview):
        return bytes(value).hex()
    return value if value is None or isinstance(value, bool | int | float | str | list | dict) else str(value)


def _count_on(table: Table, source: Connection, target: Connection) -> None:
    """Let numbers go on after the last one that was given."""
    number = table.c.get("id")
    if number is None or table.autoincrement_column is not number:
        return
    last = source.scalar(select(func.max(number)))
    if source.dialect.name == "postgresql":
        # Rows with higher numbers may have been deleted.
        given = source.scalar(_GIVEN, {"name": f'"{table.name}"'})
        last = max(filter(None, (last, given)), default=None)
    if last is not None:
        target.execute(_GO_ON, {"name": f'"{table.name}"', "last": last})
