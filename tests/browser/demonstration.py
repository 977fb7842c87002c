"""`reflect demo` as its own process: an installation with a furnished course."""

import os
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from urllib.error import URLError
from urllib.request import ProxyHandler, build_opener

from tests.browser.visits import Campus
from tests.servers import free_port

ROOT = Path(__file__).parent.parent.parent
COMMAND = [sys.executable, "-c", "from reflect.cli import main; main()"]
PATIENCE = 40
"""Seconds until a server must answer."""


@contextmanager
def demonstration(language: str = "en", *, welcome: Path | None = None) -> Iterator[Campus]:
    """The demo with everybody speaking one language, running until the block ends; what it says goes to `welcome`."""
    port, campus_port = free_port(), free_port()
    campus = Campus(f"http://127.0.0.1:{campus_port}", f"http://localhost:{port}")
    arguments = ["demo", "--port", str(port), "--campus-port", str(campus_port), "--language", language]
    with running(arguments, campus.base_url, said=welcome):
        yield campus


@contextmanager
def running(arguments: list[str], base_url: str, *, said: Path | None = None, **settings: str) -> Iterator[None]:
    """One of Reflect's commands that serve, from when it answers at `base_url` until the block ends."""
    environment = {**os.environ, **settings}
    with (said or Path(os.devnull)).open("w") as output:
        process = subprocess.Popen([*COMMAND, *arguments], cwd=ROOT, env=environment, stdout=output)
    try:
        _wait_for(f"{base_url}/health/ready", process)
        yield
    finally:
        process.terminate()
        process.wait(20)


def _wait_for(url: str, process: subprocess.Popen[bytes]) -> None:
    direct = build_opener(ProxyHandler({}))
    deadline = time.monotonic() + PATIENCE
    while process.poll() is None and time.monotonic() < deadline:
        try:
            direct.open(url, timeout=5).close()
            return
        except (URLError, OSError):
            time.sleep(0.1)
    raise RuntimeError("The server did not start.")
