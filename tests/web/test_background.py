"""The clock leaps while the house runs: nobody's answers go for it, and everything goes on when it is right again."""

import asyncio
import logging
import sqlite3
from contextlib import closing
from dataclasses import replace
from datetime import datetime, timedelta

import pytest
from sqlalchemy import func
from sqlmodel import Session, col, select, update

from reflect import meters
from reflect.domain.clocks import Trust
from reflect.storage.answers import Answer
from reflect.storage.checkins import Checkin
from reflect.storage.courses import Course
from reflect.storage.health import RegistrationHealth
from reflect.web.background import _rounds, by_clock, forget
from reflect.web.closures import close_due
from reflect.web.house import House
from tests.cli.running import shell_of
from tests.installation import Installation
from tests.web.dialogs import STUDENT, TEACHER, arrives, house_of

YEAR = timedelta(days=366)


def answered(running: Installation) -> House:
    """A house in which a student has answered a check-in that is to be closed in a week."""
    teacher = arrives(running, TEACHER)
    number = teacher.asks("How was the bridge?")
    student = arrives(running, STUDENT)
    student.goes_to(f"/checkins/{number}")
    student.sends(r"/checkins/\d+/answers", {"choice": "calm"})
    house = house_of(running)
    until = update(Checkin).values(closes_at=house.now() + timedelta(days=7))
    running.database.write_now(lambda db: db.exec(until) and None)
    return house


def turn(house: House) -> None:
    """A round of what cannot be undone."""

    async def work() -> None:
        await by_clock(close_due)(house)
        await by_clock(forget)(house)

    asyncio.run(work())


def left(running: Installation) -> tuple[int, int]:
    """How many answers and open check-ins there are."""

    def count(db: Session) -> tuple[int, int]:
        open_now = select(func.count()).select_from(Checkin).where(col(Checkin.closed_at).is_(None))
        return db.scalar(select(func.count()).select_from(Answer)) or 0, db.scalar(open_now) or 0

    return running.database.read_now(count)


@pytest.mark.parametrize("leap", [timedelta(days=8), 10 * YEAR])
def test_nothing_goes_for_a_clock_that_leaps(
    installation: Installation, caplog: pytest.LogCaptureFixture, leap: timedelta
) -> None:
    house, real = answered(installation), house_of(installation).now
    turn(house)
    turn(replace(house, now=lambda: real() + leap))
    turn(replace(house, now=lambda: real() + leap))
    assert left(installation) == (1, 1)
    told = [record for record in caplog.records if record.getMessage() == "the clock cannot be believed"]
    assert [record.levelno for record in told] == [logging.ERROR] * 2
    turn(replace(house, now=lambda: real() - YEAR))
    assert left(installation) == (1, 1)
    assert arrives(installation, STUDENT).page.status_code == 200


def test_nothing_goes_for_a_clock_that_is_wrong_from_the_start(installation: Installation) -> None:
    house = answered(installation)
    turn(replace(house, now=lambda: house_of(installation).now() + 10 * YEAR))
    assert left(installation) == (1, 1)


def test_a_round_counts_as_done_only_if_the_clock_let_it_be(installation: Installation) -> None:
    house = answered(installation)

    async def nobodys(house: House) -> None:
        """Nothing, which is done for the test alone."""

    nobodys.__name__ = f"nobodys_{installation.database.engine.dialect.name}"  # what was counted stays for the process

    async def work(wrong_by: timedelta, rounds: int) -> None:
        reached = asyncio.Semaphore(0)

        def now() -> datetime:
            reached.release()
            return house_of(installation).now() + wrong_by

        under_way = asyncio.create_task(_rounds(0, by_clock(nobodys), replace(house, now=now)))
        for _asked in range(8 * rounds):  # a round asks for the time no more than eight times
            await asyncio.wait_for(reached.acquire(), 30)
        under_way.cancel()
        await asyncio.gather(under_way, return_exceptions=True)

    def done() -> float | None:
        return meters.REGISTRY.get_sample_value("reflect_round_done_timestamp_seconds", {"work": nobodys.__name__})

    asyncio.run(work(10 * YEAR, rounds=3))
    assert done() == 0
    asyncio.run(work(timedelta(), rounds=3))
    assert (done() or 0) > 0


def test_a_launch_by_the_new_time_lets_it_go_on(installation: Installation) -> None:
    house = answered(installation)
    turn(house)
    later = replace(house, now=lambda: house_of(installation).now() + timedelta(days=8))
    turn(later)
    assert left(installation) == (1, 1)
    launched = update(RegistrationHealth).values(last_launch_at=later.now())
    installation.database.write_now(lambda db: db.exec(launched) and None)
    turn(later)
    assert left(installation) == (1, 0)


@pytest.mark.parametrize(("wrong_by", "is_deleted"), [(timedelta(), True), (YEAR, False)])
def test_retention_goes_on_where_nobody_launches_if_the_platforms_say_the_same_time(
    installation: Installation, wrong_by: timedelta, is_deleted: bool
) -> None:
    house, real, passed = answered(installation), house_of(installation).now, [0.0]
    house = replace(house, trust=Trust(lambda: passed[0]))
    age(installation, real() - 3 * YEAR)
    turn(replace(house, now=lambda: real() + wrong_by - timedelta(days=1)))
    assert left(installation)[0] == 1
    passed[0] = 86_400.0
    house.notes.witnesses.forget()
    turn(replace(house, now=lambda: real() + wrong_by))
    assert left(installation)[0] == (0 if is_deleted else 1)


def test_it_is_logged_where_what_was_destroyed_may_linger(
    installation: Installation, caplog: pytest.LogCaptureFixture, monkeypatch: pytest.MonkeyPatch
) -> None:
    house = answered(installation)
    if installation.database.engine.dialect.name != "sqlite":
        pytest.skip("only SQLite has a log beside its file")
    monkeypatch.setattr("reflect.storage.database.SETTLING", 0.2)
    with closing(sqlite3.connect(installation.database.engine.url.database or "", isolation_level=None)) as reader:
        reader.execute("BEGIN")
        reader.execute("SELECT count(*) FROM answer").fetchone()
        arrives(installation, STUDENT)
        asyncio.run(forget(house))
    assert "the database's log could not be emptied" in [record.getMessage() for record in caplog.records]


def age(running: Installation, long_ago: datetime) -> None:
    """Let the last launch be that long ago."""

    def work(db: Session) -> None:
        db.exec(update(RegistrationHealth).values(last_launch_at=long_ago))
        db.exec(update(Course).values(last_active_on=long_ago.date()))

    running.database.write_now(work)


def test_commands_ask_whether_the_clock_is_right(installation: Installation) -> None:
    house, shell = answered(installation), shell_of(installation)
    age(installation, house.now() - 3 * YEAR)
    for command in ("purge", "tidy"):
        refused = shell.run(command)
        assert refused.exit_code == 1 and "--clock-is-right" in refused.output
    assert left(installation)[0] == 1
    # Not as JSON: what the server beside says meanwhile is among the lines.
    assert "courses deleted: 1" in shell.run("purge", "--clock-is-right").output.splitlines()
    assert left(installation)[0] == 0
