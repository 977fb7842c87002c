"""Group commit: the one thread of a process that writes, and puts waiting writes into one transaction."""

import threading
from collections.abc import Callable
from concurrent.futures import Future
from queue import Empty, SimpleQueue
from typing import Any

from sqlalchemy import Engine
from sqlalchemy.exc import OperationalError
from sqlmodel import Session

LARGEST_GROUP = 64
"""Jobs in one transaction: enough to hide a disk's flush, few enough that nobody waits long."""
TRIES = 4
"""How often a job is tried alone when the database says that two transactions got in each other's way."""

Taken = tuple[Callable[[Session], Any], "Future[Any]"]


class Lane:
    """Takes writing jobs from any thread and acknowledges each only after its commit."""

    def __init__(self, engine: Engine) -> None:
        self._engine = engine
        self._waiting: SimpleQueue[Taken | None] = SimpleQueue()
        self._door = threading.Lock()
        self._is_closed = False
        self._thread = threading.Thread(target=self._work, name="writer", daemon=True)
        self._thread.start()

    def take(self, job: Callable[[Session], Any]) -> "Future[Any]":
        """A future of the job's result, fulfilled once the result is durable; raises RuntimeError when closed."""
        future: Future[Any] = Future()
        with self._door:
            if self._is_closed:
                raise RuntimeError("The database is closed.")
            self._waiting.put((job, future))
        return future

    def close(self) -> None:
        """Finish what was taken, then end the thread."""
        with self._door:
            self._is_closed = True
            self._waiting.put(None)
        self._thread.join()

    def _work(self) -> None:
        while (first := self._waiting.get()) is not None:
            group, last = self._gather(first)
            # Whoever waited may have gone: a cancelled job is not begun, and a begun one can no more be cancelled.
            self._commit_together([taken for taken in group if taken[1].set_running_or_notify_cancel()])
            if last:
                return

    def _gather(self, first: Taken) -> tuple[list[Taken], bool]:
        group = [first]
        while len(group) < LARGEST_GROUP:
            try:
                taken = self._waiting.get_nowait()
            except Empty:
                return group, False
            if taken is None:
                return group, True
            group.append(taken)
        return group, False

    def _commit_together(self, group: list[Taken]) -> None:
        try:
            results = self._transaction([job for job, _ in group])
        except BaseException:
            # One job refused or failed and took the group's transaction with it: each again by itself.
            for job, future in group:
                self._commit_alone(job, future)
        else:
            for (_, future), result in zip(group, results, strict=True):
                future.set_result(result)

    def _commit_alone(self, job: Callable[[Session], Any], future: "Future[Any]") -> None:
        for tries_left in reversed(range(TRIES)):
            try:
                result = self._transaction([job])[0]
            except OperationalError as error:
                if not (tries_left and _was_in_the_way(error)):
                    future.set_exception(error)
                    return
            except BaseException as error:
                future.set_exception(error)
                return
            else:
                future.set_result(result)
                return

    def _transaction(self, jobs: list[Callable[[Session], Any]]) -> list[Any]:
        with self._engine.connect() as connection, connection.begin():
            results = []
            for job in jobs:
                with Session(connection, expire_on_commit=False) as db:
                    results.append(job(db))
                    db.flush()
            return results


def _was_in_the_way(error: OperationalError) -> bool:
    """Whether PostgreSQL gave up a transaction for another's sake (deadlock, serialization) and a retry is right."""
    return getattr(error.orig, "sqlstate", None) in {"40001", "40P01"}
