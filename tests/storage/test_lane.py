import asyncio
import threading
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import CancelledError, Future, wait
from contextlib import suppress
from typing import Any

import pytest
from sqlalchemy import text
from sqlalchemy.exc import DBAPIError
from sqlmodel import Session

from reflect.domain.refusals import Refused
from reflect.storage import checkins
from reflect.storage.checkins import Checkin
from reflect.storage.database import Database
from reflect.storage.lane import LARGEST_GROUP, TRIES, Lane
from reflect.storage.tickets import Share
from tests.classroom import classroom

PATIENCE = 10.0


@pytest.fixture
def lane(database: Database) -> Iterator[Lane]:
    lane = Lane(database.engine.execution_options(sqlite_begin="IMMEDIATE"))
    yield lane
    lane.close()


@pytest.fixture
def checkin_id(database: Database) -> int:
    return classroom(database, 0).open()


@pytest.fixture
def held(lane: Lane) -> Iterator[threading.Event]:
    """The lane stands still, so that jobs gather behind, until the event is set."""
    begun, release = threading.Event(), threading.Event()

    def stand(_: Session) -> None:
        begun.set()
        release.wait(PATIENCE)

    lane.take(stand)
    assert begun.wait(PATIENCE)
    yield release
    release.set()


def transaction_of(db: Session) -> object:
    """Tells transactions apart, and keeps them, so that no two have one address."""
    return db.connection().get_transaction()


def raised(checkin_id: int) -> Callable[[Session], int]:
    def work(db: Session) -> int:
        checkin = db.get_one(Checkin, checkin_id)
        checkin.version += 1
        return checkin.version

    return work


def version(database: Database, checkin_id: int) -> int:
    return database.read_now(lambda db: db.get_one(Checkin, checkin_id).version)


def sqlstate(error: BaseException | None) -> str:
    assert isinstance(error, DBAPIError)
    return str(getattr(error.orig, "sqlstate", ""))


def results(futures: list[Future[Any]]) -> list[Any]:
    return [future.result(PATIENCE) for future in futures]


def test_jobs_that_wait_share_one_transaction_up_to_the_largest_group(lane: Lane, held: threading.Event) -> None:
    futures = [lane.take(transaction_of) for _ in range(LARGEST_GROUP * 2)]
    held.set()
    transactions = results(futures)
    assert len(set(transactions)) == 2
    assert transactions.count(transactions[0]) == LARGEST_GROUP


def test_jobs_are_done_in_the_order_in_which_they_came(lane: Lane, checkin_id: int, held: threading.Event) -> None:
    futures = [lane.take(raised(checkin_id)) for _ in range(100)]
    held.set()
    assert results(futures) == list(range(1, 101))


def test_jobs_that_hold_on_to_rows_are_done_in_the_order_of_these(lane: Lane, held: threading.Event) -> None:
    done: list[str] = []

    async def take() -> None:
        jobs = [("nine", 9), ("five", 5), ("none", 0), ("five again", 5)]
        waiting = [lane.take_for_loop(lambda _, it=name: done.append(it), order=order) for name, order in jobs]
        held.set()
        await asyncio.wait_for(asyncio.gather(*waiting), PATIENCE)

    asyncio.run(take())
    assert done == ["none", "five", "five again", "nine"]


def test_two_workers_never_wait_for_each_other_in_a_ring(database: Database) -> None:
    room = classroom(database, 0)
    rows = [room.open() for _ in range(6)]
    lanes = [Lane(database.engine.execution_options(sqlite_begin="IMMEDIATE")) for _ in range(2)]

    async def answer() -> None:
        for turn in range(40):
            there, back = (rows, rows[::-1]) if turn % 2 else (rows[::-1], rows)
            waiting = [
                lane.take_for_loop(lambda db, it=row: checkins.touch_open(db, it), order=row)
                for lane, way in zip(lanes, (there, back), strict=True)
                for row in way
            ]
            await asyncio.wait_for(asyncio.gather(*waiting), PATIENCE)

    before = deadlocks(database)
    asyncio.run(answer())
    for lane in lanes:
        lane.close()
    assert deadlocks(database) == before
    assert all(room.checkin(row).version > 0 for row in rows)


def deadlocks(database: Database) -> int:
    """How many PostgreSQL has resolved so far; SQLite, with one writer, has none."""
    if database.engine.dialect.name == "sqlite":
        return 0

    def count(db: Session) -> int:
        db.execute(text("SELECT pg_stat_clear_snapshot()"))
        ours = text("SELECT deadlocks FROM pg_stat_database WHERE datname = current_database()")
        return int(db.scalar(ours))

    return database.read_now(count)


