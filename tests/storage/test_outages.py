"""PostgreSQL goes away at the worst moment: nothing is done twice, nothing acknowledged is lost, nobody waits for long."""

import asyncio
import socket
import threading
import time
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager, suppress

import pytest
from sqlalchemy import text
from sqlalchemy.exc import OperationalError
from sqlmodel import Session

from reflect.domain import answers
from reflect.domain.answers import Outcome
from reflect.domain.privacy.sealing import Content
from reflect.storage import answers as storage
from reflect.storage import database as storage_database
from reflect.storage import tickets
from reflect.storage.checkins import Checkin
from reflect.storage.database import Database
from reflect.storage.outages import Overdue, Unsure
from tests.classroom import NOW, SEALER, Classroom, classroom
from tests.storage.processes import raise_version
from tests.storage.wires import COMMIT, Wire, wired

pytestmark = pytest.mark.parametrize("backend", ["postgresql"], indirect=True)


@pytest.fixture
def wire_and_far(database_url: str) -> Iterator[tuple[Wire, Database]]:
    with wired(database_url) as (through, wire):
        far = Database(through)
        yield wire, far
        far.close()


def version(database: Database, checkin_id: int) -> int:
    return database.read_now(lambda db: db.get_one(Checkin, checkin_id).version)


@pytest.mark.parametrize("arrives", [False, True])
def test_a_job_whose_commit_nobody_can_know_of_is_not_done_again(
    database: Database, wire_and_far: tuple[Wire, Database], arrives: bool
) -> None:
    (wire, far), checkin_id = wire_and_far, classroom(database, 0).open()
    wire.arrives, wire.cut_at = arrives, COMMIT
    with pytest.raises(Unsure):
        far.write_now(lambda db: raise_version(db, checkin_id))
    assert wire.cuts == 1
    far.write_now(lambda db: raise_version(db, checkin_id))
    until(lambda: version(database, checkin_id) == 1 + int(arrives))


def test_everybody_who_shared_such_a_commit_hears_so(database: Database, wire_and_far: tuple[Wire, Database]) -> None:
    (wire, far), checkin_id = wire_and_far, classroom(database, 0).open()
    wire.arrives = True

    def raise_and_cut(db: Session) -> None:
        raise_version(db, checkin_id)
        wire.cut_at = COMMIT

    async def three() -> list[object]:
        with held(far):
            works = (lambda db: raise_version(db, checkin_id), raise_and_cut, lambda db: raise_version(db, checkin_id))
            group = [asyncio.ensure_future(far.write(work)) for work in works]
            await asyncio.sleep(0)
        return list(await asyncio.gather(*group, return_exceptions=True))

    assert [type(outcome) for outcome in asyncio.run(three())] == [Unsure] * 3
    until(lambda: version(database, checkin_id) == 3)


@contextmanager
def held(database: Database) -> Iterator[None]:
    """The writer stands still, so that jobs gather, until the block ends."""
    begun, go_on = threading.Event(), threading.Event()

    def stand(_: Session) -> None:
        begun.set()
        go_on.wait(10)

    with ThreadPoolExecutor(1) as threads:
        standing = threads.submit(database.write_now, stand)
        assert begun.wait(10)
        yield
        go_on.set()
        standing.result(10)


def until(is_so: Callable[[], bool]) -> None:
    deadline = time.monotonic() + 60
    while not is_so():
        assert time.monotonic() < deadline
        time.sleep(0.01)


def test_a_job_that_was_cut_off_before_its_commit_is_done_again(
    database: Database, wire_and_far: tuple[Wire, Database]
) -> None:
    (wire, far), checkin_id = wire_and_far, classroom(database, 0).open()

    def work(db: Session) -> None:
        raise_version(db, checkin_id)
        db.flush()
        wire.cut_at = b"" if wire.cuts else b"half way"
        db.execute(text("SELECT 'half way'"))

    far.write_now(work)
    assert (wire.cuts, version(database, checkin_id)) == (1, 1)


def gives(room: Classroom, far: Database, checkin_id: int) -> Outcome:
    viewer = room.students[0]
    return far.write_now(lambda db: answers.give(db, viewer, checkin_id, Content("calm"), SEALER, NOW))


@pytest.mark.parametrize("anonymity", ["named", "anonymous"])
def test_who_answers_again_because_no_acknowledgement_came_has_answered_once(
    database: Database, wire_and_far: tuple[Wire, Database], anonymity: str
) -> None:
    (wire, far), room = wire_and_far, classroom(database, 1)
    checkin_id = room.open(anonymity)
    wire.arrives, wire.cut_at = True, COMMIT
    with pytest.raises(Unsure):
        gives(room, far, checkin_id)
    outcome = gives(room, far, checkin_id)
    assert outcome == (Outcome.GIVEN if anonymity == "named" else Outcome.ALREADY_GIVEN)
    assert room.for_staff(checkin_id).answered == 1
    if anonymity == "named":
        assert database.read_now(lambda db: storage.tally(db, checkin_id)) == {"calm": 1}
    else:
        assert database.read_now(lambda db: storage.sealed_count(db, checkin_id)) == 1


def test_a_queue_does_not_wait_once_for_each_of_it_while_nothing_can_be_reached(backend: str) -> None:
    assert backend == "postgresql"
    tries: list[socket.socket] = []
    with socket.create_server(("127.0.0.1", 0)) as deaf:

        def hang_up() -> None:
            with suppress(OSError):
                while True:
                    tries.append(deaf.accept()[0])
                    tries[-1].close()

        threading.Thread(target=hang_up, daemon=True).start()
        away = Database(
            f"postgresql://reflect@127.0.0.1:{deaf.getsockname()[1]}/reflect?sslmode=disable&gssencmode=disable"
        )
        for _ in range(20):
            with pytest.raises(OperationalError):
                away.read_now(lambda db: db.connection())
        away.close()
        deaf.shutdown(socket.SHUT_RDWR)
    assert 1 <= len(tries) <= 3


def test_what_waited_for_too_long_is_not_begun(database: Database, monkeypatch: pytest.MonkeyPatch) -> None:
    checkin_id = classroom(database, 0).open()
    with ThreadPoolExecutor(1) as threads:
        with held(database):
            late = threads.submit(database.write_now, lambda db: raise_version(db, checkin_id))
            until(lambda: not database._lane._waiting.empty())
            monkeypatch.setattr(tickets, "PATIENCE", 0.0)
        assert isinstance(late.exception(10), Overdue)
    monkeypatch.undo()
    assert version(database, checkin_id) == 0
    monkeypatch.setattr(storage_database, "PATIENCE", -1.0)
    with pytest.raises(Overdue):
        asyncio.run(database.read(lambda _: None))


def test_who_is_cut_off_holds_rows_for_seconds_only(database: Database) -> None:
    names = ("idle_in_transaction_session_timeout", "lock_timeout", "tcp_keepalives_idle")
    shown = [database.write_now(lambda db, it=name: db.scalar(text(f"SHOW {it}"))) for name in names]
    assert shown == ["7s", "10s", "30"]
