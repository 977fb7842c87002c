"""The blind look gives nothing away and counts right."""

import random
from pathlib import Path

import pytest
from playwright.sync_api import Browser

from reflect.domain.emotions import EMOTIONS
from tests.browser.blind import KINDS, draw, neighbours, questions, score

KEY = "1\tcalm\n2\tangry\n3\thappy\n"


@pytest.mark.parametrize("kind", KINDS)
def test_each_picture_has_four_different_words_and_the_right_one_is_anywhere_among_them(kind: str) -> None:
    lines = questions(tuple(EMOTIONS), kind, random.Random(7)).splitlines()
    offered = [line.split()[1:] for line in lines]
    assert [len(set(words)) for words in offered] == [4] * len(EMOTIONS)
    assert {words.index(key) for key, words in zip(EMOTIONS, offered, strict=True)} == {0, 1, 2, 3}


def test_neighbours_are_the_feelings_that_are_taken_for_it_most_easily() -> None:
    assert set(neighbours("calm", random.Random(7))) == {"comfortable", "peaceful", "content"}


def test_the_sheets_say_numbers_and_no_word_and_the_key_is_apart(chromium: Browser, tmp_path: Path) -> None:
    page = chromium.new_page()
    draw(page, tmp_path, 7)
    assert not page.locator("main").inner_text().strip()
    key = dict(line.split() for line in (tmp_path / "key.txt").read_text().splitlines())
    assert set(key.values()) == set(EMOTIONS) and list(key.values()) != list(EMOTIONS)
    assert [link.get_attribute("id") for link in page.locator("main a").all()] == list(key.values())
    assert {path.name for path in tmp_path.glob("*.png")} == {
        "sheet-40.png",
        "sheet-40-grey.png",
        "sheet-160.png",
        "sheet-160-grey.png",
    }
    page.close()


def test_a_score_counts_sides_and_words_apart_and_names_what_was_missed() -> None:
    said = score(KEY, "1 pleasant peaceful\n2 unpleasant angry\n\n3 unpleasant happy\n")
    assert said.splitlines() == [
        "2 of 3 told pleasant from unpleasant, 2 of 3 picked the word",
        "1: calm seen as pleasant, peaceful",
        "3: happy seen as unpleasant, happy",
    ]
