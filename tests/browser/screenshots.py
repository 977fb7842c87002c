"""Pictures of every page at three widths, light and dark, in both directions: `make screenshots`.

With `--language ar` everybody speaks that language, and each page is taken once: on a phone in the light or on a desk in
the dark, by turns; `--into` names another folder.
"""

import argparse
import shutil
from collections.abc import Iterator
from itertools import cycle, product
from pathlib import Path

from playwright.sync_api import Page, sync_playwright

from tests.browser.album import pages
from tests.browser.blind import draw
from tests.browser.browsers import ARGUMENTS, EXECUTABLE
from tests.browser.demonstration import ROOT, demonstration
from tests.browser.sheets import MANNERS, hang
from tests.browser.sheets import SIZES as CHARACTER_SIZES
from tests.browser.visits import STUDENTS, TEACHER, Campus

FOLDER = ROOT / "screenshots" / "out"
SIZES = ((360, 740), (768, 1024), (1280, 800))
SCHEMES = ("light", "dark")
DIRECTIONS = ("ltr", "rtl")
BY_TURNS = ((360, 740, "light"), (1280, 800, "dark"))


def main() -> None:
    """Write the pictures anew."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--language", help="the language that everybody speaks, such as ar")
    parser.add_argument("--into", type=Path, help="the folder that pictures in a language go to")
    wanted = parser.parse_args()
    if wanted.language:
        speak(wanted.language, wanted.into or FOLDER / wanted.language)
    else:
        take_all()


def speak(tag: str, folder: Path) -> None:
    """Every page once, in one language."""
    shutil.rmtree(folder, ignore_errors=True)
    with demonstration(tag) as campus, sync_playwright() as playwright:
        # Pages that know nobody go by what the browser asks for.
        browser = playwright.chromium.launch(executable_path=EXECUTABLE, args=[*ARGUMENTS, f"--accept-lang={tag}"])
        for number, ((name, visit), (width, height, scheme)) in enumerate(
            zip(pages(campus, browser, tag), cycle(BY_TURNS))
        ):
            page, before = visit.page, visit.page.viewport_size
            page.set_viewport_size({"width": width, "height": height})
            page.emulate_media(color_scheme=scheme, reduced_motion="reduce")
            page.screenshot(path=folder / f"{number:03}-{name}.png", full_page=True, animations="disabled")
            if before:
                page.set_viewport_size(before)
        browser.close()


def take_all() -> None:
    """Every page in every size, scheme and direction."""
    shutil.rmtree(FOLDER, ignore_errors=True)
    with demonstration() as campus, sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=EXECUTABLE, args=ARGUMENTS)
        for name, visit in pages(campus, browser):
            take(visit.page, name, directions=DIRECTIONS)
        for name, page in campus_pages(campus, browser.new_page()):
            take(page, name, directions=("ltr",))
        take_sheets(browser.new_page())
        browser.close()


def take_sheets(page: Page) -> None:
    """All characters at once, in every manner, size and scheme, without words; and once shuffled, for a blind look."""
    for manner, size, scheme in product(MANNERS, CHARACTER_SIZES, SCHEMES):
        page.emulate_media(color_scheme=scheme, reduced_motion="reduce")
        hang(page, manner, size)
        page.screenshot(path=FOLDER / "characters" / f"{manner}-{size}-{scheme}.png")
    draw(page, FOLDER / "characters" / "blind")


def campus_pages(campus: Campus, page: Page) -> Iterator[tuple[str, Page]]:
    """The campus's own pages, two of them with Reflect in a frame."""
    for name, path in (
        ("campus-people", "/"),
        ("campus-course", f"/courses/2?as={TEACHER}"),
        ("campus-frame-of-a-teacher", f"/courses/2/activities/1?as={TEACHER}"),
        ("campus-frame-of-a-student", f"/courses/2/activities/1?as={STUDENTS[1]}"),
        ("campus-side-by-side", "/courses/2/activities/1/side-by-side"),
    ):
        page.goto(campus.address + path)
        if "activities" in path:
            page.frame_locator("iframe").last.locator("footer.footer").wait_for()
        yield name, page


def take(page: Page, name: str, directions: tuple[str, ...]) -> None:
    """Take one page's pictures in every size, scheme and direction."""
    for (width, height), scheme, direction in product(SIZES, SCHEMES, directions):
        page.set_viewport_size({"width": width, "height": height})
        page.emulate_media(color_scheme=scheme, reduced_motion="reduce")
        page.locator("html").evaluate("(html, dir) => { html.dir = dir; }", direction)
        path = FOLDER / f"{width}-{scheme}-{direction}" / f"{name}.png"
        page.screenshot(path=path, full_page=True, animations="disabled")


if __name__ == "__main__":
    main()
