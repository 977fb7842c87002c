"""A streaming replica: read from while it follows closely, and never missed when it does not."""

import asyncio
import os
import shutil
import tempfile
import threading
import time
from collections import deque
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path
from types import SimpleNamespace

import pytest
from sqlalchemy import text
from sqlalchemy.engine import make_url
from sqlmodel import Session

from reflect.storage import replicas
from reflect.storage.checkins import Checkin
from reflect.storage.database import Database, open_engine
from reflect.storage.schema import migrate
from tests.classroom import classroom
from tests.databases import connected
from tests.installation import Installation, installed
from tests.postgres import OPTIONS, binary, postgres_server, run
from tests.servers import free_port
from tests.storage.processes import raise_version
from tests.web.dialogs import TEACHER, arrives


@dataclass
class Standby:
    """The copy of a server."""

    folder: Path
    port: int

    @property
    def address(self) -> str:
        """Up to and without the name of a database."""
        return f"postgresql://reflect@127.0.0.1:{self.port}"

    def control(self, *words: str) -> None:
        """Start or stop it."""
        options = (
            f"{OPTIONS} -c listen_addresses=127.0.0.1 -c port={self.port} -c unix_socket_directories={self.folder}"
        )
        run([binary("pg_ctl"), "-D", self.folder / "data", "-l", self.folder / "log", "-o", options, "-w", *words])


@pytest.fixture
def pair() -> Iterator[tuple[str, Standby]]:
    """The addresses of a server and of its copy."""
    if os.environ.get("REFLECT_TEST_POSTGRES"):
        pytest.skip("the given PostgreSQL server is not ours to copy")
    folder = Path(tempfile.mkdtemp(prefix="reflect-standby-"))
    if os.geteuid() == 0:
        shutil.chown(folder, "postgres")
    with postgres_server() as address:
        port = str(make_url(address).port)
        copy = [binary("pg_basebackup"), "-h", "127.0.0.1", "-p", port, "-U", "reflect", "-D", folder / "data"]
        run([*copy, "-R", "-c", "fast", "-X", "stream"])
        standby = Standby(folder, free_port())
        standby.control("start")
        try:
            yield address, standby
        finally:
            if (folder / "data/postmaster.pid").exists():
                standby.control("-m", "immediate", "stop")
            shutil.rmtree(folder, ignore_errors=True)


def is_copy(database: Database) -> bool:
    return asyncio.run(database.read_late(lambda db: bool(db.scalar(text("SELECT pg_is_in_recovery()")))))


def until_read_from_copy(database: Database) -> None:
    deadline = time.monotonic() + 60
    while not is_copy(database):
        assert time.monotonic() < deadline
        time.sleep(0.02)


def test_a_copy_is_read_while_it_follows_and_the_database_itself_otherwise(
    pair: tuple[str, Standby], monkeypatch: pytest.MonkeyPatch
) -> None:
    address, standby = pair
    engine = open_engine(f"{address}/postgres")
    migrate(engine)
    engine.dispose()
    database = Database(f"{address}/postgres", f"{standby.address}/postgres")
    checkin_id = classroom(database, 0).open()

    def version(db: Session) -> int:
        return db.get_one(Checkin, checkin_id).version

    monkeypatch.setattr(replicas, "LAG", 600.0)  # however long the next steps take
    until_read_from_copy(database)
    with connected(standby.address, "postgres") as copy:
        copy.execute("SELECT pg_wal_replay_pause()")
        database.write_now(lambda db: raise_version(db, checkin_id))
        assert is_copy(database) and asyncio.run(database.read_late(version)) == 0
        other_id = classroom(database, 0).open()
        assert asyncio.run(database.read_late(lambda db: db.get_one(Checkin, other_id).version)) == 0
        monkeypatch.setattr(replicas, "LAG", 0.0)
        assert not is_copy(database) and asyncio.run(database.read_late(version)) == 1
        copy.execute("SELECT pg_wal_replay_resume()")
    until_read_from_copy(database)
    assert asyncio.run(database.read_late(version)) == 1
    monkeypatch.undo()
    with installed(f"{address}/postgres", replica_url=f"{standby.address}/postgres") as running:
        _look_at_insights(running, standby)
    standby.control("-m", "fast", "stop")
    assert not is_copy(database) and not is_copy(database)
    database.close()


def _look_at_insights(running: Installation, standby: Standby) -> None:
    """At once after a launch that the copy may not know of, and until it does."""
    teacher = arrives(running, TEACHER)
    address = str(teacher.page.url).replace("?", "/insights?")
    with connected(standby.address, "postgres") as copy:
        before, deadline = copy.execute(READERS).fetchone(), time.monotonic() + 60
        while copy.execute(READERS).fetchone() == before:
            assert time.monotonic() < deadline
            assert teacher.walker.get(address).status_code == 200


READERS = "SELECT count(*) FROM pg_stat_activity WHERE application_name = 'reflect'"


class Slow(deque[tuple[float, str]]):
    """Positions of which the first to go takes its time."""

    def __init__(self) -> None:
        super().__init__([(0.0, "0/0")])
        self.going, self.others_are_done = threading.Event(), threading.Event()

    def popleft(self) -> tuple[float, str]:
        """Let others come in between, where they can."""
        if not self.going.is_set():
            self.going.set()
            self.others_are_done.wait(0.5)
        return super().popleft()


class At:
    """A session at a position."""

    def __init__(self, position: str) -> None:
        self.position = position

    def scalar(self, _statement: object) -> str:
        """The only thing that is asked."""
        return self.position


def test_readers_who_note_at_once_leave_one_another_their_positions(monkeypatch: pytest.MonkeyPatch) -> None:
    replica, slow = replicas.Replica("postgresql+psycopg://nobody@127.0.0.1:1/nowhere"), Slow()
    replica._positions = slow

    def note(now: float, position: str) -> str:
        monkeypatch.setattr(replicas, "time", SimpleNamespace(monotonic=lambda: now))
        return replica.note(At(position))  # type: ignore[arg-type]

    def note_later() -> str:
        assert slow.going.wait(10)
        try:
            return note(12.0, "0/2")
        finally:
            slow.others_are_done.set()

    with ThreadPoolExecutor(2) as threads:
        later, first = threads.submit(note_later), threads.submit(note, 6.0, "0/1")
        assert (first.result(10), later.result(10)) == ("0/1", "0/2")
    replica.close()
