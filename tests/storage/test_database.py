import asyncio
import os
import signal
import sqlite3
import threading
import time
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing, contextmanager
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import event, text
from sqlalchemy.exc import DBAPIError, IntegrityError
from sqlmodel import Session, select

from reflect.domain.privacy.release import UNSAID
from reflect.domain.refusals import Refused
from reflect.domain.results import Results
from reflect.storage.answers import Answer, Participation, SealedAnswer, Tally
from reflect.storage.checkins import Checkin
from reflect.storage.database import Database, _tune_sqlite
from tests.classroom import Classroom, classroom
from tests.storage.processes import finish, raise_version, start

sqlite = pytest.mark.parametrize("backend", ["sqlite"], indirect=True)
postgresql = pytest.mark.parametrize("backend", ["postgresql"], indirect=True)


def version(database: Database, checkin_id: int) -> int:
    return database.read_now(lambda db: db.get_one(Checkin, checkin_id).version)


def pragma(database: Database, name: str) -> object:
    return database.read_now(lambda db: db.connection().execute(text(f"PRAGMA {name}")).scalar())


@sqlite
def test_sqlite_is_switched_to_what_it_leaves_off(database: Database) -> None:
    names = ("journal_mode", "synchronous", "foreign_keys", "secure_delete")
    assert [pragma(database, name) for name in names] == ["wal", 2, 1, 1]


@postgresql
def test_postgresql_readers_read_one_moment(database: Database) -> None:
    level = text("SHOW transaction_isolation")
    assert database.read_now(lambda db: db.connection().execute(level).scalar()) == "repeatable read"
    assert database.write_now(lambda db: db.connection().execute(level).scalar()) == "read committed"


def test_no_update_of_many_threads_is_lost(database: Database) -> None:
    checkin_id = classroom(database, 0).open()

    async def forty() -> None:
        for _ in range(40):
            await database.write(lambda db: raise_version(db, checkin_id))

    with ThreadPoolExecutor(8) as threads:
        list(threads.map(lambda _: asyncio.run(forty()), range(8)))
    assert version(database, checkin_id) == 320


def test_no_update_of_several_processes_is_lost_and_none_finds_the_database_locked(
    database: Database, database_url: str
) -> None:
    checkin_id = classroom(database, 0).open()
    others = [start("increment", database_url, checkin_id, 25) for _ in range(3)]
    for _ in range(25):
        database.write_now(lambda db: raise_version(db, checkin_id))
    for other in others:
        finish(other)
    assert version(database, checkin_id) == 100


def test_writes_at_once_are_each_acknowledged_with_their_own_result(database: Database) -> None:
    async def many() -> list[int]:
        return list(await asyncio.gather(*(database.write(lambda _, it=number: it) for number in range(200))))

    assert asyncio.run(many()) == list(range(200))


def test_a_refusing_write_harms_no_other(database: Database) -> None:
    checkin_id = classroom(database, 0).open()

    def refuse(db: Session) -> None:
        raise_version(db, checkin_id)
        raise Refused("not_allowed")

    async def many() -> list[object]:
        works = [refuse if number == 7 else (lambda db: raise_version(db, checkin_id)) for number in range(20)]
        return list(await asyncio.gather(*map(database.write, works), return_exceptions=True))

    outcomes = asyncio.run(many())
    assert [isinstance(outcome, Refused) for outcome in outcomes] == [number == 7 for number in range(20)]
    assert version(database, checkin_id) == 19


def test_a_request_that_is_cancelled_while_it_waits_stops_no_later_write(database: Database) -> None:
    async def impatient() -> None:
        go_on = threading.Event()
        slow = asyncio.ensure_future(database.write(lambda _: go_on.wait(10)))
        waiting = asyncio.ensure_future(database.write(lambda _: None))
        await asyncio.sleep(0.05)
        waiting.cancel()
        slow.cancel()
        go_on.set()
        assert await asyncio.wait_for(database.write(lambda _: "written"), 10) == "written"

    asyncio.run(impatient())


@pytest.mark.parametrize("anonymity", ["named", "anonymous"])
def test_every_acknowledged_answer_survives_the_death_of_its_process(
    database: Database, database_url: str, anonymity: str
) -> None:
    room = classroom(database, 1000)
    checkin_id = room.open(anonymity, "in_steps", 5)
    child = start("submit", database_url, checkin_id, 300)
    acknowledged = [int(line) for line in child.communicate(timeout=300)[0].splitlines()]
    assert len(acknowledged) == 300 and child.returncode == -signal.SIGKILL
    table: Any = Answer if anonymity == "named" else Participation
    stored = database.read_now(lambda db: {row.person_id for row in db.exec(select(table)).all()})
    assert stored >= set(acknowledged)
    assert_whole(room, checkin_id, len(stored))


