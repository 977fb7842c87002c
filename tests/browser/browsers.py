"""Debian's Chromium as schools have it: cookies of other sites allowed, blocked, or all cookies blocked."""

import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

from playwright.sync_api import BrowserContext, Playwright

EXECUTABLE = "/usr/bin/chromium"
ARGUMENTS = [
    "--no-sandbox",
    "--disable-background-networking",
    "--disable-component-update",
    # With a process for each site Playwright now and then loses a frame that went to and fro between two of them.
    # Cookies and storage follow the sites, whatever process shows them.
    "--disable-site-isolation-trials",
]

Preferences = Mapping[str, Any]
THIRD_PARTY_COOKIES_ALLOWED: Preferences = {"cookie_controls_mode": 0, "block_third_party_cookies": False}
THIRD_PARTY_COOKIES_BLOCKED: Preferences = {"cookie_controls_mode": 1, "block_third_party_cookies": True}
SCRIPT_BLOCKED: Preferences = {"default_content_setting_values": {"javascript": 2}}
ALL_COOKIES_BLOCKED: Preferences = {"default_content_setting_values": {"cookies": 2}}


def browser_with(playwright: Playwright, folder: Path, preferences: Preferences) -> BrowserContext:
    """A browser whose person has set these `profile` preferences; it is closed by closing the context."""
    (folder / "Default").mkdir(parents=True)
    (folder / "Default" / "Preferences").write_text(json.dumps({"profile": preferences}))
    return playwright.chromium.launch_persistent_context(folder, executable_path=EXECUTABLE, args=ARGUMENTS)


@dataclass
class Watch:
    """What must never happen in a browser: a word on the console, an error, a request to a stranger.

    `expected` are pieces of console lines that a test provokes on purpose (the browser reports each 4xx there).
    """

    hosts: frozenset[str]
    expected: tuple[str, ...] = ()
    complaints: list[str] = field(default_factory=list)
    requests: list[str] = field(default_factory=list)

    def over(self, context: BrowserContext) -> None:
        """Watch every page of a context, and the frames in it."""
        context.on("console", lambda said: self._complain(f"console {said.type}: {said.text}"))
        context.on("weberror", lambda fault: self._complain(f"error: {fault.error}"))
        context.on("request", lambda request: self._ask(request.url))

    def _ask(self, url: str) -> None:
        self.requests.append(url)
        if urlsplit(url).scheme in {"http", "https", "ws", "wss"} and urlsplit(url).netloc not in self.hosts:
            self.complaints.append(f"asked a stranger: {url}")

    def _complain(self, complaint: str) -> None:
        if not any(piece in complaint for piece in self.expected):
            self.complaints.append(complaint)
