"""Characters as they are seen: apart from each other without colour, inside their box, still for who wants it still."""

import base64
from collections.abc import Iterator
from itertools import combinations

import pytest
from playwright.sync_api import Browser, Page

from reflect.domain.emotions import EMOTIONS
from tests.browser.sheets import MANNERS, hang

SMALL = 40
ALIKE = 0.88
"""Two silhouettes at 40 px that share more of what they cover than this would be confused."""
SPILL = 5
"""Units of 80 that a drawing may reach out of its box; the pages leave more than that between two."""
MASKS = """
async ([png, boxes]) => {
  const image = new Image();
  image.src = "data:image/png;base64," + png;
  await image.decode();
  const canvas = Object.assign(document.createElement("canvas"), { width: image.width, height: image.height });
  const context = canvas.getContext("2d");
  context.drawImage(image, 0, 0);
  const paper = context.getImageData(0, 0, 1, 1).data;
  return boxes.map(({ x, y, width, height }) => {
    const { data } = context.getImageData(x, y, width, height);
    const inked = (i) => [0, 1, 2].some((band) => Math.abs(data[i + band] - paper[band]) > 40);
    return [...Array(width * height).keys()].filter((pixel) => inked(pixel * 4));
  });
}
"""
BOXES = """(links) => links.map((link) => {
  const { x, y, width, height } = link.querySelector("svg").getBoundingClientRect();
  return { x, y, width, height };
})"""
REACH = """(links) => links.map((link) => {
  const svg = link.querySelector("svg"), box = svg.getBoundingClientRect(), scale = 80 / box.width;
  const parts = [...svg.querySelectorAll("path")].map((path) => path.getBoundingClientRect());
  return scale * Math.max(...parts.flatMap((part) =>
    [box.left - part.left, box.top - part.top, part.right - box.right, part.bottom - box.bottom]));
})"""
PAINTS = """(paths) => [...new Set(paths.flatMap((path) => {
  const { fill, stroke } = getComputedStyle(path);
  return [fill, stroke];
}))].filter((paint) => paint !== "none")"""
MOVES = "() => document.getAnimations().map((it) => it.effect.getComputedTiming().endTime)"


@pytest.fixture
def page(chromium: Browser) -> Iterator[Page]:
    context = chromium.new_context()
    yield context.new_page()
    context.close()


def silhouettes(page: Page, manner: str) -> dict[str, set[int]]:
    """Which pixels each feeling covers."""
    hang(page, manner, SMALL)
    boxes = page.locator("a").evaluate_all(BOXES)
    png = base64.b64encode(page.screenshot(animations="disabled")).decode()
    return dict(zip(EMOTIONS, map(set, page.evaluate(MASKS, [png, boxes])), strict=True))


@pytest.mark.parametrize("manner", MANNERS)
def test_no_two_characters_cover_the_same_ground_at_40_pixels(page: Page, manner: str) -> None:
    seen = silhouettes(page, manner)
    assert all(len(pixels) > 200 for pixels in seen.values())
    alike = [
        (one, other, share)
        for one, other in combinations(seen, 2)
        if (share := len(seen[one] & seen[other]) / len(seen[one] | seen[other])) > ALIKE
    ]
    assert alike == []


@pytest.mark.parametrize("manner", MANNERS)
def test_every_drawing_stays_in_its_box(page: Page, manner: str) -> None:
    hang(page, manner, 200)
    reach = dict(zip(EMOTIONS, page.locator("a").evaluate_all(REACH), strict=True))
    assert {key: far for key, far in reach.items() if far > SPILL} == {}


@pytest.mark.parametrize("key", ["happy", "calm", "angry", "sad"])
def test_a_character_moves_when_it_is_pointed_at_and_is_still_again_soon(page: Page, key: str) -> None:
    hang(page, "character", 96, (key,))
    assert page.evaluate(MOVES) == []
    page.locator("a").hover()
    ends = page.evaluate(MOVES)
    assert ends and max(ends) <= 2000


@pytest.mark.parametrize("key", ["valuable", "calm", "frustrated", "hopeless"])
def test_what_is_held_moves_with_who_holds_it(page: Page, key: str) -> None:
    hang(page, "character", 96, (key,))
    page.locator("a").hover()
    body, held = page.locator(".face-body, .face-near").evaluate_all(
        "(parts) => parts.map((part) => [getComputedStyle(part).animation, getComputedStyle(part).transformOrigin])"
    )
    assert body == held and len(page.evaluate(MOVES)) == 2


def test_a_character_moves_when_it_is_reached_by_keyboard(page: Page) -> None:
    hang(page, "character", 96, ("happy",))
    page.keyboard.press("Tab")
    assert page.evaluate(MOVES)


def test_nothing_moves_for_who_asked_for_less_motion(page: Page) -> None:
    page.emulate_media(reduced_motion="reduce")
    hang(page, "character", 96, ("happy",))
    page.locator("a").hover()
    page.keyboard.press("Tab")
    assert page.evaluate(MOVES) == []


@pytest.mark.parametrize("manner", MANNERS)
def test_forced_colours_leave_lines_and_paper_only(page: Page, manner: str) -> None:
    page.emulate_media(forced_colors="active")
    hang(page, manner, 96)
    assert len(page.locator("path").evaluate_all(PAINTS)) == 2