def assert_whole(room: Classroom, checkin_id: int, answered: int) -> None:
    """Each answer is counted exactly once, and the check-in goes on."""

    def work(db: Session) -> tuple[int, int]:
        return sum(row.count for row in db.exec(select(Tally)).all()), len(db.exec(select(SealedAnswer)).all())

    tallied, waiting = room.database.read_now(work)
    assert tallied + waiting == answered == room.for_staff(checkin_id).answered
    assert waiting < 5
    room.close(checkin_id)


def test_a_write_after_the_death_of_a_writer_goes_through_at_once(database: Database, database_url: str) -> None:
    checkin_id = classroom(database, 200).open("named")
    child = start("submit", database_url, checkin_id, 50)
    child.communicate(timeout=300)
    assert child.returncode == -signal.SIGKILL
    began = time.monotonic()
    database.write_now(lambda db: raise_version(db, checkin_id))
    assert time.monotonic() - began < 5


@contextmanager
def pouring(room: Classroom, checkin_id: int) -> Iterator[threading.Thread]:
    """Answers pour in while the block runs."""

    def pour() -> None:
        for round_, student in enumerate(room.students * 2):
            room.answer(student, checkin_id, ("calm", "happy", "tired", "sad")[(student.person_id + round_) % 4])

    thread = threading.Thread(target=pour)
    thread.start()
    try:
        yield thread
    finally:
        thread.join()


def assert_untorn(found: Results, anonymity: str, k: int) -> None:
    assert found.waiting >= 0
    assert found.shown + found.unsaid + found.waiting == found.answered
    if anonymity == "named":
        assert len(found.people) == found.shown == found.answered
    else:
        assert (found.shown + found.unsaid) % k == 0
        assert found.waiting < k


@pytest.mark.parametrize("anonymity", ["named", "anonymous"])
def test_readers_see_no_torn_result_while_answers_pour_in(database: Database, anonymity: str) -> None:
    room = classroom(database, 80)
    checkin_id, seen = room.open(anonymity, "in_steps", 5), set()
    with pouring(room, checkin_id) as thread:
        while thread.is_alive():
            found = room.for_staff(checkin_id)
            assert_untorn(found, anonymity, 5)
            seen.add(found.answered)
    assert len(seen) > 3
    assert room.for_staff(checkin_id).answered == 80


def test_a_reader_sees_one_moment_from_its_first_look_to_its_last(database: Database) -> None:
    checkin_id = classroom(database, 0).open()

    def twice(db: Session) -> tuple[int, int]:
        look = select(Checkin.version).where(Checkin.id == checkin_id)
        first = db.exec(look).one()
        database.write_now(lambda other: raise_version(other, checkin_id))
        return first, db.exec(look).one()

    assert database.read_now(twice) == (0, 0)
    assert version(database, checkin_id) == 1


def test_a_reader_waits_for_no_writer(database: Database) -> None:
    checkin_id = classroom(database, 0).open()
    begun, go_on = threading.Event(), threading.Event()

    def slow(db: Session) -> None:
        raise_version(db, checkin_id)
        db.flush()
        begun.set()
        go_on.wait(10)

    with ThreadPoolExecutor(1) as threads:
        writing = threads.submit(database.write_now, slow)
        assert begun.wait(10)
        assert version(database, checkin_id) == 0
        go_on.set()
        writing.result(10)
    assert version(database, checkin_id) == 1


@postgresql
def test_writers_that_take_rows_in_opposite_order_both_succeed(database: Database, database_url: str) -> None:
    room, other = classroom(database, 0), Database(database_url)
    first, second = room.open(), room.open()
    both_hold_one, tries = threading.Barrier(2, timeout=60), []

    def crossing(*order: int) -> Callable[[Session], None]:
        def work(db: Session) -> None:
            tries.append(order)
            raise_version(db, order[0])
            db.flush()
            if len(tries) <= 2:
                both_hold_one.wait()
            raise_version(db, order[1])
            db.flush()

        return work

    with ThreadPoolExecutor(2) as threads:
        mine = threads.submit(database.write_now, crossing(first, second))
        theirs = threads.submit(other.write_now, crossing(second, first))
        mine.result(60), theirs.result(60)
    other.close()
    assert len(tries) > 2, "there was no deadlock to get over"
    assert (version(database, first), version(database, second)) == (2, 2)


