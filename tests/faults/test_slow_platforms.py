"""A platform that accepts connections and says nothing: its own launches are refused, all others never notice."""

import socket
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor, wait
from pathlib import Path

import pytest
from sqlmodel import Session, select

from reflect.lti import keysets
from reflect.storage.registrations import Registration
from tests.conftest import fresh_database
from tests.installation import Installation, installed
from tests.servers import listening
from tests.walker import http_client
from tests.web.launching import amend, assert_admitted, scene, second_tool

SECONDS, LAUNCHES = 20.0, 40
"""For how long the platform would be waited for here, and how many of its own launches wait."""


@pytest.fixture
def silent() -> Iterator[tuple[int, list[socket.socket]]]:
    """A port where everybody is let in and nobody answered, and who came."""
    door, came = listening(), []
    door.listen(100)
    door.settimeout(0.05)
    with ThreadPoolExecutor(1) as porter:

        def let_in() -> None:
            while True:
                try:
                    came.append(door.accept()[0])
                except TimeoutError:
                    continue
                except OSError:
                    return

        porter.submit(let_in)
        yield door.getsockname()[1], came
        door.close()
    for guest in came:
        guest.close()


def test_nobody_else_waits_for_a_platform_that_says_nothing(
    tmp_path: Path,
    silent: tuple[int, list[socket.socket]],
    monkeypatch: pytest.MonkeyPatch,
    request: pytest.FixtureRequest,
) -> None:
    monkeypatch.setattr(keysets, "_FETCH_SECONDS", SECONDS)
    port, came = silent
    with installed(fresh_database("sqlite", tmp_path, request), private_hosts=f"127.0.0.1:{port} 127.0.0.1") as running:
        slow = second_tool(running)
        amend(running, number_of(running, slow.client_id), keyset_url=f"http://127.0.0.1:{port}/jwks")
        scenes = [scene(running, tool=slow) for _ in range(LAUNCHES)]
        for one in scenes:
            one.login()
        ready = scene(running)
        with ThreadPoolExecutor(LAUNCHES) as everybody, http_client() as client:
            began = time.monotonic()
            launched = [everybody.submit(one.launch) for one in scenes]
            while not came and time.monotonic() - began < SECONDS:
                time.sleep(0.01)
            since = time.monotonic()
            assert client.get(f"{running.base_url}/health/live").status_code == 200
            assert_admitted(ready.walk())
            waited = time.monotonic() - since
            while wait(launched, 0.1).not_done:
                for guest in list(came):
                    guest.close()
            codes = {one.result().headers.get("reflect-error") for one in launched}
            assert codes == {"keys_unavailable"}
            assert waited < SECONDS and 0 < len(came) < LAUNCHES / 4


def number_of(running: Installation, client_id: str) -> int:
    def work(db: Session) -> int:
        return db.exec(select(Registration.id).where(Registration.client_id == client_id)).one() or 0

    return running.database.read_now(work)
