"""Debian's WebKitGTK, the engine of Safari, under a display without a screen and driven by its own WebDriver."""

import os
import subprocess
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from glob import glob
from pathlib import Path
from typing import TypeVar

from selenium.common.exceptions import NoSuchElementException, StaleElementReferenceException
from selenium.webdriver import WebKitGTK
from selenium.webdriver.common.by import By
from selenium.webdriver.remote.webelement import WebElement
from selenium.webdriver.support.wait import WebDriverWait
from selenium.webdriver.webkitgtk.options import Options
from selenium.webdriver.webkitgtk.service import Service

from tests.browser.visits import Campus

Found = TypeVar("Found")

DRIVER = "/usr/bin/WebKitWebDriver"
BROWSERS = "/usr/lib/*/webkit2gtk-4.*/MiniBrowser"
PATIENCE = 15
"""Seconds that a page may take; two busy cores are slow."""
PASSING = (NoSuchElementException, StaleElementReferenceException)
"""What is so between two pages."""


@dataclass(frozen=True)
class WebKitVisit:
    """One person at one page, as `tests.browser.visits.Visit`."""

    driver: WebKitGTK
    window: str
    downloads: Path
    frame_name: str = ""

    def sees(self, selector: str) -> None:
        """Wait until one of these elements shows."""
        self._until(lambda there: any(one.is_displayed() for one in there.find_elements(By.CSS_SELECTOR, selector)))

    def run(self, script: str) -> str:
        """What an expression of JavaScript is on Reflect's page."""
        return str(self._there().execute_script(f"return {script}"))

    def click(self, words: str) -> None:
        """Press the button or follow the link with these words."""
        spoken = f'contains(normalize-space(), "{words}")'
        self._press(By.XPATH, f"//button[{spoken}] | //a[{spoken}]")

    def shows(self, heading: str) -> None:
        """Wait until the page has this heading."""
        self._until(lambda there: there.find_element(By.CSS_SELECTOR, "h1").text == heading)

    def ask(self, question: str) -> None:
        """Make a named check-in in own words, from the course's page on."""
        self.click("New check-in")
        self._press(By.CSS_SELECTOR, 'input[name="question_key"][value=""]')
        self._one(By.CSS_SELECTOR, "#question-own").send_keys(question)
        self._press(By.CSS_SELECTOR, 'input[name="answer_form"][value="words_core"]')
        self.click("Open the check-in")
        self.shows(question)

    def answer(self, question: str, choice: str) -> None:
        """Answer a check-in, from the course's page on."""
        self.click(question)
        self.shows(question)
        self._press(By.CSS_SELECTOR, f'.emotion:has([value="{choice}"])')
        self.click("Send")
        self.sees("main.thanks h1")

    def sees_answers(self, count: int) -> None:
        """Wait until the open results page counts so many."""
        self._until(lambda there: there.find_element(By.CSS_SELECTOR, ".results-number").text == str(count))

    def reload(self) -> None:
        """Load Reflect's page anew, in its frame or window."""
        self._there().execute_script("location.reload()")

    def take(self, words: str) -> tuple[str, str]:
        """Download the file behind these words; its name and its text."""
        before = set(self.downloads.iterdir())
        self.click(words)
        path = self._until(lambda _: next((one for one in self.downloads.iterdir() if one not in before), None))
        self._until(lambda _: path.stat().st_size)
        return path.name, path.read_text(encoding="utf-8-sig")

    def tab(self, words: str) -> "WebKitVisit":
        """Press the button with these words; the tab that it opens."""
        before = set(self.driver.window_handles)
        self.click(words)
        opened = self._until(lambda _: set(self.driver.window_handles) - before)
        return WebKitVisit(self.driver, opened.pop(), self.downloads)

    def _there(self) -> WebKitGTK:
        """The driver, looking at Reflect's page: a frame's document comes and goes, so it is entered each time."""
        self.driver.switch_to.window(self.window)
        if self.frame_name:
            self.driver.switch_to.frame(self.frame_name)
        return self.driver

    def _until(self, found: Callable[[WebKitGTK], Found]) -> Found:
        wait = WebDriverWait(self.driver, PATIENCE, poll_frequency=0.1, ignored_exceptions=PASSING)
        return wait.until(lambda _: found(self._there()))

    def _one(self, by: str, what: str) -> WebElement:
        return self._until(lambda there: (one := there.find_element(by, what)).is_displayed() and one)

    def _press(self, by: str, what: str) -> None:
        self._until(lambda there: there.find_element(by, what).click() or True)


@contextmanager
def webkit_with(folder: Path, *arguments: str) -> Iterator[WebKitGTK]:
    """A browser started with these arguments; it keeps its downloads in the folder."""
    options = Options()
    options.binary_location = glob(BROWSERS)[0]
    for argument in ("--automation", *arguments):
        options.add_argument(argument)
    with _display() as display:
        surroundings = {**os.environ, "DISPLAY": display, "HOME": str(folder), "XDG_CONFIG_HOME": str(folder)}
        driver = WebKitGTK(options=options, service=Service(DRIVER, env=surroundings))
        try:
            driver.set_window_size(1280, 900)
            yield driver
        finally:
            driver.quit()


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


def frame(driver: WebKitGTK, campus: Campus, person: str, downloads: Path) -> WebKitVisit:
    """Open the first activity of the first course as a person, in a frame of the campus's page and a tab of its own."""
    driver.switch_to.new_window("tab")
    driver.get(f"{campus.address}/courses/2/activities/1?as={person}")
    return WebKitVisit(driver, driver.current_window_handle, downloads, "activity")
