"""The rest of the pages, held to what `test_accessibility.py` says."""

from collections.abc import Iterator

import pytest
from playwright.sync_api import Browser

from tests.browser.album import around_it
from tests.browser.looks import Findings, walk
from tests.browser.test_accessibility import (  # noqa: F401
    test_axe_finds_nothing_on_any_page,
    test_every_target_is_large_enough_for_a_finger,
    test_no_page_loses_anything_when_text_is_spread,
    test_no_page_scrolls_sideways_on_a_phone_or_at_double_size,
    test_the_walk_met_every_page,
)


@pytest.fixture(scope="module")
def findings(chromium: Browser) -> Iterator[Findings]:
    """One walk through the other half of the album."""
    yield walk(chromium, around_it)
