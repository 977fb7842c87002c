"""Several workers are forked from what was loaded once, and come and go without the others."""

import json
import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path

import httpx2
import pytest

from tests.browser.demonstration import COMMAND
from tests.installation import SECRET
from tests.servers import free_port
from tests.walker import http_client

SHARED = 20_000
"""Kilobytes that a worker has in common with others, and that are no file; of those that load for themselves it is 0."""


@dataclass
class Serving:
    """`reflect serve --workers 2`, or with one."""

    process: subprocess.Popen[bytes]
    folder: Path
    port: int

    def is_ready(self) -> bool:
        """Whether it answers, and can."""
        with http_client() as client, suppress(httpx2.TransportError):
            return client.get(f"http://127.0.0.1:{self.port}/health/ready").status_code == 200
        return False

    def workers(self) -> set[int]:
        """Those that serve."""
        pid = self.process.pid
        return set(map(int, Path(f"/proc/{pid}/task/{pid}/children").read_text().split()))

    def reload(self, **settings: str) -> None:
        """Change what `.env` says, and let it be taken up."""
        (self.folder / ".env").write_text("".join(f"REFLECT_{name}={value}\n" for name, value in settings.items()))
        os.kill(self.process.pid, signal.SIGHUP)

    def said(self) -> str:
        """Its log so far."""
        return (self.folder / "log").read_text()


@pytest.fixture
def served(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Serving]:
    """Workers that have begun: two, unless a test says otherwise; one serves by itself."""
    workers, port = getattr(request, "param", 2), free_port()
    settings = {"REFLECT_SECRET_KEY": SECRET, "REFLECT_DATABASE_URL": f"sqlite:///{tmp_path / 'reflect.db'}"}
    with (tmp_path / "log").open("wb") as log:
        process = subprocess.Popen(
            [*COMMAND, "serve", "--workers", str(workers), "--port", str(port)],
            env={**os.environ, **settings},
            cwd=tmp_path,
            stdout=log,
            stderr=log,
            start_new_session=True,
        )
    serving = Serving(process, tmp_path, port)
    try:
        if workers > 1:
            # Each reads the settings for itself; who has not yet would begin by those that a test writes.
            until(lambda: serving.said().count("Application startup complete") == workers)
            assert len(serving.workers()) == workers and all(map(is_up, serving.workers()))
        until(serving.is_ready)
        yield serving
    finally:
        process.terminate()
        process.wait(20)


def is_up(pid: int) -> bool:
    """Whether it listens to its own signals: SIGTERM is caught, and SIGHUP, which its parent catches, is not."""
    lines = Path(f"/proc/{pid}/status").read_text().splitlines()
    caught = next(int(line.split()[1], 16) for line in lines if line.startswith("SigCgt:"))
    return bool(caught >> signal.SIGTERM - 1 & 1) and not caught >> signal.SIGHUP - 1 & 1


def until(holds: Callable[[], bool]) -> None:
    """Wait until it does."""
    deadline = time.monotonic() + 90
    while not holds():
        assert time.monotonic() < deadline
        time.sleep(0.02)


def shared(pid: int) -> int:
    lines = Path(f"/proc/{pid}/smaps_rollup").read_text().splitlines()
    return next(int(line.split()[1]) for line in lines if line.startswith("Shared_Dirty:"))


@pytest.mark.skipif(sys.platform != "linux", reason="elsewhere workers load for themselves")
def test_workers_share_what_is_loaded_and_one_that_dies_is_replaced_by_a_fork(served: Serving) -> None:
    before = served.workers()
    assert all(shared(worker) > SHARED for worker in before)
    os.kill(min(before), signal.SIGKILL)
    until(lambda: len(served.workers() - before) == 1)
    (new,) = served.workers() - before
    until(lambda: is_up(new))
    assert shared(new) > SHARED
    assert max(before) in served.workers()


@pytest.mark.skipif(sys.platform != "linux", reason="elsewhere workers load for themselves")
@pytest.mark.parametrize("sent", [signal.SIGTERM, signal.SIGINT])
def test_all_end_without_a_fault_whether_one_or_all_are_told_to(served: Serving, sent: signal.Signals) -> None:
    workers = served.workers()
    if sent == signal.SIGINT:
        os.killpg(served.process.pid, sent)  # as Ctrl-C does
    else:
        os.kill(served.process.pid, sent)
    assert served.process.wait(20) == 0
    assert not any(Path(f"/proc/{worker}").exists() for worker in workers)
    assert "Traceback" not in served.said()


@pytest.mark.parametrize("served", [1, 2], indirect=True)
@pytest.mark.parametrize(
    ("name", "value"),
    [("BASE_URL", "http://reflect.school.example"), ("RETENTION_DAYS", "always")],
    ids=["unsafe", "wrong"],
)
def test_a_reload_with_settings_that_will_not_do_changes_nothing_and_says_why(
    served: Serving, name: str, value: str
) -> None:
    workers = served.workers()
    served.reload(**{name: value})
    until(lambda: "not reloaded" in served.said())
    served.reload(**{name: value})
    until(lambda: served.said().count("not reloaded") == 2)
    assert served.workers() == workers and served.is_ready()
    told = [json.loads(line) for line in served.said().splitlines()]  # each is a line of the log, and none a trace
    assert all(f"REFLECT_{name}" in it["faults"] for it in told if it["logger"] == "reflect.reload")
    assert value not in served.said()
    served.reload(BASE_URL="https://reflect.school.example")
    until(lambda: is_secure(served))


@pytest.mark.parametrize("served", [1, 2], indirect=True)
def test_a_reload_with_a_file_that_cannot_be_read_changes_nothing_and_says_why(served: Serving) -> None:
    workers = served.workers()
    (served.folder / ".env").write_bytes("# für alle\nREFLECT_RETENTION_DAYS=9\n".encode("latin-1"))
    os.kill(served.process.pid, signal.SIGHUP)
    until(lambda: "not reloaded" in served.said())
    assert served.workers() == workers and served.is_ready()
    told = [json.loads(line) for line in served.said().splitlines()]  # each is a line of the log, and none a trace
    [faults] = [it["faults"] for it in told if it["logger"] == "reflect.reload"]
    assert faults == f"{served.folder / '.env'} cannot be read: it is not text in UTF-8."
    served.reload(BASE_URL="https://reflect.school.example")
    until(lambda: is_secure(served))


def is_secure(served: Serving) -> bool:
    """Whether it knows by now that it is reached by https."""
    with http_client() as client, suppress(httpx2.TransportError):
        return "strict-transport-security" in client.get(f"http://127.0.0.1:{served.port}/health/live").headers
    return False


@pytest.mark.skipif(sys.platform != "linux", reason="elsewhere workers load for themselves")
def test_who_takes_the_place_of_a_worker_that_died_does_not_serve_with_unsafe_settings(served: Serving) -> None:
    before = served.workers()
    (served.folder / ".env").write_text("REFLECT_BASE_URL=http://reflect.school.example\n")
    os.kill(min(before), signal.SIGKILL)
    until(lambda: "a worker did not begin" in served.said())
    assert "Traceback" not in served.said()
    assert served.is_ready() and max(before) in served.workers()
    (served.folder / ".env").unlink()
    until(lambda: served.said().count("Application startup complete") == 3)
    until(lambda: len(served.workers()) == 2)  # the last that did not begin may not have been buried yet
