"""Several workers are forked from what was loaded once, and come and go without the others."""

import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest

from tests.browser.demonstration import COMMAND
from tests.installation import SECRET
from tests.servers import free_port

SHARED = 20_000
"""Kilobytes that a worker has in common with others, and that are no file; of those that load for themselves it is 0."""


@dataclass
class Serving:
    """`reflect serve --workers 2`."""

    process: subprocess.Popen[bytes]
    folder: Path

    def workers(self) -> set[int]:
        """Those that serve."""
        pid = self.process.pid
        return set(map(int, Path(f"/proc/{pid}/task/{pid}/children").read_text().split()))

    def said(self) -> str:
        """Its log so far."""
        return (self.folder / "log").read_text()


@pytest.fixture
def served(tmp_path: Path) -> Iterator[Serving]:
    """Two workers that have begun."""
    settings = {"REFLECT_SECRET_KEY": SECRET, "REFLECT_DATABASE_URL": f"sqlite:///{tmp_path / 'reflect.db'}"}
    with (tmp_path / "log").open("wb") as log:
        process = subprocess.Popen(
            [*COMMAND, "serve", "--workers", "2", "--port", str(free_port())],
            env={**os.environ, **settings},
            cwd=tmp_path,
            stdout=log,
            stderr=log,
            start_new_session=True,
        )
    serving = Serving(process, tmp_path)
    try:
        until(lambda: len(serving.workers()) == 2 and all(map(is_up, serving.workers())))
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
