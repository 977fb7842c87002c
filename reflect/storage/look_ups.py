"""Small look-ups over a network: those that wait share a connection and a snapshot, as writes share a transaction.

Of the ways there and back that one look-up of a few rows costs, most are for beginning and ending.
"""

import asyncio
import threading
from collections.abc import Callable, Iterator, Sequence
from itertools import islice
from queue import SimpleQueue
from typing import TypeVar

from sqlalchemy import Engine
from sqlalchemy.exc import DBAPIError
from sqlmodel import Session

from reflect.storage.outages import Overdue
from reflect.storage.postgresql import end_of_reading
from reflect.storage.prepared import TOLD, Question
from reflect.storage.tickets import Foreseen, Outcome, Ticket, acknowledge, at_hand
from reflect.storage.together import foresee

Result = TypeVar("Result")

THREADS = 2
"""One more than would do, so that a slow look-up does not hold up all others."""
LARGEST_GROUP = 8
"""Few enough that the first of a group does not wait long for the last."""


class LookUps:
    """Takes reading jobs from event loops; each sees the database as it is after it was taken."""

    def __init__(self, engine: Engine, threads: int = THREADS) -> None:
        self._engine = engine
        self._waiting: SimpleQueue[Ticket | None] = SimpleQueue()
        self._threads = [threading.Thread(target=self._work, name="look-ups", daemon=True) for _ in range(threads)]
        for thread in self._threads:
            thread.start()

    def take(self, job: Callable[[Session], Result]) -> "asyncio.Future[Result]":
        """A future of the job's result for the running event loop."""
        loop = asyncio.get_running_loop()
        future: asyncio.Future[Result] = loop.create_future()
        self._waiting.put(Ticket(job, future, loop))
        return future

    def close(self) -> None:
        """Finish what was taken, then end the threads."""
        for _ in self._threads:
            self._waiting.put(None)
        for thread in self._threads:
            thread.join()

    def _work(self) -> None:
        while (first := self._waiting.get()) is not None:
            group = [first, *islice(at_hand(self._waiting), LARGEST_GROUP - 1)]
            # Whoever waited may have gone: a cancelled job is not begun.
            asked = [ticket for ticket in group if ticket.begins()]
            late = [ticket for ticket in asked if ticket.is_overdue()]
            rest = [ticket for ticket in asked if ticket not in late]
            outcomes = [Outcome(ticket, error=Overdue()) for ticket in late]
            while rest:
                done = self._on_one_snapshot(rest) or self._on_one_snapshot(rest[:1])
                outcomes += done
                rest = rest[len(done) :]
            acknowledge(outcomes)

    def _on_one_snapshot(self, group: Sequence[Ticket]) -> list[Outcome]:
        """What became of the first of them at least; of all, unless the database said no to one. Of none, if it said
        no to what several of them asked in one go."""
        outcomes: list[Outcome] = []
        try:
            with self._engine.connect() as connection, Session(connection, expire_on_commit=False) as db:
                db.info[TOLD] = {}
                try:
                    foresee(db, _first_questions(group))
                except DBAPIError as error:
                    # Whose fault that is shows when each is asked alone.
                    return [Outcome(group[0], error=error)] if len(group) == 1 else []
                for ticket in group:
                    try:
                        outcomes.append(Outcome(ticket, ticket.job(db)))
                    except DBAPIError as error:
                        # Perhaps the fault of one before, who kept it to itself: only the first is to blame for sure.
                        return outcomes or [Outcome(ticket, error=error)]
                    except BaseException as error:
                        outcomes.append(Outcome(ticket, error=error))
                    db.expunge_all()
                end_of_reading(connection)
        except BaseException as error:
            # No connection, or it broke when it was given back: nobody's own fault.
            return outcomes or [Outcome(ticket, error=error) for ticket in group]
        return outcomes


def _first_questions(group: Sequence[Ticket]) -> Iterator[Question]:
    return (each for ticket in group if isinstance(ticket.job, Foreseen) for each in ticket.job.questions)
