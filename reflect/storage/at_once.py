"""SQLite on the event loop's own two connections: for work that takes less time than waking a thread does.

Nothing here ever waits for anybody: reading never does in WAL mode, and a write that finds another writer gives up at
once. Each connection keeps one session for good and says BEGIN and COMMIT itself, because SQLAlchemy's way of saying
them costs as much as the work.
"""

import asyncio
import sqlite3
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from typing import Any, TypeVar, cast

from sqlalchemy import Engine
from sqlmodel import Session

from reflect.storage.away import same_file
from reflect.storage.outages import DatabaseAway
from reflect.storage.prepared import DRIVER, Driver
from reflect.storage.tickets import Outcome, Ticket, done_together
from reflect.storage.transactions import forget

Result = TypeVar("Result")

READING = ("busy_timeout=0",)
WRITING = ("busy_timeout=0", "synchronous=NORMAL", "wal_autocheckpoint=0")
"""No waiting, no flush and no checkpoint on the event loop: the writer's thread does both when it comes by."""


class Busy(Exception):
    """Somebody else is writing; nothing was done."""


class _Desk:
    """One connection with its session, and transactions in the driver's own words."""

    def __init__(self, engine: Engine, begin: str, pragmas: tuple[str, ...] = ()) -> None:
        self._begin = begin
        self._connection = engine.connect().execution_options(sqlite_begin=None)
        self._driver = cast(sqlite3.Connection, self._connection.connection.dbapi_connection)
        for pragma in pragmas:
            self._driver.execute(f"PRAGMA {pragma}")
        self._session = Session(self._connection, expire_on_commit=False)
        self._session.info[DRIVER] = Driver(self._connection.dialect, self._driver)

    def do(self, jobs: Sequence[Callable[[Session], Any]]) -> list[Any]:
        """Do jobs in one transaction; raises what one of them raises, then nothing is changed."""
        with _told_apart():
            self._driver.execute(self._begin)
        forget(self._session)
        try:
            results = []
            for job in jobs:
                results.append(job(self._session))
                if self._session.new or self._session.identity_map:
                    self._session.flush()
                    self._session.expunge_all()
            with _told_apart():
                self._driver.execute("COMMIT")
            return results
        except BaseException:
            # A session whose flush failed has rolled back already, and takes no more work until it is told.
            self._session.rollback()
            if self._driver.in_transaction:
                self._driver.execute("ROLLBACK")
            self._session.expunge_all()
            raise

    def close(self) -> None:
        """Let go of the connection; its settings must not come back out of the pool."""
        self._session.close()
        self._connection.invalidate()
        self._connection.close()


@contextmanager
def _told_apart() -> Iterator[None]:
    """A fault of the connection itself: Busy, or DatabaseAway. A job's own statements speak in SQLAlchemy's errors."""
    try:
        yield
    except sqlite3.OperationalError as error:
        if error.sqlite_errorcode & 0xFF in {sqlite3.SQLITE_BUSY, sqlite3.SQLITE_LOCKED}:
            raise Busy from None
        raise DatabaseAway(error.sqlite_errorname) from error


class AtOnce:
    """Does small jobs in the event loop's thread."""

    def __init__(self, engine: Engine) -> None:
        self._engine = engine
        self._must_be_there = same_file(engine.url.database or "")
        self._reading: _Desk | None = None
        self._writing: _Desk | None = None
        self._waiting: list[Ticket] = []

    def read(self, job: Callable[[Session], Result]) -> Result:
        """Do a job on one consistent snapshot."""
        if self._reading is None:
            self._reading = _Desk(self._engine, "BEGIN", READING)
        (result,) = self._reading.do([job])
        return cast(Result, result)

    def write(self, job: Callable[[Session], Result]) -> "asyncio.Future[Result]":
        """A future of the result of a job that need not be durable; it may raise Busy.

        Jobs that come in one turn of the loop share a transaction: committing costs more than most of them do.
        """
        loop = asyncio.get_running_loop()
        if not self._waiting:
            loop.call_soon(self._write_together)
        future: asyncio.Future[Result] = loop.create_future()
        self._waiting.append(Ticket(job, future, loop, is_durable=False))
        return future

    def _write_together(self) -> None:
        # Whoever waited may have gone: a cancelled job is not begun.
        waiting, self._waiting = [ticket for ticket in self._waiting if ticket.begins()], []
        if not waiting:
            return
        for outcomes in done_together(waiting, self._written, self._written_alone):
            for outcome in outcomes:
                outcome.settle()

    def _written_alone(self, ticket: Ticket) -> Outcome:
        try:
            return Outcome(ticket, self._written([ticket])[0])
        except BaseException as error:
            return Outcome(ticket, error=error)

    def _written(self, group: Sequence[Ticket]) -> list[Any]:
        if self._writing is None:
            self._writing = _Desk(self._engine, "BEGIN IMMEDIATE", WRITING)
        self._must_be_there()
        return self._writing.do([ticket.job for ticket in group])

    def close(self) -> None:
        """Do what was taken, then let go of the connections."""
        self._write_together()
        for desk in (self._reading, self._writing):
            if desk is not None:
                desk.close()
