"""The pictures of the documentation: pages of the album and of the portal as people meet them, in `docs/images`."""

import re
import tempfile
from base64 import b64decode
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from playwright.sync_api import Browser, Page, expect, sync_playwright

from tests.browser.album import pages
from tests.browser.browsers import ARGUMENTS, EXECUTABLE
from tests.browser.demonstration import ROOT, demonstration
from tests.browser.sheets import hang
from tests.browser.visits import Campus, Visit

FOLDER = ROOT / "docs" / "images"
LARGEST = 120_000
"""Bytes of a picture: a page of the documentation is read over a school's line too."""


@dataclass(frozen=True)
class Frame:
    """What of a page is shown: CSS pixels, and how many pixels of the picture each becomes."""

    width: int
    height: int
    scale: float


PHONE, CAMPUS = Frame(360, 740, 2), Frame(1360, 900, 1.25)
DESK, SLIP, SHEET = Frame(1120, 800, 1.25), Frame(1120, 440, 1.25), Frame(1120, 1060, 1.25)
OF_ALBUM = {
    "course-of-a-teacher": ("home", DESK),
    "checkin-new": ("checkin-new", DESK),
    "answer-of-16": ("answer", PHONE),
    "thanks": ("thanks", PHONE),
    "results-of-an-anonymous-one": ("results", DESK),
    "insights": ("insights", DESK),
    "student": ("student", SHEET),
    "prompts": ("prompts", SHEET),
    "presentation-revealed": ("presentation", DESK),
}
"""Pages of the album: the picture's name, and how it is framed."""

QUESTION, EARLIER = "How are you feeling this morning?", "How do you feel about the class trip?"


def main() -> None:
    """Write the pictures anew."""
    FOLDER.mkdir(exist_ok=True)
    with tempfile.TemporaryDirectory() as folder, sync_playwright() as playwright:
        welcome = Path(folder) / "welcome.txt"
        browser = playwright.chromium.launch(executable_path=EXECUTABLE, args=ARGUMENTS)
        with demonstration() as campus:
            for name, frame, page in first_scenes(campus, browser.new_page()):
                take(page, name, frame)
        with demonstration(welcome=welcome) as campus:
            for name, frame, page in scenes(campus, browser, welcome):
                take(page, name, frame)
        browser.close()


Scenes = Iterator[tuple[str, Frame, Page]]


def first_scenes(campus: Campus, page: Page) -> Scenes:
    """All characters; and a teacher who looks at results while a student answers, in a school that is changed by it."""
    hang(page, "character", 96)
    size = page.viewport_size
    assert size
    yield "characters", Frame(size["width"], size["height"], 0.9), page
    page.set_viewport_size({"width": CAMPUS.width, "height": CAMPUS.height})
    teacher, student = _sides(campus, page)
    teacher.ask(QUESTION)
    teacher, student = _sides(campus, page)
    teacher.click(EARLIER)
    teacher.shows(EARLIER)
    student.find('.emotion:has([value="curious"])').click()
    yield "side-by-side", CAMPUS, page


def _sides(campus: Campus, page: Page) -> tuple[Visit, Visit]:
    page.goto(f"{campus.address}/courses/2/activities/1/side-by-side")
    frames = page.frame_locator("iframe")
    return Visit(page, frames.first), Visit(page, frames.last)


def scenes(campus: Campus, browser: Browser, welcome: Path) -> Scenes:
    """Each picture's name and frame, with the page before the camera."""
    yield from portal(browser.new_page(), welcome.read_text())
    missing = dict(OF_ALBUM)
    for name, visit in pages(campus, browser):
        if name in missing:
            picture, frame = missing.pop(name)
            yield picture, frame, visit.page
        if not missing:
            return


def portal(page: Page, welcome: str) -> Scenes:
    """What an administrator sees."""
    found = re.search(r"http\S+/admin/\S+", welcome)
    assert found, "the demo says where its portal is"
    page.goto(found[0])
    page.get_by_role("button", name="Sign in").click()
    expect(page.get_by_role("heading", level=1)).to_have_text("Registrations")
    yield "portal", SLIP, page
    page.get_by_role("link", name="Insights").first.click()
    expect(page.get_by_role("heading", level=1)).to_have_text("Insights")
    yield "leaders", DESK, page


def take(page: Page, name: str, frame: Frame) -> None:
    """Write one picture, as WebP, which Playwright's own cameras do not know."""
    page.set_viewport_size({"width": frame.width, "height": frame.height})
    page.emulate_media(color_scheme="light", reduced_motion="reduce")
    page.locator("html").evaluate("() => { document.activeElement?.blur(); scrollTo(0, 0); }")
    clip = {"x": 0, "y": 0, "width": frame.width, "height": frame.height, "scale": frame.scale}
    camera = page.context.new_cdp_session(page)
    taken = camera.send("Page.captureScreenshot", {"format": "webp", "quality": 80, "clip": clip})
    camera.detach()
    picture = b64decode(taken["data"])
    assert len(picture) <= LARGEST, f"{name} has {len(picture)} bytes"
    (FOLDER / f"{name}.webp").write_bytes(picture)


if __name__ == "__main__":
    main()
