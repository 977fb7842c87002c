"""Terms in the portal: named by administrators, for leaders to look at."""

import re

import pytest

from tests.installation import Installation
from tests.web.admin.portal import assert_says, signed_in

AUTUMN = {"term_name": "Autumn <i>term</i>", "begins_on": "2026-09-01", "ends_on": "2026-12-18"}


def test_a_term_is_named_and_removed_and_both_are_logged(shared: Installation) -> None:
    portal = signed_in(shared)
    portal.post("/admin/terms", **AUTUMN)
    page = portal.get("/admin/terms").text
    assert "Autumn &lt;i&gt;term" in page
    assert "Autumn &lt;i&gt;term" in portal.get("/admin/insights").text
    part = next(row for row in page.split('<li class="row">') if "Autumn" in row)
    removal = re.search(r'action="(/admin/terms/\d+/removals)"', part)
    assert removal
    portal.post(removal[1])
    assert "Autumn" not in portal.words("/admin/terms")
    log = [entry for entry in portal.log() if entry[0] != "insights_opened"]
    assert log[:2] == [("term_removed", AUTUMN["term_name"]), ("term_added", AUTUMN["term_name"])]
    assert_says(portal.walker.post(removal[1], {}), "missing", 404)


@pytest.mark.parametrize(
    ("field", "value", "message"),
    [
        ("term_name", "", "This is missing."),
        ("term_name", "x" * 61, "Use at most"),
        ("term_name", "a\u202eb", "Leave out characters that cannot be shown."),
        ("begins_on", "", "Enter a date."),
        ("ends_on", "soon", "Enter a date."),
        ("ends_on", "2026-08-31", "This must be later than the beginning."),
    ],
)
def test_a_term_with_a_fault_comes_back_whole(shared: Installation, field: str, value: str, message: str) -> None:
    portal = signed_in(shared)
    fields = AUTUMN | {"term_name": "Spring"} | {field: value}
    page = portal.post("/admin/terms", 422, **fields).text
    assert message in page
    for typed in fields.values():
        assert f'value="{typed}"' in page
    assert "term_added" not in dict(portal.log())
