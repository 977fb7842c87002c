"""Group commit: the one thread of a process that writes, and puts waiting writes into one transaction."""

import asyncio
import threading
import time
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import Future
from contextlib import contextmanager
from itertools import islice
from queue import SimpleQueue
from typing import Any

from sqlalchemy import Connection, Engine, RootTransaction
from sqlalchemy.exc import DBAPIError
from sqlmodel import Session

from reflect import meters
from reflect.storage.outages import CannotBegin, Overdue, Unsure
from reflect.storage.postgresql import set_for_transaction
from reflect.storage.tickets import Outcome, Ticket, acknowledge, at_hand, done_in_turn, done_together

LARGEST_GROUP = 64
"""Jobs in one transaction: enough to hide a disk's flush, few enough that nobody waits long."""
TRIES = 4
"""How often a job is tried alone when the database says that two transactions got in each other's way."""


class Lane:
    """Takes writing jobs from any thread and acknowledges each only after its commit."""

    def __init__(self, engine: Engine) -> None:
        self._engine = engine
        self._waiting: SimpleQueue[Ticket | None] = SimpleQueue()
        self._door = threading.Lock()
        self._is_closed = False
        self._thread = threading.Thread(target=self._work, name="writer", daemon=True)
        self._thread.start()

    def take(self, job: Callable[[Session], Any]) -> "Future[Any]":
        """A future of the job's result, fulfilled once the result is durable; raises RuntimeError when closed."""
        future: Future[Any] = Future()
        self._queue(Ticket(job, future, None))
        return future

    def take_for_loop(
        self, job: Callable[[Session], Any], *, is_durable: bool = True, order: int = 0
    ) -> "asyncio.Future[Any]":
        """The same for the running event loop, whose futures are fulfilled a whole group at a time.

        A job that need not be durable does not wait for the disk, unless one of its group must. `order` is the id of
        the row that a job holds on to: where every worker takes such rows in one order, no two wait for each other.
        """
        loop = asyncio.get_running_loop()
        future: asyncio.Future[Any] = loop.create_future()
        self._queue(Ticket(job, future, loop, is_durable, order))
        return future

    def _queue(self, ticket: Ticket) -> None:
        with self._door:
            if self._is_closed:
                raise RuntimeError("The database is closed.")
            self._waiting.put(ticket)

    @property
    def waiting(self) -> int:
        """Jobs that are not begun."""
        return self._waiting.qsize()

    def close(self) -> None:
        """Finish what was taken, then end the thread."""
        with self._door:
            self._is_closed = True
            self._waiting.put(None)
        self._thread.join()

    def _work(self) -> None:
        while (first := self._waiting.get()) is not None:
            group = [first, *islice(at_hand(self._waiting), LARGEST_GROUP - 1)]
            # Whoever waited may have gone: a cancelled job is not begun, and one that waited for too long neither.
            waiting = [ticket for ticket in group if ticket.begins()]
            late = [ticket for ticket in waiting if ticket.is_overdue()]
            acknowledge([Outcome(ticket, error=Overdue()) for ticket in late])
            self._do(sorted((it for it in waiting if it not in late), key=lambda ticket: ticket.order))

    def _do(self, waiting: list[Ticket]) -> None:
        try:
            for outcomes in done_together(tuple(waiting), self._transaction, self._commit_alone):
                acknowledge(outcomes)
                del waiting[: len(outcomes)]
        except CannotBegin as fault:
            # Whoever came meanwhile has waited as well: one after the other would wait for minutes.
            waiting += [ticket for ticket in at_hand(self._waiting) if ticket.begins()]
            acknowledge([Outcome(ticket, error=fault.error) for ticket in waiting])

    def _commit_alone(self, ticket: Ticket) -> Outcome:
        if ticket.is_overdue():
            return Outcome(ticket, error=Overdue())
        for tries_left in reversed(range(TRIES)):
            try:
                return Outcome(ticket, self._transaction([ticket])[0])
            except CannotBegin:
                raise
            except DBAPIError as error:
                if _has_waited(error):
                    raise CannotBegin(error) from error
                if not (tries_left and _was_in_the_way(error)):
                    return Outcome(ticket, error=error)
            except BaseException as error:
                return Outcome(ticket, error=error)
        raise AssertionError("The last try returns.")

    def _connected(self) -> Connection:
        try:
            return self._engine.connect()
        except Exception as error:
            raise CannotBegin(error) from error

    def _transaction(self, group: Sequence[Ticket]) -> list[Any]:
        is_durable, began = any(ticket.is_durable for ticket in group), time.perf_counter()
        with (
            self._connected() as connection,
            _begun(connection, is_durable),
            Session(connection, expire_on_commit=False) as db,
        ):
            results = list(done_in_turn(db, group))
        meters.COMMIT_SECONDS.observe(time.perf_counter() - began)
        meters.COMMIT_JOBS.observe(len(group))
        return results


@contextmanager
def _begun(connection: Connection, is_durable: bool) -> Iterator[None]:
    """A transaction whose commit waits for the disk, or does not; either way it is whole or not there.

    Raises CannotBegin, and Unsure if nobody can know whether it was committed.
    """
    try:
        transaction = _begin(connection, is_durable)
    except Exception as error:
        if isinstance(error, DBAPIError) and error.connection_invalidated:
            raise  # an old connection was cut; a new one may be had
        raise CannotBegin(error) from error
    is_done = False
    try:
        with transaction:
            yield
            is_done = True
    except DBAPIError as error:
        if is_done and error.connection_invalidated:
            raise Unsure from error
        raise


def _begin(connection: Connection, is_durable: bool) -> RootTransaction:
    if connection.dialect.name == "sqlite":
        # Only between transactions; each connection keeps what it was told last.
        raw = connection.connection.dbapi_connection
        assert raw is not None
        raw.execute(f"PRAGMA synchronous={'FULL' if is_durable else 'NORMAL'}")
    transaction = connection.begin()
    if connection.dialect.name != "sqlite":
        set_for_transaction(connection, **({} if is_durable else {"synchronous_commit": "off"}))
    return transaction


def _has_waited(error: DBAPIError) -> bool:
    """Whether PostgreSQL gave up after waiting for a lock: the next of the group would wait as long."""
    return getattr(error.orig, "sqlstate", None) == "55P03"


def _was_in_the_way(error: DBAPIError) -> bool:
    """Whether PostgreSQL gave up for another transaction's sake, and a retry is right: a serialization failure, a
    deadlock, or a row that another process has added since this one looked for it."""
    return getattr(error.orig, "sqlstate", None) in {"40001", "40P01", "23505"}
