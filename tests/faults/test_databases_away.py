"""The database is held by another, full, moved away or closed to us: said plainly and soon, nothing lost, and it goes on
by itself afterwards."""

import re
import sqlite3
import subprocess
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from html import unescape
from pathlib import Path
from typing import Any

import httpx2
import pytest
from sqlmodel import Session, select

from reflect.domain import answers
from reflect.storage import database as storage
from reflect.storage.answers import Answer, Participation, SealedAnswer
from reflect.storage.outages import DatabaseAway
from reflect.web import answers as web_answers
from tests.conftest import fresh_database
from tests.databases import connected
from tests.installation import Installation, installed
from tests.storage.wires import COMMIT, wired
from tests.web.dialogs import STUDENT, TEACHER, Visit, arrives

PATIENCE = 0.6
"""Seconds for which a write waits, here."""
IN_EARNEST = storage.BUSY
"""Seconds for which it would wait elsewhere: whoever waits for it, takes at least as long."""
NOTE = 'over the brook & "away"'
ANSWER = {"choice": "calm", "note": NOTE}


@pytest.fixture
def impatient(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(storage, "BUSY", PATIENCE)


@pytest.fixture
def on_file(tmp_path: Path, impatient: None, request: pytest.FixtureRequest) -> Iterator[Installation]:
    with installed(fresh_database("sqlite", tmp_path, request)) as running:
        yield running


def asked(running: Installation) -> tuple[Visit, Visit]:
    """A teacher who has asked, and a student before the question."""
    teacher = arrives(running, TEACHER)
    number = teacher.asks("How was the bridge?", asks_note="yes")
    student = arrives(running, STUDENT)
    student.goes_to(f"/checkins/{number}")
    return teacher, student


def answer(student: Visit) -> httpx2.Response:
    """Send an answer from the page with the question, wherever the student is meanwhile."""
    action = re.search(r'action="(/checkins/\d+/answers[^"]*)"', student.page.text)
    assert action
    return student.walker.post(unescape(action[1]), ANSWER)


def assert_refused(response: httpx2.Response) -> None:
    """The coded refusal, with all that was typed waiting to be sent again."""
    assert (response.status_code, response.headers.get("reflect-error")) == (503, "unavailable")
    assert response.headers["retry-after"] == "10"
    assert sent_again(response) == ANSWER
    assert "Traceback" not in response.text and "sqlite" not in response.text.lower()


def sent_again(page: httpx2.Response) -> dict[str, str]:
    found = re.findall(r'<input type="hidden" name="(\w+)" value="([^"]*)"', page.text)
    return {name: unescape(value) for name, value in found}


def sends_again(student: Visit, page: httpx2.Response) -> None:
    """Press the one button of the refusal, and see the answer there once."""
    student.page = page
    student.sends(r"/checkins/\d+/answers", sent_again(page))
    assert student.page.status_code == 200 and "Thank you" in student.page.text
    stored = student.running.database.read_now(lambda db: notes(db))
    assert stored == [("calm", NOTE)]


def notes(db: Session) -> list[tuple[str, str]]:
    return [(row.choice, row.note) for row in db.exec(select(Answer)).all()]


def assert_reads_go_on(teacher: Visit, student: Visit) -> None:
    began = time.monotonic()
    for visit in (teacher, student):
        page = visit.walker.get(str(visit.page.url))
        assert page.status_code == 200, page.text
    assert time.monotonic() - began < IN_EARNEST


def until_ready(running: Installation) -> None:
    walker, deadline = running.walker(), time.monotonic() + 30
    while walker.get("/health/ready").status_code != 200:
        assert time.monotonic() < deadline
        time.sleep(0.05)


def file_of(running: Installation) -> Path:
    return Path(running.settings.database_url.removeprefix("sqlite:///"))


@contextmanager
def held(running: Installation) -> Iterator[None]:
    """Another process's transaction."""
    other = sqlite3.connect(file_of(running), isolation_level=None)
    other.execute("BEGIN EXCLUSIVE")
    yield
    other.execute("ROLLBACK")
    other.close()


def test_a_file_that_another_holds(on_file: Installation) -> None:
    teacher, student = asked(on_file)
    with held(on_file):
        began = time.monotonic()
        refused = answer(student)
        assert PATIENCE / 2 < time.monotonic() - began < IN_EARNEST
        assert_refused(refused)
        assert_reads_go_on(teacher, student)
    sends_again(student, refused)


def test_whoever_waits_with_others_waits_no_longer(on_file: Installation) -> None:
    """Where each was tried again by itself, the last one waited for all before."""
    _, student = asked(on_file)
    with held(on_file), ThreadPoolExecutor(24) as everybody:
        began = time.monotonic()
        refused = list(everybody.map(lambda _: answer(student), range(24)))
        assert time.monotonic() - began < IN_EARNEST, "one after the other they take half as long again"
        assert {page.status_code for page in refused} == {503}
    assert answer(student).status_code == 303


@pytest.fixture
def small_disk(tmp_path: Path) -> Iterator[Path]:
    """A file system of three megabytes."""
    folder = tmp_path / "disk"
    folder.mkdir()
    mounted = subprocess.run(["mount", "-t", "tmpfs", "-o", "size=3m", "tmpfs", folder], capture_output=True)
    if mounted.returncode:
        pytest.skip("only who may mount a file system can fill one")
    yield folder
    subprocess.run(["umount", "-l", folder], check=True)


def test_a_full_disk(small_disk: Path, impatient: None, request: pytest.FixtureRequest) -> None:
    with installed(fresh_database("sqlite", small_disk, request)) as running:
        teacher, student = asked(running)
        filler = small_disk / "filler"
        with filler.open("wb", buffering=0) as file, pytest.raises(OSError, match="No space"):
            while file.write(b"x" * 1024):
                pass
        for _ in range(3):
            refused = answer(student)
            if refused.status_code == 503:  # the write-ahead log may have had room for one
                break
        assert_refused(refused)
        before = running.database.read_now(notes)
        assert_reads_go_on(teacher, student)
        filler.unlink()
        sends_again(student, refused)
        assert len(before) <= 1
        assert (
            running.database.read_now(lambda db: db.connection().exec_driver_sql("PRAGMA integrity_check").scalar())
            == "ok"
        )


def test_a_file_that_is_not_there_any_more(on_file: Installation) -> None:
    """SQLite would go on writing into nothing."""
    teacher, student = asked(on_file)
    file = file_of(on_file)
    away = file.rename(file.with_name("elsewhere.db"))
    refused = answer(student)
    assert_refused(refused)
    ready = teacher.walker.get("/health/ready")
    assert (ready.status_code, ready.headers["reflect-error"]) == (503, "unavailable")
    assert not file.exists()
    away.rename(file)
    sends_again(student, refused)
    assert teacher.walker.get("/health/ready").status_code == 200


def test_a_postgresql_that_lets_nobody_in(tmp_path: Path, request: pytest.FixtureRequest) -> None:
    url = fresh_database("postgresql", tmp_path, request)
    server, _, name = url.rpartition("/")
    with installed(url) as running, connected(server, "postgres") as admin:
        _, student = asked(running)
        admin.execute(f"ALTER DATABASE {name} ALLOW_CONNECTIONS false")
        admin.execute("SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname = %s", [name])
        began = time.monotonic()
        refused = answer(student)
        assert_refused(refused)
        assert time.monotonic() - began < 10
        admin.execute(f"ALTER DATABASE {name} ALLOW_CONNECTIONS true")
        until_ready(running)  # who connects in vain pauses for a second
        sends_again(student, refused)


@pytest.mark.parametrize("arrives_there", [True, False], ids=["kept", "not kept"])
def test_a_connection_that_is_lost_amid_a_commit(
    tmp_path: Path, request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch, arrives_there: bool
) -> None:
    """Nobody can know whether it is there: nothing else is said, and an answer that is sent again counts once."""
    give_each = answers.give_each

    def give_and_cut(db: Session, given: Any) -> Any:
        results = give_each(db, given)
        wire.arrives, wire.cut_at = arrives_there, COMMIT
        return results

    with wired(fresh_database("postgresql", tmp_path, request)) as (url, wire), installed(url) as running:
        teacher, student = arrives(running, TEACHER), arrives(running, STUDENT)
        for cuts, anonymity in enumerate(("named", "anonymous"), 1):
            number = teacher.asks("How was the bridge?", anonymity=anonymity, asks_note="yes")
            student.page = student.walker.get(f"/checkins/{number}")
            monkeypatch.setattr(answers, "give_each", give_and_cut)
            refused = answer(student)
            monkeypatch.setattr(answers, "give_each", give_each)
            assert (wire.cuts, refused.status_code, refused.headers["reflect-error"]) == (cuts, 503, "unsure")
            assert "Nothing was saved" not in refused.text and "It may be saved, or not" in refused.text
            assert sent_again(refused) == ANSWER
            student.page = refused
            assert "Thank you" in student.sends(r"/checkins/\d+/answers", sent_again(refused)).text
            teacher.page = teacher.walker.get("/courses/1")
        assert running.count(Answer, SealedAnswer, Participation) == [1, 1, 1]


def test_what_breaks_after_a_change_was_kept_does_not_say_that_nothing_was(
    installation: Installation, monkeypatch: pytest.MonkeyPatch
) -> None:
    _, student = asked(installation)
    action = re.search(r'action="(/checkins/\d+/answers[^"]*)"', student.page.text)
    assert action

    faults: list[Exception] = [KeyError("ours"), DatabaseAway("away")]

    def broken(*_: object, **__: object) -> None:
        raise faults.pop()

    monkeypatch.setattr(web_answers, "see_other", broken)
    while faults:
        refused = student.walker.post(unescape(action[1]), ANSWER)
        assert (refused.status_code, refused.headers["reflect-error"]) == (503, "unsure")
    assert installation.database.read_now(notes) == [("calm", NOTE)]