def test_a_refusing_job_harms_no_other_of_its_group(
    database: Database, lane: Lane, checkin_id: int, held: threading.Event
) -> None:
    def refuse(db: Session) -> None:
        raised(checkin_id)(db)
        db.flush()
        raise Refused("not_allowed")

    futures = [lane.take(refuse if number % 5 == 2 else raised(checkin_id)) for number in range(20)]
    held.set()
    wait(futures, PATIENCE)
    assert [isinstance(future.exception(), Refused) for future in futures] == [number % 5 == 2 for number in range(20)]
    assert version(database, checkin_id) == 16


def test_shares_of_one_kind_are_done_in_one_go_and_never_past_another_job(lane: Lane, held: threading.Event) -> None:
    gone: list[list[int]] = []

    def together(_: Session, many: Sequence[int]) -> list[int]:
        gone.append(list(many))
        return [each * 10 for each in many]

    jobs = [*(Share(together, number) for number in range(3)), lambda _: gone.append([]), Share(together, 3)]
    futures = [lane.take(job) for job in jobs]
    held.set()
    assert results(futures) == [0, 10, 20, None, 30]
    assert gone == [[0, 1, 2], [], [3]]


def test_a_refused_share_harms_no_other_of_its_kind(
    database: Database, lane: Lane, checkin_id: int, held: threading.Event
) -> None:
    def together(db: Session, many: Sequence[int]) -> list[int]:
        versions = [raised(checkin_id)(db) for _ in many]
        if 2 in many:
            raise Refused("not_allowed")
        return versions

    futures = [lane.take(Share(together, number)) for number in range(5)]
    held.set()
    wait(futures, PATIENCE)
    assert [isinstance(future.exception(), Refused) for future in futures] == [False, False, True, False, False]
    assert version(database, checkin_id) == 4


@pytest.mark.parametrize("place", [0, 5, 9])
def test_a_job_that_swallows_a_fault_of_the_database_loses_nobody_elses_work(
    database: Database, lane: Lane, checkin_id: int, held: threading.Event, place: int
) -> None:
    def swallow(db: Session) -> None:
        with suppress(DBAPIError):
            db.connection().execute(text("SELECT nothing FROM nowhere"))

    futures = [lane.take(swallow if number == place else raised(checkin_id)) for number in range(10)]
    held.set()
    wait(futures, PATIENCE)
    assert version(database, checkin_id) == len([future for future in futures if not future.exception()]) - (
        futures[place].exception() is None
    )


def test_a_job_that_rolls_back_takes_no_acknowledged_work_with_it(
    database: Database, lane: Lane, checkin_id: int, held: threading.Event
) -> None:
    futures = [lane.take(Session.rollback if number == 5 else raised(checkin_id)) for number in range(10)]
    held.set()
    wait(futures, PATIENCE)
    acknowledged = [number for number, future in enumerate(futures) if number != 5 and not future.exception()]
    assert version(database, checkin_id) == len(acknowledged) == 9


@pytest.mark.parametrize("fault", ["INSERT INTO checkin (id) VALUES (NULL)", "SELECT nothing FROM nowhere"])
def test_a_job_that_the_database_refuses_harms_no_other(
    database: Database, lane: Lane, checkin_id: int, held: threading.Event, fault: str
) -> None:
    before, bad, after = (
        lane.take(work)
        for work in (raised(checkin_id), lambda db: db.connection().execute(text(fault)), raised(checkin_id))
    )
    held.set()
    assert results([before, after]) == [1, 2]
    assert bad.exception(PATIENCE)
    assert version(database, checkin_id) == 2


def test_an_acknowledged_job_is_there_for_everyone(database: Database, lane: Lane, checkin_id: int) -> None:
    seen = []
    future = lane.take(raised(checkin_id))
    future.add_done_callback(lambda _: seen.append(version(database, checkin_id)))
    future.result(PATIENCE)
    lane.take(lambda _: None).result(PATIENCE)
    assert seen == [1]


def test_a_job_is_not_acknowledged_before_its_group_is_committed(
    database: Database, lane: Lane, checkin_id: int, held: threading.Event
) -> None:
    second_begun, go_on = threading.Event(), threading.Event()

    def linger(_: Session) -> None:
        second_begun.set()
        go_on.wait(PATIENCE)

    first, second = lane.take(raised(checkin_id)), lane.take(linger)
    held.set()
    assert second_begun.wait(PATIENCE)
    assert not first.done()
    assert version(database, checkin_id) == 0
    go_on.set()
    results([first, second])
    assert version(database, checkin_id) == 1


