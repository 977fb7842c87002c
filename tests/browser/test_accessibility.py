"""Every page for everyone: axe finds nothing, in every theme and direction, at every size, by finger and by keyboard."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from importlib.resources import files
from itertools import product

import pytest
from playwright.sync_api import Browser, BrowserContext, Page, expect

from tests.browser.album import pages
from tests.browser.demonstration import demonstration
from tests.browser.visits import STUDENTS, TEACHER, Campus

Contexts = Callable[..., BrowserContext]

AXE = (files("axe_playwright_python") / "axe.min.js").read_text()
RUN = """
async () => {
  const { violations } = await axe.run(document, { resultTypes: ["violations"] });
  return violations.flatMap((rule) => rule.nodes.map((node) => `${rule.id}: ${node.target} ${node.failureSummary}`));
}
"""

FINGER = 44
"""CSS pixels that a target should have; WCAG 2.2 (2.5.8) asks for 24."""
TARGETS = """
() => [...document.querySelectorAll("a[href], button, summary, label:has(input), select, input:not(label input)")]
  .filter((element) => element.checkVisibility() && !element.closest("p, li, .visually-hidden, .skip, noscript"))
  .map((element) => ({ element, box: element.getBoundingClientRect() }))
  .filter(({ box }) => Math.min(box.width, box.height) < %d)
  .map(({ element, box }) => `${element.outerHTML.slice(0, 90)} ${box.width.toFixed()}x${box.height.toFixed()}`)
"""
OVERFLOW = "() => document.documentElement.scrollWidth - document.documentElement.clientWidth"
SPACED = """
() => {
  const spacing = new CSSStyleSheet();
  spacing.replaceSync(`* { line-height: 1.5 !important; letter-spacing: 0.12em !important; word-spacing: 0.16em !important; }
    p { margin-block-end: 2em !important; }`);
  document.adoptedStyleSheets = [spacing];
  const clipped = [...document.querySelectorAll("main *, footer *")]
    .filter((element) => element.checkVisibility() && !element.closest("svg, .visually-hidden, .emotion-hint, .quadrant-title"))
    .filter((element) => element.clientWidth > 1) // what is for ears only has one pixel
    .filter((element) => getComputedStyle(element).overflowX !== "visible" && !element.matches("input, textarea, select"))
    .filter((element) => element.scrollWidth > element.clientWidth + 1 || element.scrollHeight > element.clientHeight + 1)
    .map((element) => `clipped: ${element.outerHTML.slice(0, 90)}`);
  const over = document.documentElement.scrollWidth - document.documentElement.clientWidth;
  document.adoptedStyleSheets = [];
  return over > 0 ? [...clipped, `${over} px too wide`] : clipped;
}
"""
"""What is cut off or too wide when somebody spreads letters, words, lines and paragraphs (WCAG 1.4.12)."""


@dataclass
class Findings:
    """What is wrong, each beginning with the page it is on; `seen` are the pages."""

    seen: list[str] = field(default_factory=list)
    axe: list[str] = field(default_factory=list)
    targets: list[str] = field(default_factory=list)
    overflow: list[str] = field(default_factory=list)
    spaced: list[str] = field(default_factory=list)


@pytest.fixture(scope="module")
def findings(chromium: Browser) -> Iterator[Findings]:
    """One walk through every page, looked at in every way."""
    found = Findings()
    with demonstration() as campus:
        for name, visit in pages(campus, chromium):
            found.seen.append(name)
            _look(found, name, visit.page)
    yield found


def _look(found: Findings, name: str, page: Page) -> None:
    before = page.viewport_size
    page.set_viewport_size({"width": 360, "height": 740})
    found.targets += [f"{name}: {target}" for target in page.evaluate(TARGETS % FINGER)]
    found.spaced += [f"{name}: {loss}" for loss in page.evaluate(SPACED)]
    for width, direction in product((320, 360, 640), ("ltr", "rtl")):
        page.set_viewport_size({"width": width, "height": 740})
        _turn(page, direction)
        if (over := page.evaluate(OVERFLOW)) > 0:
            found.overflow.append(f"{name} at {width} {direction}: {over} px too wide")
    if before:
        page.set_viewport_size(before)
    page.evaluate(AXE)
    for scheme, direction in (("light", "ltr"), ("dark", "rtl")):
        page.emulate_media(color_scheme=scheme, reduced_motion="reduce")
        _turn(page, direction)
        found.axe += [f"{name} {scheme} {direction}: {violation}" for violation in page.evaluate(RUN)]
    _turn(page, "ltr")


def _turn(page: Page, direction: str) -> None:
    page.locator("html").evaluate("(html, dir) => { html.dir = dir; }", direction)


def test_the_walk_met_every_page(findings: Findings) -> None:
    assert len(findings.seen) == len(set(findings.seen)) >= 90


def test_axe_finds_nothing_on_any_page(findings: Findings) -> None:
    assert findings.axe == []


def test_every_target_is_large_enough_for_a_finger(findings: Findings) -> None:
    assert findings.targets == []


def test_no_page_scrolls_sideways_on_a_phone_or_at_double_size(findings: Findings) -> None:
    assert findings.overflow == []


def test_no_page_loses_anything_when_text_is_spread(findings: Findings) -> None:
    assert findings.spaced == []


def test_a_student_answers_by_keyboard_alone(campus: Campus, private: Contexts) -> None:
    campus.frame(private(), TEACHER).ask("How were the keys?")
    student = campus.frame(private(), STUDENTS[5])
    student.shows("Check-ins")

    def tab_to(selector: str) -> None:
        for _ in range(60):
            student.page.keyboard.press("Tab")
            if student.frame.evaluate("(selector) => document.activeElement.matches(selector)", selector):
                return
        raise AssertionError(f"Tab never came to {selector}")

    tab_to(".checkin-link, .only-link")
    student.page.keyboard.press("Enter")
    student.shows("How were the keys?")
    tab_to('input[name="choice"]')
    student.page.keyboard.press("ArrowRight")
    expect(student.find('input[name="choice"]:checked')).to_have_count(1)
    tab_to(".picker-send button")
    student.page.keyboard.press("Enter")
    expect(student.find("main.thanks")).to_be_focused()
