"""The way to the database: one writer that commits what is waiting together, and readers apart.

Every piece of work is a *job*: a function of a `sqlmodel.Session` that returns plain values. A writing job that
raises has changed nothing. Because writes that arrive while one transaction is being made durable wait for the next
and share it, full durability costs a busy minute hardly more than none.
"""

import asyncio
import os
import time
from collections.abc import Callable
from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import suppress
from typing import Any, TypeVar

from sqlalchemy import Connection, Engine, create_engine, event
from sqlalchemy.engine import make_url
from sqlmodel import Session

from reflect.storage.at_once import AtOnce, Busy
from reflect.storage.away import same_file
from reflect.storage.lane import Lane
from reflect.storage.look_ups import THREADS, LookUps
from reflect.storage.outages import PATIENCE, Overdue
from reflect.storage.postgresql import end_of_reading, open_postgresql
from reflect.storage.replicas import Replica

Result = TypeVar("Result")
Job = Callable[[Session], Result]

READERS = 4
"""Threads that read. More would only queue for the interpreter's lock."""
BUSY = 10
"""Seconds that a write waits for another process to let go of an SQLite file, before whoever wrote is told so."""

SETTLING, SETTLING_PAUSE = 5.0, 0.1
"""Seconds for which the emptying of SQLite's log is tried again where others read, and between two tries."""


def open_engine(url: str) -> Engine:
    """Open the database; on SQLite also switch on what it leaves off."""
    if make_url(url).get_backend_name() != "sqlite":
        return open_postgresql(url, READERS + THREADS + 3)
    engine = create_engine(
        url, hide_parameters=True, connect_args={"timeout": BUSY, "check_same_thread": False}, pool_size=READERS + 4
    )
    path = engine.url.database or ""
    must_be_there = same_file(path)
    event.listen(engine, "do_connect", lambda *_connecting: must_be_there())
    if not os.path.exists(path):
        event.listen(engine, "do_connect", lambda *_connecting: _make_private(path), once=True)
    event.listen(engine, "connect", _tune_sqlite)
    event.listen(engine, "begin", lambda _connection: must_be_there())
    event.listen(engine, "begin", _begin_sqlite)
    return engine


def _make_private(path: str) -> None:
    """Let a new file be nobody else's to read, whatever the shell lets new files be; SQLite gives its log the same."""
    with suppress(OSError):  # it is there, or cannot be: SQLite says so better
        os.close(os.open(path, os.O_CREAT | os.O_EXCL | os.O_WRONLY, 0o600))


def _tune_sqlite(connection: Any, _record: object) -> None:
    connection.isolation_level = None  # SQLAlchemy says BEGIN, not sqlite3, which would begin too late
    # secure_delete: a destroyed sealed answer must be gone from the file, not only from the index.
    for pragma in ("journal_mode=WAL", "synchronous=FULL", "foreign_keys=ON", "secure_delete=ON"):
        connection.execute(f"PRAGMA {pragma}")


def _begin_sqlite(connection: Connection) -> None:
    mode = connection.get_execution_options().get("sqlite_begin", "DEFERRED")
    if mode is not None:  # None: whoever holds the connection says it
        connection.exec_driver_sql(f"BEGIN {mode}")


def empties_log(connection: Connection) -> bool:
    """Write all of SQLite's log into its file, outside of a transaction; False where somebody reads an older state."""
    busy, _in_log, _moved = connection.exec_driver_sql("PRAGMA wal_checkpoint(TRUNCATE)").one()
    return not busy


