"""SQLite on the event loop's own two connections: for work that takes less time than waking a thread does.

Nothing here ever waits: reading never does in WAL mode, and a write that finds another writer gives up at once. Each
connection keeps one session for good and says BEGIN and COMMIT itself, because SQLAlchemy's way of saying them costs
as much as the work.
"""

import sqlite3
from collections.abc import Callable
from typing import TypeVar, cast

from sqlalchemy import Engine
from sqlmodel import Session

from reflect.storage.prepared import DRIVER, Driver
from reflect.storage.transactions import forget

Result = TypeVar("Result")

NO_WAITING = ("busy_timeout=0", "synchronous=NORMAL", "wal_autocheckpoint=0")
"""No flush and no checkpoint on the event loop: the writer's thread does both when it comes by."""


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

    def do(self, job: Callable[[Session], Result]) -> Result:
        """Do a job in a transaction of its own; raises what it raises, then nothing is changed."""
        self._driver.execute(self._begin)
        forget(self._session)
        try:
            result = job(self._session)
            if self._session.new or self._session.identity_map:
                self._session.flush()
                self._session.expunge_all()
            self._driver.execute("COMMIT")
            return result
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


class AtOnce:
    """Does small jobs in the calling thread, which must always be the same one."""

    def __init__(self, engine: Engine) -> None:
        self._engine = engine
        self._reading: _Desk | None = None
        self._writing: _Desk | None = None

    def read(self, job: Callable[[Session], Result]) -> Result:
        """Do a job on one consistent snapshot."""
        if self._reading is None:
            self._reading = _Desk(self._engine, "BEGIN")
        return self._reading.do(job)

    def write(self, job: Callable[[Session], Result]) -> Result:
        """Do a job that need not be durable, or raise Busy."""
        if self._writing is None:
            self._writing = _Desk(self._engine, "BEGIN IMMEDIATE", NO_WAITING)
        try:
            return self._writing.do(job)
        except sqlite3.OperationalError as error:
            # Ours says so before the job begins; a job's own statements speak in SQLAlchemy's errors.
            if error.sqlite_errorcode & 0xFF in {sqlite3.SQLITE_BUSY, sqlite3.SQLITE_LOCKED}:
                raise Busy from None
            raise

    def close(self) -> None:
        """Let go of the connections."""
        for desk in (self._reading, self._writing):
            if desk is not None:
                desk.close()
