import asyncio
import threading
from collections.abc import Callable, Iterator
from contextlib import suppress
from functools import partial
from typing import Any

import pytest
from sqlalchemy import Integer, bindparam, cast, literal_column, select, text
from sqlalchemy.exc import DBAPIError
from sqlmodel import Session

from reflect.domain.refusals import Refused
from reflect.storage import checkins
from reflect.storage.checkins import Checkin
from reflect.storage.database import Database
from reflect.storage.look_ups import LARGEST_GROUP, THREADS, LookUps
from reflect.storage.prepared import Prepared
from reflect.storage.tickets import Foreseen
from reflect.storage.together import foresee
from tests.classroom import classroom

PATIENCE = 10.0
Job = Callable[[Session], Any]


@pytest.fixture
def look_ups(database: Database) -> Iterator[LookUps]:
    look_ups = LookUps(database.engine)
    yield look_ups
    look_ups.close()


def broken(db: Session) -> object:
    return db.connection().execute(text("SELECT nothing FROM nowhere"))


def swallowing(db: Session) -> str:
    with suppress(DBAPIError):
        broken(db)
    return "swallowed"


def refused(_: Session) -> None:
    raise Refused("not_allowed")


def session_of(db: Session) -> Session:
    return db


def outcomes(look_ups: LookUps, jobs: list[Job], *, cancelled: int | None = None) -> list[Any]:
    """What becomes of jobs that all wait behind threads that stand still."""
    release = threading.Event()

    def stand(_: Session, began: threading.Event) -> None:
        began.set()
        release.wait(PATIENCE)

    async def take() -> list[Any]:
        held = []
        for _ in range(THREADS):
            began = threading.Event()
            held.append(look_ups.take(partial(stand, began=began)))
            assert await asyncio.to_thread(began.wait, PATIENCE)  # so that each thread has one
        waiting = [look_ups.take(job) for job in jobs]
        if cancelled is not None:
            waiting[cancelled].cancel()
        release.set()
        await asyncio.gather(*held)
        return await asyncio.wait_for(asyncio.gather(*waiting, return_exceptions=True), PATIENCE)

    return asyncio.run(take())


def test_look_ups_that_wait_share_snapshots_up_to_the_largest_group(look_ups: LookUps) -> None:
    sessions = outcomes(look_ups, [session_of] * LARGEST_GROUP * 2)
    assert [sessions.count(each) for each in set(sessions)] == [LARGEST_GROUP] * 2


def test_a_refused_look_up_harms_no_other(look_ups: LookUps) -> None:
    found = outcomes(look_ups, [session_of, refused, session_of])
    assert [isinstance(each, Refused) for each in found] == [False, True, False]


@pytest.mark.parametrize("place", [0, 1, 2])
@pytest.mark.parametrize("fault", [broken, swallowing])
def test_a_fault_of_the_database_is_told_to_nobody_else(look_ups: LookUps, fault: Job, place: int) -> None:
    jobs: list[Job] = [lambda db: db.connection().execute(text("SELECT 1")).scalar()] * 3
    jobs[place] = fault
    found = outcomes(look_ups, jobs)
    own = found.pop(place)
    assert found == [1, 1]
    assert isinstance(own, DBAPIError) if fault is broken else own == "swallowed"


def test_rows_of_one_look_up_are_not_those_of_another(database: Database, look_ups: LookUps) -> None:
    number = classroom(database, 0).open()
    one, other = outcomes(look_ups, [lambda db: db.get_one(Checkin, number)] * 2)
    assert one == other and one is not other


def test_who_has_gone_is_not_looked_up_for(look_ups: LookUps) -> None:
    begun: list[int] = []
    found = outcomes(look_ups, [lambda _, it=number: begun.append(it) for number in range(3)], cancelled=1)
    assert begun == [0, 2] and isinstance(found[1], asyncio.CancelledError)


def test_a_look_up_sees_what_was_written_before_it(database: Database) -> None:
    room = classroom(database, 0)

    async def work() -> None:
        for _ in range(20):
            number = await asyncio.to_thread(room.open)
            assert await database.look_up(lambda db, it=number: db.get(Checkin, it)) is not None

    asyncio.run(work())


def test_without_a_database_each_who_waits_is_told(look_ups: LookUps, monkeypatch: pytest.MonkeyPatch) -> None:
    def gone() -> None:
        raise ConnectionError

    async def work() -> list[Any]:
        monkeypatch.setattr(look_ups._engine, "connect", gone)
        return await asyncio.wait_for(
            asyncio.gather(*(look_ups.take(session_of) for _ in range(20)), return_exceptions=True), PATIENCE
        )

    assert {type(each) for each in asyncio.run(work())} == {ConnectionError}