def test_a_fault_of_the_database_tells_no_values(database: Database) -> None:
    room = classroom(database, 1)

    def twice(db: Session) -> None:
        promises = {"choice": "frustrated", "answered_at": room.checkin(checkin_id).opened_at}
        for _ in range(2):
            db.add(Answer(checkin_id=checkin_id, person_id=-1, changed_at=promises["answered_at"], **promises))
            db.flush()

    checkin_id = room.open("named")
    with pytest.raises(IntegrityError) as fault:
        database.write_now(twice)
    assert "frustrated" not in str(fault.value)


def test_a_database_that_is_away_is_a_fault_and_not_a_wait(tmp_path: object) -> None:
    away = Database(f"sqlite:///{tmp_path}/no/such/folder/reflect.db")
    with pytest.raises(DBAPIError):
        away.write_now(lambda db: db.connection())
    with pytest.raises(DBAPIError):
        away.read_now(lambda db: db.connection())
    away.close()


def test_a_closed_database_takes_no_more(database_url: str) -> None:
    closed = Database(database_url)
    closed.close()
    with pytest.raises(RuntimeError):
        closed.write_now(lambda _: None)


def test_unsaid_is_counted_like_an_answer(database: Database) -> None:
    room = classroom(database, 5)
    checkin_id = room.open(release="in_steps", k=5)
    for student in room.students:
        room.answer(student, checkin_id, "calm")
    tally = database.read_now(lambda db: {row.choice: row.count for row in db.exec(select(Tally)).all()})
    assert tally == {"calm": 3, UNSAID: 2}


def test_what_is_deleted_is_overwritten_also_where_sqlite_was_built_not_to() -> None:
    connection = sqlite3.connect(":memory:")
    connection.execute("PRAGMA secure_delete=OFF")
    _tune_sqlite(connection, None)
    assert connection.execute("PRAGMA secure_delete").fetchone() == (1,)


def test_a_new_file_is_nobody_elses_to_read_whatever_the_shell_lets_new_files_be(tmp_path: Path) -> None:
    before = os.umask(0o022)
    try:
        opened = Database(f"sqlite:///{tmp_path / 'new.db'}")
        opened.write_now(lambda db: db.connection().exec_driver_sql("CREATE TABLE t (x)") and None)
        found = {path.name: path.stat().st_mode & 0o777 for path in tmp_path.iterdir()}
        opened.close()
    finally:
        os.umask(before)
    assert "new.db-wal" in found and set(found.values()) == {0o600}, found


@contextmanager
def reading(path: Path) -> Iterator[sqlite3.Connection]:
    """Another process's reader, amid a transaction."""
    with closing(sqlite3.connect(path, isolation_level=None, check_same_thread=False)) as reader:
        reader.execute("BEGIN")
        reader.execute("SELECT count(*) FROM checkin").fetchone()
        yield reader


@pytest.fixture
def file(database: Database) -> Path:
    """The file of an SQLite database with something in its log."""
    if database.engine.dialect.name != "sqlite":
        pytest.skip("PostgreSQL's log holds nothing that a copy of the database would")
    classroom(database)
    return Path(database.engine.url.database or "")


def test_a_log_that_somebody_reads_is_said_not_to_be_empty(
    database: Database, file: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("reflect.storage.database.SETTLING", 0.2)
    log = Path(f"{file}-wal")
    with reading(file):
        classroom(database)
        assert not database.settle()
        assert log.stat().st_size > 0
    assert database.settle()
    assert log.stat().st_size == 0


def test_the_log_is_emptied_once_its_reader_has_gone(
    database: Database, file: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("reflect.storage.database.SETTLING", 60)
    was_tried = threading.Event()

    @event.listens_for(database.engine, "after_cursor_execute")
    def note(_connection: Any, _cursor: Any, statement: str, *_more: Any) -> None:
        if "wal_checkpoint" in statement:
            was_tried.set()

    with reading(file) as reader, ThreadPoolExecutor(1) as threads:
        classroom(database)
        settling = threads.submit(database.settle)
        assert was_tried.wait(30)
        reader.execute("ROLLBACK")
        assert settling.result(30)
    assert Path(f"{file}-wal").stat().st_size == 0


def test_a_database_that_nobody_reads_is_settled(database: Database) -> None:
    assert database.settle()
