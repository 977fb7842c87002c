"""Debian's WebKitGTK, the engine of Safari, under a display without a screen and driven by its own WebDriver."""

import subprocess
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from glob import glob
from pathlib import Path

from tests.browser.visits import Campus
from tests.browser.webdriver import Session, session

DRIVER = "/usr/bin/WebKitWebDriver"
BROWSERS = "/usr/lib/*/webkit2gtk-4.*/MiniBrowser"


@dataclass(frozen=True)
class WebKitVisit:
    """One person at one page, as `tests.browser.visits.Visit`."""

    browser: Session
    window: str
    frame_name: str = ""

    def sees(self, selector: str) -> None:
        """Wait until one of these elements shows."""
        shown = f"return [...document.querySelectorAll(`{selector}`)].some((one) => one.checkVisibility())"
        self.browser.until(lambda: self._there().run(shown))

    def run(self, script: str) -> str:
        """What an expression of JavaScript is on Reflect's page."""
        return str(self._there().run(f"return {script}"))

    def click(self, words: str) -> None:
        """Press the button or follow the link with these words."""
        spoken = f'contains(normalize-space(), "{words}")'
        self._press(f"//button[{spoken}] | //a[{spoken}]")

    def shows(self, heading: str) -> None:
        """Wait until the page has this heading."""
        self._reads("h1", heading)

    def ask(self, question: str) -> None:
        """Make a named check-in in own words, from the course's page on."""
        self.click("New check-in")
        self._press("//input[@name='question_key'][@value='']")
        own = self.browser.until(lambda: self._there().find("//*[@id='question-own']"))
        self.browser.ask("POST", f"{own}/value", text=question)
        self._press("//input[@name='answer_form'][@value='words_core']")
        self.click("Open the check-in")
        self.shows(question)

    def answer(self, question: str, choice: str) -> None:
        """Answer a check-in, from the course's page on."""
        self.click(question)
        self.shows(question)
        self._press(f"//*[contains(@class, 'emotion')][.//input[@value='{choice}']]")
        self.click("Send")
        self.sees("main.thanks h1")

    def sees_answers(self, count: int) -> None:
        """Wait until the open results page counts so many."""
        self._reads(".results-number", str(count))

    def reload(self) -> None:
        """Load Reflect's page anew, in its frame or window."""
        self._there().run("document.body.dataset.old = 'yes'; location.reload()")
        self.browser.until(lambda: self._there().run("return document.body && !document.body.dataset.old"))

    def take(self, words: str) -> None:
        """Nothing: the small browser saves no file that comes in a frame, where Safari asks and saves it."""

    def tab(self, words: str) -> "WebKitVisit":
        """Press the button with these words; the tab that it opens."""
        before = set(self.browser.ask("GET", "/window/handles"))
        self.click(words)
        opened = self.browser.until(lambda: set(self.browser.ask("GET", "/window/handles")) - before)
        return WebKitVisit(self.browser, opened.pop())

    def _there(self) -> Session:
        """The browser, looking at Reflect's page: a frame's document comes and goes, so it is entered each time."""
        self.browser.ask("POST", "/window", handle=self.window)
        if self.frame_name:
            frame = self.browser.ask("POST", "/element", using="css selector", value=f"iframe[name={self.frame_name}]")
            self.browser.ask("POST", "/frame", id=frame)
        return self.browser

    def _reads(self, selector: str, words: str) -> None:
        read = f"return document.querySelector(`{selector}`)?.innerText.trim()"
        self.browser.until(lambda: self._there().run(read) == words)

    def _press(self, xpath: str) -> None:
        def press() -> bool:
            there = self._there()
            there.ask("POST", f"{there.find(xpath)}/click")
            return True

        self.browser.until(press)


@contextmanager
def webkit_with(folder: Path, *arguments: str) -> Iterator[Session]:
    """A browser started with these arguments, and with the folder as its person's home."""
    options = {"binary": glob(BROWSERS)[0], "args": ["--automation", *arguments]}
    with (
        _display() as display,
        session(
            DRIVER,
            {"webkitgtk:browserOptions": options},
            {"DISPLAY": display, "HOME": str(folder), "XDG_CONFIG_HOME": str(folder)},
        ) as browser,
    ):
        browser.ask("POST", "/window/rect", width=1280, height=900)
        yield browser


@contextmanager
def _display() -> Iterator[str]:
    # The server says which number it took as soon as it listens.
    command = ["Xvfb", "-displayfd", "1", "-screen", "0", "1280x1024x24", "-nolisten", "tcp"]
    with subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True) as server:
        assert server.stdout is not None
        try:
            yield f":{server.stdout.readline().strip()}"
        finally:
            server.terminate()


def frame(browser: Session, campus: Campus, person: str) -> WebKitVisit:
    """Open the first activity of the first course as a person, in a frame of the campus's page and a tab of its own."""
    window = browser.ask("POST", "/window/new", type="tab")["handle"]
    browser.ask("POST", "/window", handle=window)
    browser.ask("POST", "/url", url=f"{campus.address}/courses/2/activities/1?as={person}")
    return WebKitVisit(browser, window, "activity")
