"""People of the campus in real browsers, with Reflect in a frame of the campus's page or in a window of its own."""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Self
from urllib.parse import parse_qs, urlencode, urlsplit, urlunsplit

from playwright.sync_api import BrowserContext, Error, Frame, FrameLocator, Locator, Page, expect

from reflect.web.language import SOURCE
from tests.browser.sayings import said
from tests.installation import Installation

TEACHER, ASSISTANT, MENTOR = "3", "5", "14"
STUDENTS = ("6", "7", "8", "9", "10", "11", "12", "13")

OLD = "body > .skip[data-old]"
"""The first thing of a page that was marked, so that it can be told from the next one; every page of ours has it."""
MARK_THE_OLD = """
(element) => {
  const isLink = element.matches("a[href]:not([href^='#'], [target], [data-file])");
  const isOfThisPage = element.matches("button:not([formtarget=_blank])") && element.form;
  const isWholeForm = isOfThisPage && !element.form.matches("[hx-post], [hx-get], [target]");
  const leads = isLink || isWholeForm || element.matches("body");
  if (leads) document.querySelector("body > .skip").dataset.old = "yes";
  return leads;
}
"""
"""What leads to another page marks the one that it is on, and says so."""


@dataclass(frozen=True)
class Visit:
    """One person at one page; `inside` is where Reflect shows: a frame of the page, or the page itself."""

    page: Page
    inside: FrameLocator | Page
    frame_name: str = ""

    @property
    def frame(self) -> Frame:
        """The frame that Reflect is in, for its address and its script."""
        found = self.page.frame(self.frame_name) if self.frame_name else self.page.main_frame
        assert found is not None
        return found

    def sees(self, selector: str) -> None:
        """Wait until one of these elements shows."""
        expect(self.find(selector).filter(visible=True).first).to_be_visible()

    def run(self, script: str) -> str:
        """What an expression of JavaScript is on Reflect's page."""
        return str(self.frame.evaluate(script))

    def find(self, selector: str) -> Locator:
        """An element of Reflect's."""
        self._come_forward()
        return self.inside.locator(selector)

    def says(self, words: str) -> str:
        """These words of the app in the language that the page is in."""
        return said(words, self.inside.locator("html").get_attribute("lang") or SOURCE)

    def click(self, words: str) -> None:
        """Press the button or follow the link with these words; wait for the page that it leads to, if it does."""
        self._come_forward()
        words = self.says(words)
        role = self.inside.get_by_role("button", name=words).or_(self.inside.get_by_role("link", name=words))
        self.follow(role.first)

    def follow(self, target: str | Locator) -> None:
        """Click, and wait for the page that it leads to: a click returns while the old page, much like it, is there."""
        found = self.find(target) if isinstance(target, str) else target
        leads = found.evaluate(MARK_THE_OLD)
        found.click()
        if leads:
            self._has_left()

    @contextmanager
    def leaving(self) -> Iterator[None]:
        """Wait, after what the block does without a click, for the page that it leads to."""
        self.find("body").evaluate(MARK_THE_OLD)
        yield
        self._has_left()

    def _come_forward(self) -> None:
        """Be the tab that is looked at: one behind another is drawn once a second, and each click waits for two of them."""
        if len(self.page.context.pages) > 1:
            self.page.bring_to_front()

    def _has_left(self) -> None:
        expect(self.find(OLD)).to_have_count(0)
        # Of a page that still comes in, a script would see the half. A dialog's frame may have gone with its page.
        frame = self.page.frame(self.frame_name) if self.frame_name else self.page.main_frame
        try:
            if frame is not None:
                frame.wait_for_load_state("domcontentloaded")
        except Error:
            if not frame.is_detached():
                raise

    def turn_to(self, path: str) -> None:
        """Go to an address of Reflect's as the same person; in a window of its own only."""
        here = urlsplit(self.page.url)
        tab = urlencode({"tab": parse_qs(here.query)["tab"][0]})
        self.page.goto(urlunsplit((here.scheme, here.netloc, path, tab, "")))

    def ask(self, question: str, anonymity: str = "named", form: str = "words_core") -> None:
        """Make a check-in in own words, from the course's page on."""
        self.click("New check-in")
        self.find('input[name="question_key"][value=""]').check()
        self.find("#question-own").fill(question)
        self.find(f'input[name="anonymity"][value="{anonymity}"]').check()
        self.find(f'input[name="answer_form"][value="{form}"]').check()
        self.click("Open the check-in")
        self.shows(question)

    def answer(self, question: str, choice: str) -> None:
        """Answer a check-in, from the course's page on."""
        self.click(question)
        self.shows(question)
        self.choose(choice)
        expect(self.find("main.thanks h1")).to_be_visible()

    def choose(self, choice: str) -> None:
        """Pick a feeling and send it."""
        self.find(f'.emotion:has([value="{choice}"])').click()
        self.click("Send")

    def close_checkin(self) -> None:
        """Close the check-in whose results these are: unfold what it means, then do it."""
        self.find(".results-close > summary").click()
        self.find(".results-close form button").click()
        expect(self.find(".checkin-state").first).to_have_text(self.says("Closed"))

    def reload(self) -> None:
        """Load Reflect's page anew, in its frame or window."""
        with self.leaving():
            self.frame.evaluate("location.reload()")

    def take(self, words: str) -> tuple[str, str]:
        """Download the file behind these words; its name and its text."""
        with self.page.expect_download() as download:
            self.click(words)
        return download.value.suggested_filename, Path(download.value.path()).read_text(encoding="utf-8-sig")

    def tab(self, words: str) -> "Visit":
        """Press the button with these words; the tab that it opens."""
        with self.page.context.expect_page() as opened:
            self.click(words)
        return Visit(opened.value, opened.value)

    def press_through(self) -> None:
        """Without script the campus's two forms need a press each; Reflect's page between them goes on by itself."""
        for leg in ("login", "launch"):
            self.find(f'form[action$="/lti/{leg}"] button').first.click()

    def shows(self, heading: str) -> None:
        """Wait until the page has this heading, and see that it is whole: one head, one main part, one foot."""
        expect(self.inside.get_by_role("heading", level=1)).to_have_text(self.says(heading))
        for part in ("header.masthead", "main#main", "footer.footer"):
            expect(self.find(part)).to_have_count(1)

    def sees_answers(self, count: int) -> None:
        """Wait until the open results page counts so many; it asks every two seconds."""
        expect(self.find(".results-number")).to_have_text(str(count), timeout=6_000)


