"""Where the log goes is full, or read by nobody: requests do not notice."""

import os
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from tests.conftest import fresh_database
from tests.faults.processes import served
from tests.walker import http_client


@contextmanager
def full(_folder: Path) -> Iterator[int]:
    yield from opened(os.open("/dev/full", os.O_WRONLY))


@contextmanager
def stuck(_folder: Path) -> Iterator[int]:
    """A pipe that nobody reads from, full already."""
    read, write = os.pipe()
    os.set_blocking(write, False)
    try:
        while os.write(write, b"x" * 4096):
            pass
    except BlockingIOError:
        os.set_blocking(write, True)
    yield from opened(write)
    os.close(read)


def opened(number: int) -> Iterator[int]:
    yield number
    os.close(number)


@pytest.mark.parametrize("log", [full, stuck], ids=["full", "stuck"])
def test_requests_do_not_wait_for_the_log(log: object, tmp_path: Path, request: pytest.FixtureRequest) -> None:
    url = fresh_database("sqlite", tmp_path, request)
    with log(tmp_path) as stderr, served(url, tmp_path, stderr) as house, http_client() as client:  # type: ignore[operator]
        began = time.monotonic()
        for _ in range(200):
            refused = client.get(f"http://127.0.0.1:{house.port}/nowhere")
            assert (refused.status_code, refused.headers["reflect-error"]) == (404, "missing")
        assert client.get(f"http://127.0.0.1:{house.port}/health/ready").status_code == 200
        assert time.monotonic() - began < 60


def test_lines_are_written_as_ever(tmp_path: Path, request: pytest.FixtureRequest) -> None:
    with served(fresh_database("sqlite", tmp_path, request), tmp_path) as house, http_client() as client:
        for _ in range(20):
            client.get(f"http://127.0.0.1:{house.port}/nowhere")
        process = house.process
        assert process is not None
        process.terminate()
        process.wait(20)
        lines = house.log.read_text().splitlines()
    refused = [line for line in lines if '"event": "refused"' in line]
    assert len(refused) == 20 and all('"code": "missing"' in line and '"number": "' in line for line in refused)
