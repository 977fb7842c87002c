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
    cookies: str
    executable: str
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
def webkitgtk(*arguments: str, bench: Bench) -> Iterator[Sit]:
    """WebKitGTK's own small browser."""
    with webkit.webkit_with(bench.folder, *arguments) as driver:
        yield lambda person: webkit.frame(driver, bench.campus, person)


ROWS = (
    Row(
        "Chromium",
        "of other sites allowed",
        browsers.EXECUTABLE,
        partial(chromium, browsers.THIRD_PARTY_COOKIES_ALLOWED),
    ),
    Row(
        "Chromium",
        "of other sites blocked",
        browsers.EXECUTABLE,
        partial(chromium, browsers.THIRD_PARTY_COOKIES_BLOCKED),
    ),
    Row("Chromium", "incognito", browsers.EXECUTABLE, incognito),
    Row("Chromium", "all blocked", browsers.EXECUTABLE, partial(chromium, browsers.ALL_COOKIES_BLOCKED)),
    Row("Firefox ESR", "standard", browsers.FIREFOX, partial(firefox, browsers.FIREFOX_STANDARD)),
    Row("Firefox ESR", "strict", browsers.FIREFOX, partial(firefox, browsers.FIREFOX_STRICT)),
    Row(
        "Firefox ESR",
        "of other sites blocked",
        browsers.FIREFOX,
        partial(firefox, browsers.FIREFOX_THIRD_PARTY_BLOCKED),
    ),
    Row("Firefox ESR", "all blocked", browsers.FIREFOX, partial(firefox, browsers.FIREFOX_ALL_BLOCKED)),
    Row(
        "WebKitGTK",
        "of other sites blocked",
        webkit.DRIVER,
        lambda bench: webkitgtk("--cookies-policy=no-third-party", bench=bench),
    ),
    Row("WebKitGTK", "tracking prevention", webkit.DRIVER, lambda bench: webkitgtk("--enable-itp", bench=bench)),
    Row("WebKitGTK", "all blocked", webkit.DRIVER, lambda bench: webkitgtk("--cookies-policy=never", bench=bench)),
)
