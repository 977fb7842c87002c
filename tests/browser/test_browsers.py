"""Every browser and every cookie setting, over two sites: what `docs/browsers.md` says of each is what happens."""

from pathlib import Path

import pytest
from playwright.sync_api import Playwright

from tests.browser.engines import ROWS, Bench, Row
from tests.browser.table import documented, walk
from tests.browser.visits import Campus


@pytest.mark.parametrize("row", ROWS, ids=str)
def test_a_browser_does_what_its_row_says(row: Row, campus: Campus, playwright: Playwright, tmp_path: Path) -> None:
    if not row.is_here:
        pytest.skip(f"{row.executable} is not installed; tests/install-services.sh installs it")
    with row.open(Bench(playwright, campus, tmp_path)) as sit:
        assert list(walk(sit, f"How is {row}?")) == documented()[str(row)]


def test_the_table_has_no_other_rows() -> None:
    assert list(documented()) == [str(row) for row in ROWS]
