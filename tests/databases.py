"""Databases on a PostgreSQL server, each used by one test after another: to make one takes as long as a test."""

import time
import uuid
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field

import psycopg

USES = 40
"""How often a database is used: rows that were deleted still cost a little."""

STATE = """
SELECT (SELECT (count(*), max(xmin::text::bigint)) FROM pg_class),
       (SELECT (count(*), max(xmin::text::bigint)) FROM pg_attribute),
       (SELECT (count(*), max(xmin::text::bigint)) FROM pg_constraint),
       (SELECT (count(*), max(xmin::text::bigint)) FROM pg_proc),
       (SELECT (count(*), max(xmin::text::bigint)) FROM pg_trigger),
       CASE WHEN to_regclass('alembic_version') IS NOT NULL
         THEN query_to_xml('SELECT version_num FROM alembic_version', false, true, '')::text END
"""
"""What changes with any change of a table, a view, a constraint, a function or a trigger, and of what is said of them."""

OTHERS = "SELECT count(*) FROM pg_stat_activity WHERE datname = current_database() AND pid <> pg_backend_pid()"
PATIENCE = 2
"""Seconds until whoever has gone must be gone."""

WIPE = """
DO $$ DECLARE name regclass; BEGIN
  SET LOCAL session_replication_role = replica;
  FOR name IN SELECT oid FROM pg_class
    WHERE relkind = 'r' AND relnamespace = 'public'::regnamespace AND relname <> 'alembic_version'
  LOOP EXECUTE format('DELETE FROM %s', name); END LOOP;
  PERFORM setval(seqrelid::regclass, seqstart, false) FROM pg_sequence;
END $$
"""
"""Delete every row, without a look at what hangs on it, and begin to count anew."""


@dataclass
class Used:
    """A database in use: what its schema was when it was made, and for the how manieth time it is used."""

    schema: object
    times: int = 0


@dataclass
class Databases:
    """The databases that one process makes on the server at an address, as copies of a template."""

    address: str
    template: str
    _used: dict[str, Used] = field(default_factory=dict)
    _free: list[str] = field(default_factory=list)

    def take(self) -> str:
        """The name of a database that is as the template."""
        if not self._free:
            name = created(self.address, self.template)
            with connected(self.address, name) as connection:
                self._used[name] = Used(_schema(connection))
            self._free.append(name)
        name = self._free.pop()
        self._used[name].times += 1
        return name

    def give_back(self, name: str) -> None:
        """Wipe a database; one that cannot be used again, since it was altered or is in use still, is dropped."""
        used = self._used[name]
        with connected(self.address, name) as connection:
            if used.times < USES and _schema(connection) == used.schema and _is_left(connection):
                # A server that is not the tests' own may not let us.
                with suppress(psycopg.errors.InsufficientPrivilege):
                    connection.execute(WIPE)
                    self._free.append(name)
                    return
        del self._used[name]
        with connected(self.address, "postgres") as connection:
            connection.execute(f"DROP DATABASE {name} WITH (FORCE)")


def created(address: str, template: str = "template0") -> str:
    """Make a database on a server; its name."""
    name = f"t{uuid.uuid4().hex}"
    with connected(address, "postgres") as connection:
        connection.execute(f"CREATE DATABASE {name} TEMPLATE {template}")
    return name


@contextmanager
def connected(address: str, name: str) -> Iterator[psycopg.Connection]:
    """A connection to a database, where each statement is a transaction of its own."""
    with psycopg.connect(f"{address}/{name}", autocommit=True) as connection:
        yield connection


def _is_left(connection: psycopg.Connection) -> bool:
    deadline = time.monotonic() + PATIENCE
    while time.monotonic() < deadline:
        if connection.execute(OTHERS).fetchone() == (0,):
            return True
        time.sleep(0.01)
    return False


def _schema(connection: psycopg.Connection) -> object:
    return connection.execute(STATE).fetchone()
