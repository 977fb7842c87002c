"""A blind look at the characters: numbered pictures without a word, four words to pick from, and the key in a file apart.

`python -m tests.browser.blind draw FOLDER [SEED]` writes the sheets, the questions and the key; people write a line
"number pleasant|unpleasant word" for each picture; `python -m tests.browser.blind score FOLDER ANSWERS` compares.
"""

import random
import sys
from collections.abc import Callable
from pathlib import Path

from playwright.sync_api import Page, sync_playwright

from reflect.domain.emotions import EMOTIONS
from tests.browser.browsers import ARGUMENTS, EXECUTABLE
from tests.browser.sheets import hang

SIZES = (40, 160)
"""CSS pixels: beside a word, and held in the hand."""
QUESTIONS, KEY = "questions-{kind}.txt", "key.txt"


def strangers(key: str, chance: random.Random) -> list[str]:
    """Three other feelings, any of them."""
    return chance.sample([other for other in EMOTIONS if other != key], 3)


def neighbours(key: str, chance: random.Random) -> list[str]:
    """The three other feelings nearest by pleasantness and energy, the hard question; `chance` settles a tie."""
    here = EMOTIONS[key]

    def distance(other: str) -> tuple[float, float]:
        there = EMOTIONS[other]
        apart = (here.pleasantness - there.pleasantness) ** 2 + (here.energy - there.energy) ** 2
        return round(apart, 6), chance.random()

    return sorted((other for other in EMOTIONS if other != key), key=distance)[:3]


KINDS: dict[str, Callable[[str, random.Random], list[str]]] = {"any": strangers, "near": neighbours}


def questions(order: tuple[str, ...], kind: str, chance: random.Random) -> str:
    """A line for each picture: its number and four words, the right one among them."""
    lines = []
    for number, key in enumerate(order, 1):
        words = [key, *KINDS[kind](key, chance)]
        chance.shuffle(words)
        lines.append(f"{number}\t{'  '.join(words)}\n")
    return "".join(lines)


def draw(page: Page, folder: Path, seed: int | None = None) -> None:
    """Write sheets of the characters in one new order, in colour and without, the questions of each kind, and the key.

    `seed` None: another order each time.
    """
    chance = random.Random(seed)
    order = tuple(chance.sample(list(EMOTIONS), len(EMOTIONS)))
    folder.mkdir(parents=True, exist_ok=True)
    page.emulate_media(color_scheme="light", reduced_motion="reduce")
    for size in SIZES:
        hang(page, "character", size, order, numbered=True)
        page.screenshot(path=folder / f"sheet-{size}.png")
        page.add_style_tag(content="main { filter: grayscale(1); }")
        page.screenshot(path=folder / f"sheet-{size}-grey.png")
    for kind in KINDS:
        (folder / QUESTIONS.format(kind=kind)).write_text(questions(order, kind, chance))
    (folder / KEY).write_text("".join(f"{number}\t{key}\n" for number, key in enumerate(order, 1)))


def score(key: str, answers: str) -> str:
    """How many were right, and which were not, of lines "number pleasant|unpleasant word"."""
    order = dict(line.split() for line in key.splitlines())
    given = [line.split() for line in answers.splitlines() if line.strip()]
    sides = [n for n, side, _ in given if (EMOTIONS[order[n]].pleasantness > 0) == (side == "pleasant")]
    right = [n for n, _, word in given if order[n] == word]
    lines = [
        f"{len(sides)} of {len(given)} told pleasant from unpleasant, {len(right)} of {len(given)} picked the word"
    ]
    lines += [f"{n}: {order[n]} seen as {side}, {word}" for n, side, word in given if n not in sides or n not in right]
    return "\n".join(lines)


def main() -> None:
    """Draw or score, as the command line says."""
    what, folder, *rest = sys.argv[1:]
    if what == "score":
        sys.stdout.write(score((Path(folder) / KEY).read_text(), Path(rest[0]).read_text()) + "\n")
        return
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=EXECUTABLE, args=ARGUMENTS)
        draw(browser.new_page(), Path(folder), int(rest[0]) if rest else None)
        browser.close()


if __name__ == "__main__":
    main()