def test_who_goes_while_waiting_stops_neither_the_others_nor_the_lane(
    database: Database, lane: Lane, checkin_id: int, held: threading.Event
) -> None:
    futures = [lane.take(raised(checkin_id)) for _ in range(5)]
    assert futures[2].cancel()
    held.set()
    wait(futures, PATIENCE)
    with pytest.raises(CancelledError):
        futures[2].result()
    assert lane.take(raised(checkin_id)).result(PATIENCE) == 5
    assert version(database, checkin_id) == 5


def test_a_job_that_has_begun_cannot_be_cancelled(lane: Lane) -> None:
    begun, go_on = threading.Event(), threading.Event()

    def linger(_: Session) -> str:
        begun.set()
        go_on.wait(PATIENCE)
        return "done"

    future = lane.take(linger)
    assert begun.wait(PATIENCE)
    assert not future.cancel()
    go_on.set()
    assert future.result(PATIENCE) == "done"


def test_even_a_job_that_wants_to_end_the_program_does_not_end_the_lane(lane: Lane, held: threading.Event) -> None:
    def leave(_: Session) -> None:
        raise SystemExit

    leaving, after = lane.take(leave), lane.take(lambda _: "here")
    held.set()
    assert isinstance(leaving.exception(PATIENCE), SystemExit)
    assert after.result(PATIENCE) == "here"


def test_closing_finishes_what_was_taken_and_takes_no_more(database: Database, lane: Lane, checkin_id: int) -> None:
    futures = [lane.take(raised(checkin_id)) for _ in range(200)]
    lane.close()
    assert all(future.done() for future in futures)
    assert version(database, checkin_id) == 200
    with pytest.raises(RuntimeError, match="closed"):
        lane.take(raised(checkin_id))


def deadlock(db: Session) -> None:
    """Let the database say that two transactions got in each other's way."""
    db.connection().execute(text("DO $$ BEGIN RAISE EXCEPTION USING ERRCODE = '40P01'; END $$"))


@pytest.mark.parametrize("backend", ["postgresql"], indirect=True)
def test_a_job_in_the_way_of_another_is_tried_again_a_few_times(lane: Lane) -> None:
    tries: list[int] = []

    def work(db: Session) -> str:
        tries.append(1)
        if len(tries) <= TRIES:
            deadlock(db)
        return "done"

    assert lane.take(work).result(PATIENCE) == "done"
    assert len(tries) == 1 + TRIES


@pytest.mark.parametrize("backend", ["postgresql"], indirect=True)
def test_a_job_that_is_always_in_the_way_fails_in_the_end(lane: Lane) -> None:
    tries: list[int] = []

    def work(db: Session) -> None:
        tries.append(1)
        deadlock(db)

    assert "40P01" in str(lane.take(work).exception(PATIENCE)) or len(tries) == 1 + TRIES
    assert len(tries) == 1 + TRIES


def test_another_fault_is_not_tried_again(lane: Lane) -> None:
    tries: list[int] = []

    def work(_: Session) -> None:
        tries.append(1)
        raise Refused("not_allowed")

    assert isinstance(lane.take(work).exception(PATIENCE), Refused)
    assert len(tries) == 2  # in its group, and alone


def test_whoever_waits_behind_a_locked_table_waits_once_and_not_one_after_the_other(
    database: Database, lane: Lane, held: threading.Event
) -> None:
    if database.engine.dialect.name == "sqlite":
        pytest.skip("locks the whole file: tests/faults/test_databases_away.py")
    tries: list[int] = []

    def work(db: Session) -> None:
        tries.append(1)
        db.connection().execute(text("SET LOCAL lock_timeout = '200ms'"))
        db.connection().execute(text("SELECT count(*) FROM checkin"))

    with database.engine.connect() as other:
        other.execute(text("LOCK TABLE checkin"))
        waiting = [lane.take(work) for _ in range(20)]
        held.set()
        assert all(sqlstate(it.exception(PATIENCE)) == "55P03" for it in waiting)
    assert len(tries) == 2  # the first in its group, and the first alone
    assert lane.take(work).result(PATIENCE) is None


def durability(db: Session) -> str:
    """What the commit of this transaction will wait for."""
    ask = "PRAGMA synchronous" if db.get_bind().dialect.name == "sqlite" else "SHOW synchronous_commit"
    return str(db.connection().execute(text(ask)).scalar())


def test_an_answer_is_durable_also_beside_jobs_that_need_not_be(lane: Lane, held: threading.Event) -> None:
    before = lane.take(durability)

    async def beside() -> list[str]:
        waiting = [lane.take_for_loop(durability, is_durable=it) for it in (False, True, False)]
        held.set()
        return list(await asyncio.gather(*waiting))

    levels = asyncio.run(beside())
    assert {*levels, before.result(PATIENCE), lane.take(durability).result(PATIENCE)} == {before.result()}
    assert before.result() != "1"  # SQLite's NORMAL