@dataclass(frozen=True)
class Campus:
    """An installation as its people reach it: the campus's own pages at `address`, and Reflect at `base_url`."""

    address: str
    base_url: str

    @classmethod
    def of(cls, installation: Installation) -> Self:
        """The campus of an installation for tests."""
        return cls(installation.platform.base_url, installation.base_url)

    @property
    def hosts(self) -> frozenset[str]:
        """Everyone a browser may speak to: the campus and Reflect."""
        return frozenset(urlsplit(url).netloc for url in (self.address, self.base_url))

    def frame(self, context: BrowserContext, person: str, course: str = "2", activity: str = "1") -> Visit:
        """Open an activity as a person, in a frame of the campus's page."""
        page = context.new_page()
        page.goto(f"{self.address}/courses/{course}/activities/{activity}?as={person}")
        return Visit(page, page.frame_locator("iframe[name=activity]"), "activity")

    def window(self, context: BrowserContext, person: str, course: str = "2", activity: str = "2") -> Visit:
        """Open an activity as a person, in a window of its own."""
        course_page = context.new_page()
        course_page.goto(f"{self.address}/courses/{course}?as={person}")
        with context.expect_page() as opened:
            course_page.locator(f'a[target="_blank"][href*="/activities/{activity}/"]').click()
        course_page.close()
        return Visit(opened.value, opened.value)
