"""How a page is looked at for everyone: by axe, by finger, on narrow screens in both directions, with spread text."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from importlib.resources import files
from itertools import chain

from playwright.sync_api import Browser, Page

from tests.browser.demonstration import demonstration
from tests.browser.visits import Campus, Visit

AXE = (files("axe_playwright_python") / "axe.min.js").read_text()
RUN = """
async (rules) => {
  const runOnly = rules && { type: "rule", values: rules };
  const { violations } = await axe.run(document, { resultTypes: ["violations"], ...(runOnly && { runOnly }) });
  return violations.flatMap((rule) => rule.nodes.map((node) => `${rule.id}: ${node.target} ${node.failureSummary}`));
}
"""
OF_THEME_AND_DIRECTION = ["color-contrast", "link-in-text-block", "scrollable-region-focusable"]
"""The rules whose answer may be another in the dark or from right to left; names, roles and order are the same."""

FINGER = 44
"""CSS pixels that a target should have; WCAG 2.2 (2.5.8) asks for 24."""
TARGETS = """
() => [...document.querySelectorAll("a[href], button, summary, label:has(input), select, input:not(label input)")]
  .filter((element) => element.checkVisibility() && !element.closest("p, li, .visually-hidden, .skip, noscript"))
  .map((element) => ({ element, box: element.getBoundingClientRect() }))
  .filter(({ box }) => Math.min(box.width, box.height) < %d)
  .map(({ element, box }) => `${element.outerHTML.slice(0, 90)} ${box.width.toFixed()}x${box.height.toFixed()}`)
"""
WIDTHS = (320, 360, 640)
OVERFLOW = """
() => {
  const page = document.documentElement, before = page.dir;
  const found = ["ltr", "rtl"].flatMap((direction) => {
    page.dir = direction;
    const over = page.scrollWidth - page.clientWidth;
    return over > 0 ? [`${over} px too wide ${direction}`] : [];
  });
  page.dir = before;
  return found;
}
"""
SPACED = """
() => {
  const spacing = new CSSStyleSheet();
  spacing.replaceSync(`* { line-height: 1.5 !important; letter-spacing: 0.12em !important; word-spacing: 0.16em !important; }
    p { margin-block-end: 2em !important; }`);
  document.adoptedStyleSheets = [spacing];
  const clipped = [...document.querySelectorAll("main *, footer *")]
    .filter((element) => element.checkVisibility() && !element.closest("svg, .visually-hidden, .emotion-hint, .quadrant-title"))
    .filter((element) => element.clientWidth > 1) // what is for ears only has one pixel
    .filter((element) => getComputedStyle(element).overflowX !== "visible" && !element.matches("input, textarea, select, [role=region][tabindex='0']"))
    .filter((element) => element.scrollWidth > element.clientWidth + 1 || element.scrollHeight > element.clientHeight + 1)
    .map((element) => `clipped: ${element.outerHTML.slice(0, 90)}`);
  const over = document.documentElement.scrollWidth - document.documentElement.clientWidth;
  document.adoptedStyleSheets = [];
  return over > 0 ? [...clipped, `${over} px too wide`] : clipped;
}
"""
"""What is cut off or too wide when somebody spreads letters, words, lines and paragraphs (WCAG 1.4.12)."""


def axe_finds(page: Page) -> list[str]:
    """What axe finds: everything in the light from left to right, and in the dark from right to left what may differ."""
    page.evaluate(AXE)
    found = []
    for scheme, direction, rules in (("light", "ltr", None), ("dark", "rtl", OF_THEME_AND_DIRECTION)):
        page.emulate_media(color_scheme=scheme, reduced_motion="reduce")
        page.evaluate("(direction) => { document.documentElement.dir = direction; }", direction)
        found += [f"{scheme} {direction}: {violation}" for violation in page.evaluate(RUN, rules)]
    page.evaluate("() => { document.documentElement.dir = 'ltr'; }")
    return found


def small_targets(page: Page) -> list[str]:
    """What is too small for a finger."""
    return list(page.evaluate(TARGETS % FINGER))


def too_wide(page: Page) -> list[str]:
    """Where the page scrolls sideways, on phones and at double size; it is left at the last width."""
    found = []
    for width in WIDTHS:
        page.set_viewport_size({"width": width, "height": 740})
        found += [f"{over} at {width}" for over in page.evaluate(OVERFLOW)]
    return found


def lost_when_spread(page: Page) -> list[str]:
    """What is lost when text is spread."""
    return list(page.evaluate(SPACED))


@dataclass
class Findings:
    """What is wrong, each beginning with the page it is on; `seen` are the pages."""

    seen: list[str] = field(default_factory=list)
    axe: list[str] = field(default_factory=list)
    targets: list[str] = field(default_factory=list)
    overflow: list[str] = field(default_factory=list)
    spaced: list[str] = field(default_factory=list)


def walk(browser: Browser, *parts: Callable[[Campus, Browser], Iterator[tuple[str, Visit]]]) -> Findings:
    """Go through parts of the album in a demonstration of their own, and look at each page in every way."""
    found = Findings()
    with demonstration() as campus:
        for name, visit in chain.from_iterable(pages(campus, browser) for pages in parts):
            found.seen.append(name)
            _look(found, name, visit.page)
    return found


def _look(found: Findings, name: str, page: Page) -> None:
    before = page.viewport_size
    page.set_viewport_size({"width": 360, "height": 740})
    for findings, look in (
        (found.targets, small_targets),
        (found.spaced, lost_when_spread),
        (found.overflow, too_wide),
    ):
        findings += [f"{name}: {fault}" for fault in look(page)]
    if before:
        page.set_viewport_size(before)
    found.axe += [f"{name} {fault}" for fault in axe_finds(page)]
