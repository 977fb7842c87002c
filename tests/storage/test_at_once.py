import asyncio
from collections.abc import Callable, Iterator
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy.exc import IntegrityError
from sqlmodel import Session

from reflect.storage.at_once import AtOnce, Busy
from reflect.storage.courses import Course
from reflect.storage.database import open_engine
from reflect.storage.schema import migrate
from reflect.storage.sessions import UsedState, is_used, use_state

NOON = datetime(2026, 11, 23, 12, tzinfo=UTC)


@pytest.fixture
def desks(tmp_path: Path) -> Iterator[AtOnce]:
    engine = open_engine(f"sqlite:///{tmp_path / 'reflect.db'}")
    migrate(engine)
    opened = AtOnce(engine)
    yield opened
    opened.close()
    engine.dispose()


def write(desks: AtOnce, job: Callable[[Session], Any]) -> Any:
    (done,) = write_together(desks, job)
    if isinstance(done, BaseException):
        raise done
    return done


def write_together(desks: AtOnce, *jobs: Callable[[Session], Any]) -> list[Any]:
    """What became of jobs that come in one turn of the loop: their results, or what they raised."""

    async def work() -> list[Any]:
        return await asyncio.gather(*(desks.write(job) for job in jobs), return_exceptions=True)

    return asyncio.run(work())


def test_what_was_written_can_be_read_at_once(desks: AtOnce) -> None:
    assert write(desks, lambda db: use_state(db, "a", NOON))
    assert desks.read(lambda db: is_used(db, "a"))


def test_a_job_that_raises_has_changed_nothing(desks: AtOnce) -> None:
    def work(db: Session) -> None:
        use_state(db, "a", NOON)
        raise LookupError

    with pytest.raises(LookupError):
        write(desks, work)
    assert not desks.read(lambda db: is_used(db, "a"))


def test_work_goes_on_after_a_job_that_the_database_refused(desks: AtOnce) -> None:
    homeless = Course(
        deployment_id=99, kind="context", lti_id="1", title="", created_at=NOON, last_active_on=NOON.date()
    )
    with pytest.raises(IntegrityError):
        write(desks, lambda db: db.add(homeless))
    write(desks, lambda db: db.add(UsedState(id="b", expires_at=NOON)))
    assert desks.read(lambda db: is_used(db, "b"))


def test_a_write_that_meets_another_writer_gives_up_at_once(desks: AtOnce) -> None:
    other = desks._engine.execution_options(sqlite_begin="IMMEDIATE")
    with other.connect() as connection, connection.begin(), pytest.raises(Busy):
        write(desks, lambda db: use_state(db, "a", NOON))
    assert write(desks, lambda db: use_state(db, "a", NOON))


def test_a_reader_sees_one_moment(desks: AtOnce) -> None:
    def work(db: Session) -> tuple[bool, bool]:
        before = is_used(db, "a")
        write(desks, lambda other: use_state(other, "a", NOON))
        return before, is_used(db, "a")

    assert desks.read(work) == (False, False)


def test_jobs_of_one_turn_of_the_loop_share_a_transaction(desks: AtOnce) -> None:
    def look(_: Session) -> bool:
        # Another connection sees nothing of what is not yet committed.
        return desks.read(lambda other: is_used(other, "a"))

    use = lambda db: use_state(db, "a", NOON)  # noqa: E731
    assert write_together(desks, use, look, use) == [True, False, False]
    assert desks.read(lambda db: is_used(db, "a"))


def test_a_refusing_job_harms_no_other_of_its_turn(desks: AtOnce) -> None:
    def refuse(db: Session) -> None:
        use_state(db, "c", NOON)
        raise LookupError

    first, refused, last = write_together(
        desks, lambda db: use_state(db, "a", NOON), refuse, lambda db: use_state(db, "b", NOON)
    )
    assert (first, last) == (True, True) and isinstance(refused, LookupError)
    assert [desks.read(lambda db, it=it: is_used(db, it)) for it in "abc"] == [True, True, False]  # type: ignore[misc]


def test_each_job_sees_the_database_and_not_what_the_one_before_remembers(desks: AtOnce) -> None:
    def add(db: Session) -> None:
        db.add(UsedState(id="a", expires_at=NOON))

    def look(db: Session) -> tuple[int, bool]:
        return len(db.identity_map), is_used(db, "a")

    assert write_together(desks, add, look) == [None, (0, True)]


def test_who_goes_before_their_turn_is_not_served(desks: AtOnce) -> None:
    async def work() -> list[Any]:
        gone, stays = desks.write(lambda db: use_state(db, "a", NOON)), desks.write(lambda db: use_state(db, "b", NOON))
        gone.cancel()
        return await asyncio.gather(gone, stays, return_exceptions=True)

    gone, stays = asyncio.run(work())
    assert isinstance(gone, asyncio.CancelledError) and stays
    assert [desks.read(lambda db, it=it: is_used(db, it)) for it in "ab"] == [False, True]  # type: ignore[misc]


def test_closing_does_what_was_taken(tmp_path: Path) -> None:
    engine = open_engine(f"sqlite:///{tmp_path / 'reflect.db'}")
    migrate(engine)
    desks = AtOnce(engine)

    async def work() -> bool:
        taken = desks.write(lambda db: use_state(db, "a", NOON))
        desks.close()
        return await taken

    assert asyncio.run(work())
    engine.dispose()
