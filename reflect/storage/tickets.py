"""Who waits for a job, and how they are told: threads by their own futures, event loops a whole group at a time."""

import asyncio
import time
from collections import defaultdict
from collections.abc import Callable, Iterable, Iterator, Sequence
from concurrent.futures import Future
from contextlib import suppress
from dataclasses import dataclass, field
from itertools import groupby
from queue import Empty, SimpleQueue
from typing import Any

from sqlmodel import Session

from reflect.storage.outages import PATIENCE, CannotBegin, Unsure
from reflect.storage.prepared import Question


@dataclass(frozen=True, slots=True)
class Share:
    """A job that is done with others of its kind in one go: `do` gets what each is about, and gives each a result.

    If it raises for one, nothing is done for any, and each is tried by itself.
    """

    do: Callable[[Session, Sequence[Any]], Sequence[Any]]
    about: Any

    def __call__(self, db: Session) -> Any:
        """Done alone."""
        (result,) = self.do(db, [self.about])
        return result


@dataclass(frozen=True, slots=True)
class Foreseen:
    """A reading job of which is known what it asks first, so that this is asked together with what others ask."""

    job: Callable[[Session], Any]
    questions: Sequence[Question]

    def __call__(self, db: Session) -> Any:
        """Done alone, or after its questions were asked."""
        return self.job(db)


@dataclass(frozen=True, slots=True)
class Ticket:
    """A job and whoever waits for it: a thread (no loop), or a coroutine of that event loop."""

    job: Callable[[Session], Any]
    future: "Future[Any] | asyncio.Future[Any]"
    loop: asyncio.AbstractEventLoop | None
    is_durable: bool = True
    order: int = 0
    """Jobs of one transaction are done from the lowest up."""
    taken_at: float = field(default_factory=time.monotonic)

    def begins(self) -> bool:
        """Whether somebody still waits; from here on a thread can no more cancel."""
        if isinstance(self.future, Future):
            return self.future.set_running_or_notify_cancel()
        return not self.future.cancelled()

    def is_overdue(self) -> bool:
        """Whether it has waited for its turn longer than anybody is told to wait."""
        return time.monotonic() - self.taken_at > PATIENCE


@dataclass(frozen=True, slots=True)
class Outcome:
    """What became of a job: its result, or what it raised."""

    ticket: Ticket
    result: Any = None
    error: BaseException | None = None

    def settle(self) -> None:
        """Tell whoever waits; called in the thread of their event loop, if they have one."""
        future = self.ticket.future
        if future.cancelled():
            return
        if self.error is None:
            future.set_result(self.result)
        else:
            future.set_exception(self.error)


def at_hand(waiting: "SimpleQueue[Ticket | None]") -> Iterator[Ticket]:
    """Takes what waits already; the sign to end is left for whoever looks next, and nothing comes after it."""
    while True:
        try:
            ticket = waiting.get_nowait()
        except Empty:
            return
        if ticket is None:
            waiting.put(None)
            return
        yield ticket


def done_in_turn(db: Session, group: Iterable[Ticket]) -> Iterator[Any]:
    """The results of jobs, one after the other; shares of one kind that follow each other are done in one go."""
    for do, run in groupby(
        (ticket.job for ticket in group), key=lambda job: job.do if isinstance(job, Share) else None
    ):
        if do is not None:
            yield from do(db, [share.about for share in run if isinstance(share, Share)])
            _forget_rows(db)
            continue
        for job in run:
            yield job(db)
            _forget_rows(db)


def _forget_rows(db: Session) -> None:
    """The next job must see the database, not what this one remembers of it."""
    db.flush()
    db.expunge_all()


def done_together(
    group: Sequence[Ticket], transaction: Callable[[Sequence[Ticket]], list[Any]], alone: Callable[[Ticket], Outcome]
) -> Iterator[Sequence[Outcome]]:
    """What became of a group's jobs: all in one transaction, or each again by itself if one raises and takes the
    others' transaction with it. Nothing is done again that may have been done already. Raises CannotBegin for those of
    whom nothing was said yet."""
    if not group:
        return
    try:
        results = transaction(group)
    except CannotBegin:
        raise
    except Unsure as error:
        yield [Outcome(ticket, error=error) for ticket in group]
    except BaseException:
        for ticket in group:
            yield [alone(ticket)]
    else:
        yield [Outcome(ticket, result) for ticket, result in zip(group, results, strict=True)]


def acknowledge(outcomes: Iterable[Outcome]) -> None:
    """Tell everybody, waking each event loop once: waking costs more than a small job does."""
    of_loop: dict[asyncio.AbstractEventLoop, list[Outcome]] = defaultdict(list)
    for outcome in outcomes:
        if outcome.ticket.loop is None:
            outcome.settle()
        else:
            of_loop[outcome.ticket.loop].append(outcome)
    for loop, settled in of_loop.items():
        with suppress(RuntimeError):  # the loop has ended, and nobody waits in it any more
            loop.call_soon_threadsafe(_settle, settled)


def _settle(outcomes: list[Outcome]) -> None:
    for outcome in outcomes:
        outcome.settle()
