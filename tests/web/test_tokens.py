"""The tokens of the style sheets by arithmetic: what must be told apart by eye, and what moves by itself."""

import math
import re

import pytest

from reflect.files import STATIC

SHEET = (STATIC / "css" / "tokens.css").read_text()
LIGHT = SHEET[: SHEET.index("@media screen and (prefers-color-scheme: dark)")]
DARK = SHEET[SHEET.index("@media screen and (prefers-color-scheme: dark)") : SHEET.index("@supports not")]
MOVING = re.compile(r"animation:\s*([\w-]+) ([\d.]+)s [\w-]+(?:\([^)]*\))?(?: (\w+))?")


def tokens(*blocks: str) -> dict[str, str]:
    return {name: value.strip() for block in blocks for name, value in re.findall(r"--([\w-]+):\s*([^;]+);", block)}


def luminance(name: str, known: dict[str, str]) -> float:
    """The relative luminance (WCAG 2.2) of a token given in oklch, by Ottosson's matrices."""
    value = known[name]
    if value.startswith("var("):
        return luminance(value[6:-1], known)
    lightness, chroma, hue = (float(part) for part in re.findall(r"[\d.]+", value)[:3])
    a, b = chroma * math.cos(math.radians(hue)), chroma * math.sin(math.radians(hue))
    long = (lightness + 0.3963377774 * a + 0.2158037573 * b) ** 3
    middle = (lightness - 0.1055613458 * a - 0.0638541728 * b) ** 3
    short = (lightness - 0.0894841775 * a - 1.2914855480 * b) ** 3
    red = 4.0767416621 * long - 3.3077115913 * middle + 0.2309699292 * short
    green = -1.2684380046 * long + 2.6097574011 * middle - 0.3413193965 * short
    blue = -0.0041960863 * long - 0.7034186147 * middle + 1.7076147010 * short
    red, green, blue = (min(1.0, max(0.0, part)) for part in (red, green, blue))
    return 0.2126 * red + 0.7152 * green + 0.0722 * blue


def contrast(one: str, other: str, known: dict[str, str]) -> float:
    darker, lighter = sorted(luminance(name, known) for name in (one, other))
    return (lighter + 0.05) / (darker + 0.05)


@pytest.mark.parametrize("blocks", [(LIGHT,), (LIGHT, DARK)], ids=["light", "dark"])
@pytest.mark.parametrize("edge", ["edge", "focus", "action", "problem"])
@pytest.mark.parametrize("beside", ["paper", "sheet"])
def test_edges_and_the_focus_stand_out_from_what_is_beside_them(
    blocks: tuple[str, ...], edge: str, beside: str
) -> None:
    assert contrast(edge, beside, tokens(*blocks)) >= 3


@pytest.mark.parametrize("blocks", [(LIGHT,), (LIGHT, DARK)], ids=["light", "dark"])
@pytest.mark.parametrize("words", ["text", "text-soft"])
@pytest.mark.parametrize("beneath", ["paper", "sheet", "well", "bright-wash", "calm-wash", "tense-wash", "low-wash"])
def test_words_are_read_on_every_ground(blocks: tuple[str, ...], words: str, beneath: str) -> None:
    assert contrast(words, beneath, tokens(*blocks)) >= 4.5


def test_the_arithmetic_knows_black_from_white() -> None:
    known = {"black": "oklch(0 0 0)", "white": "oklch(1 0 0)"}
    assert contrast("black", "white", known) == pytest.approx(21, abs=0.01)


def test_what_moves_by_itself_is_still_within_five_seconds() -> None:
    """Breaks are started by a press; all else ends by itself."""
    for path in (STATIC / "css").glob("*.css"):
        if path.stem == "breaks":
            continue
        for name, seconds, times in MOVING.findall(path.read_text()):
            assert times != "infinite", f"{path.name}: {name}"
            assert float(seconds) * float(times or 1) <= 5, f"{path.name}: {name}"
