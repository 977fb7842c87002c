"""Opening PostgreSQL so that no fault of a network holds anybody up, with or without a pooler before it.

A connection may end at a pooler such as PgBouncer, which hands each transaction to whichever session is
free. Then nothing may be kept in the session: no prepared statements, and time limits for each transaction anew.
"""

import threading
import time
from typing import Any

from sqlalchemy import Connection, Engine, create_engine, event
from sqlalchemy.engine import make_url

POOLED = "reflect pooled"
"""Key under which a connection remembers that it ends at a pooler."""

NETWORK = {
    "connect_timeout": 5,
    "keepalives_idle": 5,
    "keepalives_interval": 2,
    "keepalives_count": 3,
    "tcp_user_timeout": 10_000,
    "application_name": "reflect",
}
"""libpq's words: five seconds to connect, and after ten (milliseconds, the last but one) without a sign of life the
other end is taken for gone. What the address of the database says of these goes first."""
LIMITS = {"lock_timeout": "10s", "idle_in_transaction_session_timeout": "7s"}
"""Who is cut off in the midst of a transaction holds its rows for seven seconds, and nobody waits longer than ten."""
NOTICE = {"tcp_keepalives_idle": "30", "tcp_keepalives_interval": "10", "tcp_keepalives_count": "3"}
"""When PostgreSQL gives up sessions whose machine is gone, in seconds."""
PAUSE = 1.0
"""Seconds after a vain try to connect in which nobody tries again: a queue must not wait once for each of it."""


def open_postgresql(url: str, pool_size: int, pause: float = PAUSE) -> Engine:
    """Open the database; nothing is connected before the first work. After a vain try nobody tries again for `pause`
    seconds."""
    given = make_url(url).query
    network = {name: value for name, value in NETWORK.items() if name not in given}
    engine = create_engine(
        url,
        hide_parameters=True,
        connect_args=network,
        pool_pre_ping=True,
        pool_size=pool_size,
        pool_use_lifo=True,  # whoever has worked last has most prepared
    )
    event.listen(engine, "do_connect", _Patience(pause))
    event.listen(engine, "connect", _tune)
    event.listen(engine, "commit", _refuse_to_commit_nothing)
    return engine


class _Patience:
    """Connects, and for a moment after a vain try fails at once, as the last one did."""

    def __init__(self, pause: float) -> None:
        self._pause = pause
        self._door = threading.Lock()
        self._fault: BaseException | None = None
        self._until = 0.0

    def __call__(self, dialect: Any, _record: object, arguments: Any, options: Any) -> Any:
        """The new connection; raises what the driver raises."""
        with self._door:
            if self._fault is not None and time.monotonic() < self._until:
                raise type(self._fault)(*self._fault.args)
        try:
            connection = dialect.connect(*arguments, **options)
        except dialect.loaded_dbapi.Error as fault:
            with self._door:
                self._fault, self._until = fault, time.monotonic() + self._pause
            raise
        self._fault = None
        return connection


def _tune(connection: Any, record: Any) -> None:
    """Set the limits for a session of our own; one query tells whether it is, since a pooler makes up the id that it
    gives as the server's process."""
    settings = ", ".join(f"('{name}', '{value}')" for name, value in (LIMITS | NOTICE).items())
    query = f"SELECT set_config(name, value, false) FROM (VALUES {settings}) AS ours (name, value)"  # noqa: S608
    connection.autocommit = True
    own = connection.execute(f"{query} WHERE pg_backend_pid() = {connection.info.backend_pid}").fetchall()
    connection.autocommit = False
    record.info[POOLED] = not own
    if not own:
        connection.prepare_threshold = None


def set_for_transaction(connection: Connection, **settings: str) -> None:
    """Set what PostgreSQL is to know for the transaction that has begun, behind a pooler the limits, too."""
    wanted = (LIMITS | settings) if connection.info.get(POOLED) else settings
    if wanted:
        # One statement, and always of this transaction alone: a session may be somebody else's next.
        calls = ", ".join(f"set_config('{name}', '{value}', true)" for name, value in wanted.items())
        connection.exec_driver_sql(f"SELECT {calls}")


def end_of_reading(connection: Connection) -> None:
    """End a transaction that has read, by COMMIT: after a ROLLBACK psycopg forgets what it has prepared, and PostgreSQL
    takes three times as long to plan what a student's page asks as to answer it. On SQLite nothing is to be done."""
    if connection.dialect.name == "postgresql":
        connection.commit()


def _refuse_to_commit_nothing(connection: Connection) -> None:
    """PostgreSQL takes COMMIT for a rollback, and says nothing, after a fault that a job kept to itself."""
    driver: Any = connection.connection.driver_connection
    if driver.info.transaction_status.name == "INERROR":
        raise RuntimeError("A job swallowed a fault of the database; nothing of its transaction can be kept.")
