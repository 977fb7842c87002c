"""Fixtures of the browser tests: one Chromium for each way of treating cookies, and a class to visit."""

import shutil
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Browser, BrowserContext, Playwright, expect, sync_playwright

from tests.browser.browsers import (
    ALL_COOKIES_BLOCKED,
    ARGUMENTS,
    EXECUTABLE,
    SCRIPT_BLOCKED,
    THIRD_PARTY_COOKIES_ALLOWED,
    THIRD_PARTY_COOKIES_BLOCKED,
    Watch,
    browser_with,
)
from tests.browser.visits import Campus
from tests.installation import installed

expect.set_options(timeout=10_000)
PATIENCE = 15_000
"""Milliseconds that a page may take; two busy cores are slow."""


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Everything here needs a browser."""
    for item in items:
        if Path(__file__).parent in item.path.parents:
            item.add_marker("browser")


@pytest.fixture(scope="package")
def playwright() -> Iterator[Playwright]:
    """Playwright, running only for these tests: its loop would be in the way of others."""
    with sync_playwright() as running:
        yield running


@pytest.fixture(scope="package")
def chromium(playwright: Playwright) -> Iterator[Browser]:
    """A browser for private windows, which keep no cookies of other sites."""
    browser = playwright.chromium.launch(executable_path=EXECUTABLE, args=ARGUMENTS)
    yield browser
    browser.close()


@pytest.fixture(scope="package")
def campus(sqlite_template: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Campus]:
    """An installation that these tests share: each asks questions of its own."""
    path = tmp_path_factory.mktemp("campus") / "reflect.db"
    shutil.copy(sqlite_template, path)
    with installed(f"sqlite:///{path}") as running:
        yield Campus.of(running)


@pytest.fixture
def watch(campus: Campus) -> Iterator[Watch]:
    """Looks over every browser of the test, and fails it if anything went wrong quietly."""
    watch = Watch(campus.hosts)
    yield watch
    assert watch.complaints == []


Contexts = Callable[..., BrowserContext]


@pytest.fixture
def private(chromium: Browser, watch: Watch) -> Iterator[Contexts]:
    """Makes a private window with Playwright's options, as of another person at another machine."""
    opened: list[BrowserContext] = []

    def make(**options: object) -> BrowserContext:
        opened.append(_watched(chromium.new_context(**options), watch))
        return opened[-1]

    yield make
    for one in opened:
        one.close()


@pytest.fixture
def third_party_allowed(playwright: Playwright, tmp_path: Path, watch: Watch) -> Iterator[BrowserContext]:
    """A browser that keeps cookies of other sites."""
    context = browser_with(playwright, tmp_path / "third-party-allowed", THIRD_PARTY_COOKIES_ALLOWED)
    yield _watched(context, watch)
    context.close()


@pytest.fixture
def third_party_blocked(playwright: Playwright, tmp_path: Path, watch: Watch) -> Iterator[BrowserContext]:
    """A browser that keeps no cookies of other sites."""
    context = browser_with(playwright, tmp_path / "third-party-blocked", THIRD_PARTY_COOKIES_BLOCKED)
    yield _watched(context, watch)
    context.close()


@pytest.fixture
def script_blocked(playwright: Playwright, tmp_path: Path, watch: Watch) -> Iterator[BrowserContext]:
    """A browser that runs no script; cookies of other sites allowed."""
    context = browser_with(playwright, tmp_path / "script-blocked", SCRIPT_BLOCKED)
    yield _watched(context, watch)
    context.close()


@pytest.fixture
def all_blocked(playwright: Playwright, tmp_path: Path, watch: Watch) -> Iterator[BrowserContext]:
    """A browser that keeps nothing for any site."""
    context = browser_with(playwright, tmp_path / "all-blocked", ALL_COOKIES_BLOCKED)
    yield _watched(context, watch)
    context.close()


def _watched(context: BrowserContext, watch: Watch) -> BrowserContext:
    context.set_default_timeout(PATIENCE)
    watch.over(context)
    return context
