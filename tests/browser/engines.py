"""The rows of the table of browsers: each engine, with each way that its people let sites keep things."""

from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import Protocol

from playwright.sync_api import BrowserContext, Playwright

from tests.browser import browsers, webkit
from tests.browser.visits import Campus

PATIENCE = 15_000
"""Milliseconds that a page may take; two busy cores are slow."""


class Seat(Protocol):
    """One person before Reflect, whatever drives their browser: a Visit or a WebKitVisit."""

    def sees(self, selector: str) -> None: ...
    def run(self, script: str) -> str: ...
    def shows(self, heading: str) -> None: ...
    def ask(self, question: str) -> None: ...
    def answer(self, question: str, choice: str) -> None: ...
    def sees_answers(self, count: int) -> None: ...
    def reload(self) -> None: ...
    def take(self, words: str) -> tuple[str, str] | None: ...
    def tab(self, words: str) -> "Seat": ...


Sit = Callable[[str], Seat]
"""Lets a person of the campus open the activity in its frame."""


@dataclass(frozen=True)
class Bench:
    """What every engine needs: Playwright, the campus to visit, and an empty folder of its own."""

    playwright: Playwright
    campus: Campus
    folder: Path


@dataclass(frozen=True)
class Row:
    """One browser with one setting; `executable` is what must be installed for it."""

    browser: str
    executable: str
    cookies: str
    open: Callable[[Bench], AbstractContextManager[Sit]]

    def __str__(self) -> str:
        return f"{self.browser}, {self.cookies}"

    @property
    def is_here(self) -> bool:
        """Whether this machine has the browser."""
        return Path(self.executable).exists()


@contextmanager
def chromium(preferences: browsers.Preferences, bench: Bench) -> Iterator[Sit]:
    """Chromium with a profile of its own."""
    yield from _sitting(browsers.browser_with(bench.playwright, bench.folder, preferences), bench)


@contextmanager
def incognito(bench: Bench) -> Iterator[Sit]:
    """A private window of Chromium."""
    browser = bench.playwright.chromium.launch(executable_path=browsers.EXECUTABLE, args=browsers.ARGUMENTS)
    yield from _sitting(browser.new_context(), bench)
    browser.close()


@contextmanager
def firefox(preferences: browsers.Preferences, bench: Bench) -> Iterator[Sit]:
    """Firefox with a profile of its own."""
    yield from _sitting(browsers.firefox_with(bench.playwright, bench.folder, preferences), bench)


def _sitting(context: BrowserContext, bench: Bench) -> Iterator[Sit]:
    context.set_default_timeout(PATIENCE)
    try:
        yield partial(bench.campus.frame, context)
    finally:
        context.close()


@contextmanager
def webkitgtk(argument: str, bench: Bench) -> Iterator[Sit]:
    """WebKitGTK's own small browser."""
    with webkit.webkit_with(bench.folder, argument) as driver:
        yield lambda person: webkit.frame(driver, bench.campus, person)


_CHROMIUM = partial(Row, "Chromium", browsers.EXECUTABLE)
_FIREFOX = partial(Row, "Firefox ESR", browsers.FIREFOX)
_WEBKIT = partial(Row, "WebKitGTK", webkit.DRIVER)
ROWS = (
    _CHROMIUM("of other sites allowed", partial(chromium, browsers.THIRD_PARTY_COOKIES_ALLOWED)),
    _CHROMIUM("of other sites blocked", partial(chromium, browsers.THIRD_PARTY_COOKIES_BLOCKED)),
    _CHROMIUM("incognito", incognito),
    _CHROMIUM("all blocked", partial(chromium, browsers.ALL_COOKIES_BLOCKED)),
    _FIREFOX("standard", partial(firefox, browsers.FIREFOX_STANDARD)),
    _FIREFOX("strict", partial(firefox, browsers.FIREFOX_STRICT)),
    _FIREFOX("of other sites blocked", partial(firefox, browsers.FIREFOX_THIRD_PARTY_BLOCKED)),
    _FIREFOX("all blocked", partial(firefox, browsers.FIREFOX_ALL_BLOCKED)),
    _WEBKIT("tracking prevention", partial(webkitgtk, "--enable-itp")),
    _WEBKIT("all blocked", partial(webkitgtk, "--cookies-policy=never")),
)