ECHO = Prepared(select(cast(bindparam("value"), Integer).label("it")))
SHARE = Prepared(select((literal_column("12", Integer) // cast(bindparam("among"), Integer)).label("it")))


@pytest.fixture
def asked(database: Database, monkeypatch: pytest.MonkeyPatch) -> list[dict[str, Any]]:
    """The values of every statement that is sent to the database from now on; other installations ask theirs."""
    sent: list[dict[str, Any]] = []
    execute = Prepared._execute

    def noting(self: Prepared, db: Session, values: dict[str, Any]) -> Any:
        if db.get_bind().engine.url == database.engine.url:
            sent.append(values)
        return execute(self, db, values)

    monkeypatch.setattr(Prepared, "_execute", noting)
    return sent


def echo(value: int) -> Job:
    return lambda db: ECHO.first(db, value=value).it


def test_a_snapshot_is_asked_each_thing_once(look_ups: LookUps, asked: list[dict[str, Any]]) -> None:
    assert outcomes(look_ups, [echo(1), echo(2), echo(1), lambda db: ECHO.all(db, value=2)[0].it]) == [1, 2, 1, 2]
    assert asked == [{"value": 1}, {"value": 2}]


def test_who_spoils_a_list_of_rows_spoils_it_for_nobody_else(look_ups: LookUps) -> None:
    def spoiling(db: Session) -> None:
        ECHO.all(db, value=1).clear()

    assert outcomes(look_ups, [spoiling, echo(1)]) == [None, 1]


def test_what_was_foreseen_is_asked_before_anybody_begins(
    database: Database, look_ups: LookUps, asked: list[dict[str, Any]]
) -> None:
    sent: list[int] = []

    def first(value: int) -> Foreseen:
        def job(db: Session) -> int:
            sent.append(len(asked))
            return int(ECHO.first(db, value=value).it)

        return Foreseen(job, [ECHO.asked(value=value)])

    assert outcomes(look_ups, [first(1), first(2), first(3)]) == [1, 2, 3]
    assert asked == [{"value": 1}, {"value": 2}, {"value": 3}]
    is_far = database.engine.dialect.name == "postgresql"
    assert sent == ([3, 3, 3] if is_far else [0, 1, 2])


def test_a_fault_in_what_one_foresaw_is_told_to_nobody_else(database: Database, look_ups: LookUps) -> None:
    if database.engine.dialect.name == "sqlite":
        pytest.skip("SQLite divides by zero")

    def split(among: int) -> Foreseen:
        return Foreseen(lambda db: SHARE.first(db, among=among).it, [SHARE.asked(among=among)])

    before, fault, after = outcomes(look_ups, [split(3), split(0), split(4)])
    assert (before, after) == (4, 3) and isinstance(fault, DBAPIError)


def test_a_writer_is_told_nothing_that_it_has_changed_since(database: Database) -> None:
    room = classroom(database, 0)
    number = room.open()

    def work(db: Session) -> list[bool]:
        find = Prepared(select(Checkin.__table__.c.id).where(Checkin.__table__.c.id == bindparam("number")))  # type: ignore[attr-defined]
        foresee(db, [find.asked(number=number)])
        there = [find.first(db, number=number) is not None]
        db.delete(db.get_one(Checkin, number))
        db.flush()
        return [*there, find.first(db, number=number) is not None]

    assert database.write_now(work) == [True, False]


@pytest.mark.parametrize("way", ["look_up", "read"])
def test_a_plan_that_postgresql_has_made_is_kept_for_the_next_reader(database: Database, way: str) -> None:
    if database.engine.dialect.name == "sqlite":
        pytest.skip("SQLite plans in microseconds")
    plans = text("SELECT count(*) FROM pg_prepared_statements")

    async def work() -> int:
        ask = getattr(database, way)
        for value in range(20):
            await ask(echo(value))
        return int(await ask(lambda db: db.connection().execute(plans).scalar_one()))

    assert asyncio.run(work()) > 0


def test_a_glance_sees_what_was_written_before_it_and_begins_no_transaction(database: Database) -> None:
    room = classroom(database, 0)

    def glanced(db: Session, number: int) -> tuple[bool, bool]:
        found = checkins.find(db, number) is not None
        driver: Any = db.connection().connection.driver_connection
        return found, database.engine.dialect.name == "sqlite" or driver.info.transaction_status.name == "IDLE"

    async def work() -> None:
        for _ in range(5):
            number = await asyncio.to_thread(room.open)
            assert await database.glance(lambda db, it=number: glanced(db, it)) == (True, True)
            with pytest.raises(DBAPIError):
                await database.glance(broken)

    asyncio.run(work())
