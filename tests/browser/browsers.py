"""Debian's Chromium and Firefox as schools have them: cookies of other sites allowed, kept apart or blocked, or all blocked."""

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

FIREFOX = "/usr/bin/firefox-esr"
FIREFOX_ALWAYS: Preferences = {
    # Clicks go astray in a frame that another process shows, as in Chromium; cookies and storage follow the sites here too.
    "fission.autostart": False,
    "fission.webContentIsolationStrategy": 0,
    "dom.disable_open_during_load": True,  # a person's browser blocks pop-ups; Playwright's would not
}
FIREFOX_STANDARD: Preferences = {"network.cookie.cookieBehavior": 5}
"""Total Cookie Protection, which Firefox ships with: a frame's cookies are kept apart for each site around it."""
FIREFOX_STRICT: Preferences = {"browser.contentblocking.category": "strict"}
"""Firefox itself then sets everything that belongs to it: no trackers, shorter referrers, the local network closed."""
FIREFOX_THIRD_PARTY_BLOCKED: Preferences = {"network.cookie.cookieBehavior": 1}
FIREFOX_ALL_BLOCKED: Preferences = {"network.cookie.cookieBehavior": 2}


def firefox_with(playwright: Playwright, folder: Path, preferences: Preferences) -> BrowserContext:
    """A Firefox whose person has set these preferences, driven by WebDriver BiDi; it is closed by closing the context."""
    return playwright.firefox.launch_persistent_context(
        folder, channel="moz-firefox", executable_path=FIREFOX, firefox_user_prefs={**FIREFOX_ALWAYS, **preferences}
    )


def browser_with(playwright: Playwright, folder: Path, preferences: Preferences) -> BrowserContext:
    """A browser whose person has set these `profile` preferences; it is closed by closing the context."""
    (folder / "Default").mkdir(parents=True)
    (folder / "Default" / "Preferences").write_text(json.dumps({"profile": preferences}))
    return playwright.chromium.launch_persistent_context(folder, executable_path=EXECUTABLE, args=ARGUMENTS)


ENDED_WITH_ITS_PAGE = "htmx:error: Failed to fetch"
"""What htmx says of a request whose page was left or closed; of one that failed the browser itself complains, too."""


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
        if not any(piece in complaint for piece in (*self.expected, ENDED_WITH_ITS_PAGE)):
            self.complaints.append(complaint)
