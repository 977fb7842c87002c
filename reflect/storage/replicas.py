"""A copy of the database that PostgreSQL keeps by itself (streaming replication), for reading what may be a little old.

How old it is is asked by no clock: the database says how far its log has come, and the copy, how much of that it has.
"""

import threading
import time
from collections import deque
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from typing import TypeVar

from sqlalchemy import text
from sqlmodel import Session

from reflect.storage.postgresql import end_of_reading, open_postgresql

Result = TypeVar("Result")

LAG = 5.0
"""Seconds that a copy may lie behind."""
READERS = 2
PAUSE = 15.0
"""Seconds until a copy that could not be reached is asked again."""
_HERE = text("SELECT pg_current_wal_insert_lsn()::text")
_HAS_COME_TO = text("SELECT pg_last_wal_replay_lsn() >= CAST(:position AS pg_lsn)")


class Behind(Exception):
    """The copy lies too far behind, or is none."""


class Replica:
    """Reads from a copy at an address; `threads` are its readers."""

    def __init__(self, url: str) -> None:
        engine = open_postgresql(url, READERS, PAUSE)
        self._engine = engine.execution_options(isolation_level="REPEATABLE READ", postgresql_readonly=True)
        self._positions: deque[tuple[float, str]] = deque()
        self._door = threading.Lock()
        """Several readers note at once."""
        self.threads = ThreadPoolExecutor(READERS, "replica")

    def note(self, db: Session) -> str:
        """The position that a copy must have come to; to be asked of the database itself."""
        now = time.monotonic()
        position = str(db.scalar(_HERE))
        with self._door:
            self._positions.append((now, position))
            while self._positions[0][0] < now - LAG:
                self._positions.popleft()
            return self._positions[0][1]

    def read(self, job: Callable[[Session], Result], position: str) -> Result:
        """Do a job on one consistent snapshot of the copy; raises Behind, and DBAPIError if it cannot be reached."""
        with self._engine.connect() as connection, Session(connection, expire_on_commit=False) as db:
            if not db.scalar(_HAS_COME_TO, {"position": position}):
                raise Behind
            result = job(db)
            end_of_reading(connection)
        return result

    def close(self) -> None:
        """Let go of every connection."""
        self.threads.shutdown()
        self._engine.dispose()
