"""As much of a client of W3C WebDriver as one browser needs (https://www.w3.org/TR/webdriver2/).

Selenium would do, but with it comes trio, whose plugin for hypothesis warns on import; here a warning is an error.
"""

import os
import subprocess
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any, TypeVar

import httpx2

from tests.servers import listening

Found = TypeVar("Found")

ELEMENT = "element-6066-11e4-a52e-4f735466cecf"
PATIENCE = 15
"""Seconds that a page may take; two busy cores are slow."""
BETWEEN_PAGES = {
    "no such element",
    "no such frame",
    "stale element reference",
    "element not interactable",
    "javascript error",
}
"""What is so for a moment while one page takes the place of another."""


class DriverRefused(Exception):
    """The driver's answer to a command that it could not carry out."""

    def __init__(self, code: str, message: str) -> None:
        super().__init__(f"{code}: {message}")
        self.code = code


@dataclass(frozen=True)
class Session:
    """A running browser; commands go to the window and frame that were entered last."""

    client: httpx2.Client
    path: str

    def ask(self, method: str, command: str, **given: object) -> Any:
        """Send a command; its value. Raises DriverRefused."""
        answer = self.client.request(method, self.path + command, json=given if method == "POST" else None)
        value = answer.json()["value"]
        if answer.status_code != 200:
            raise DriverRefused(value["error"], value["message"])
        return value

    def find(self, xpath: str) -> str:
        """The path of the first such element."""
        return f"/element/{self.ask('POST', '/element', using='xpath', value=xpath)[ELEMENT]}"

    def run(self, script: str) -> Any:
        """What the body of a function gives back."""
        return self.ask("POST", "/execute/sync", script=script, args=[])

    def until(self, found: Callable[[], Found]) -> Found:
        """Try until there is something, and a page to find it on. Raises TimeoutError."""
        last, until = "nothing", time.monotonic() + PATIENCE
        while time.monotonic() < until:
            try:
                if value := found():
                    return value
            except DriverRefused as refusal:
                if refusal.code not in BETWEEN_PAGES:
                    raise
                last = str(refusal)
            time.sleep(0.05)
        raise TimeoutError(last)


@contextmanager
def session(driver: str, capabilities: Mapping[str, object], surroundings: Mapping[str, str]) -> Iterator[Session]:
    """Start a driver and a browser with it; both end with the block."""
    with listening() as free:
        port = free.getsockname()[1]
    command = [driver, "--host=127.0.0.1", f"--port={port}"]
    with subprocess.Popen(command, env={**os.environ, **surroundings}) as running:
        try:
            transport = httpx2.HTTPTransport(retries=5)  # waits between them while the driver begins to listen
            with httpx2.Client(base_url=f"http://127.0.0.1:{port}", transport=transport, timeout=60) as client:
                begun = Session(client, "").ask("POST", "/session", capabilities={"alwaysMatch": capabilities})
                yield (here := Session(client, f"/session/{begun['sessionId']}"))
                here.ask("DELETE", "")
        finally:
            running.terminate()