class Database:
    """An open database with its writer and its readers; `close()` finishes what was accepted."""

    def __init__(self, url: str, replica_url: str = "") -> None:
        self.engine = open_engine(url)
        self._replica = Replica(replica_url) if replica_url else None
        # A writer that begins DEFERRED may lose an update or the lock; a reader must see one moment, not two.
        self._writing = self.engine.execution_options(sqlite_begin="IMMEDIATE")
        snapshot = self.engine.dialect.name == "postgresql"
        self._reading = self.engine.execution_options(isolation_level="REPEATABLE READ") if snapshot else self.engine
        self._lane = Lane(self._writing)
        self._at_once = None if snapshot else AtOnce(self.engine)
        self._look_ups = LookUps(self._reading) if snapshot else None
        # To begin and to end what is one statement would cost a way there and back each.
        self._glances = LookUps(self.engine.execution_options(isolation_level="AUTOCOMMIT"), 1) if snapshot else None
        self._readers = ThreadPoolExecutor(READERS, "reader")
        self.reads_under_way = 0
        """Reads of the event loop that have a thread, or wait for one."""

    async def write(self, job: Job[Result], *, is_durable: bool = True, order: int = 0) -> Result:
        """Do the job in one transaction with whatever else is waiting; it returns after the commit.

        What need not be durable survives a crash of this process, but perhaps not of the machine's power. `order` is
        the id of the check-in that the job holds on to, if it does (`Lane`).
        """
        if self._at_once is not None and not is_durable:
            with suppress(Busy):
                return await self._at_once.write(job)
        result: Result = await self._lane.take_for_loop(job, is_durable=is_durable, order=order)
        return result

    async def read(self, job: Job[Result]) -> Result:
        """Do the job on one consistent snapshot, off the event loop; raises Overdue if its turn comes too late."""
        until = time.monotonic() + PATIENCE

        def work() -> Result:
            if time.monotonic() > until:
                raise Overdue
            return self.read_now(job)

        self.reads_under_way += 1
        try:
            return await asyncio.get_running_loop().run_in_executor(self._readers, work)
        finally:
            self.reads_under_way -= 1

    async def read_late(self, job: Job[Result]) -> Result:
        """`read` of what may be some seconds old: from the replica, if there is one and it is not further behind."""
        if self._replica is not None:
            position, loop = await self.read(self._replica.note), asyncio.get_running_loop()
            # Whatever is wrong, if only that a row has not come yet: the database itself is asked then, and decides.
            with suppress(Exception):
                return await loop.run_in_executor(self._replica.threads, self._replica.read, job, position)
        return await self.read(job)

    async def look_up(self, job: Job[Result]) -> Result:
        """`read` for a few rows by their keys.

        SQLite gives them in less time than waking a thread takes; over a network, look-ups that wait go together.
        """
        if self._look_ups is not None:
            return await self._look_ups.take(job)
        if self._at_once is not None:
            with suppress(Busy):  # after a crash somebody reads the log again: to be waited for, but not here
                return self._at_once.read(job)
        return await self.read(job)

    async def glance(self, job: Job[Result]) -> Result:
        """`look_up` of one statement, which is a snapshot by itself; of several each sees its own moment."""
        if self._glances is not None:
            return await self._glances.take(job)
        return await self.look_up(job)

    def write_now(self, job: Job[Result]) -> Result:
        """`write` for callers without an event loop: commands and background work."""
        future: Future[Result] = self._lane.take(job)
        return future.result()

    def read_now(self, job: Job[Result]) -> Result:
        """`read` for callers without an event loop."""
        with self._reading.connect() as connection, Session(connection, expire_on_commit=False) as db:
            result = job(db)
            end_of_reading(connection)
        return result

    @property
    def writes_waiting(self) -> int:
        """Writes that the writer has not begun."""
        return self._lane.waiting

    def settle(self) -> bool:
        """Empty SQLite's write-ahead log into its file, so that no destroyed row lingers there. Takes a while.

        False where that could not be done: somebody went on reading an older state for all of `SETTLING` seconds.
        """
        if self._at_once is None:
            return True
        until = time.monotonic() + SETTLING
        with self.engine.connect().execution_options(sqlite_begin=None) as connection:
            # While SQLite waits by itself it holds up all who write.
            connection.exec_driver_sql("PRAGMA busy_timeout=0")
            try:
                while not (is_empty := empties_log(connection)) and time.monotonic() < until:
                    time.sleep(SETTLING_PAUSE)
            finally:
                connection.exec_driver_sql(f"PRAGMA busy_timeout={BUSY * 1000}")
        return is_empty

    def close(self) -> None:
        """Finish accepted writes, then let go of every connection."""
        self._lane.close()
        if self._at_once is not None:
            self._at_once.close()
        for look_ups in (self._look_ups, self._glances):
            if look_ups is not None:
                look_ups.close()
        self._readers.shutdown()
        if self._replica is not None:
            self._replica.close()
        self.engine.dispose()
