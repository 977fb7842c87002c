"""Posters on paper: each fills one page of whatever paper there is."""

import re
from collections.abc import Callable

import pytest
from playwright.sync_api import BrowserContext

from reflect.domain.toolkit import POSTERS
from tests.browser.visits import Campus

Contexts = Callable[..., BrowserContext]
LONG_WORDS, RIGHT_TO_LEFT = "de", "ar"
PAGE = re.compile(rb"/Type /Page\b(?!s)")
BOX = re.compile(rb"/MediaBox \[0 0 ([\d.]+) ([\d.]+)\]")


@pytest.mark.parametrize("tag", [LONG_WORDS, RIGHT_TO_LEFT])
def test_a_poster_is_one_page_of_any_paper(campus: Campus, private: Contexts, tag: str) -> None:
    page = private(locale=tag).new_page()
    for poster in POSTERS:
        page.goto(f"{campus.base_url}/toolkit/posters/{poster}")
        for paper in ("A4", "A3", "Letter"):
            printed = page.pdf(format=paper)
            assert len(PAGE.findall(printed)) == 1, (poster, paper)
            width, height = (float(side) for side in BOX.findall(printed)[0])
            assert (width > height) == (poster == "map"), (poster, paper)
            assert max(width, height) > {"A4": 830, "A3": 1180, "Letter": 780}[paper]
