"""Support in the portal: hours and crisis lines, kept by administrators and by nobody else."""

import re

import pytest

from tests.installation import Installation
from tests.web.admin.portal import assert_says, signed_in
from tests.web.dialogs import TEACHER, arrives

HOURS = {"hours_zone": "Europe/London", "monday": "08:00-12:30, 13:30-16:00", "back_on": "2026-09-10"}


def test_hours_are_set_and_shown_and_logged(shared: Installation) -> None:
    portal = signed_in(shared)
    portal.post("/admin/support", **HOURS)
    page = portal.get("/admin/support").text
    for value in ("08:00–12:30, 13:30–16:00", "Europe/London", "2026-09-10"):
        assert f'value="{value}"' in page
    assert portal.log()[0] == ("staffed_hours_changed", "Europe/London")
    assert "changed when adults are there" in portal.words("/admin/audit")


@pytest.mark.parametrize(
    ("field", "value", "message"),
    [
        ("monday", "eight", "Write times like 08:00–12:30"),
        ("hours_zone", "Atlantis", "Write the name of a time zone, such as Europe/London."),
        ("back_on", "soon", "Enter a date."),
    ],
)
def test_hours_with_a_fault_come_back_and_change_nothing(
    shared: Installation, field: str, value: str, message: str
) -> None:
    portal = signed_in(shared)
    portal.post("/admin/support", **HOURS)
    page = portal.post("/admin/support", 422, **HOURS | {field: value}).text
    assert message in page and f'value="{value}"' in page
    assert f'value="{value}"' not in portal.get("/admin/support").text
    assert [action for action, _ in portal.log()].count("staffed_hours_changed") == 1


def test_a_line_is_added_and_taken_away_and_both_are_logged(shared: Installation) -> None:
    portal = signed_in(shared)
    portal.post(
        "/admin/crisis-lines", line_name="Night <b>line</b>", contact="https://night.example/x", line_language="de"
    )
    page = portal.get("/admin/support").text
    assert "Night &lt;b&gt;line" in page and "night.example/x" in page
    part = next(row for row in page.split('<li class="row">') if "Night" in row)
    removal = re.search(r'action="(/admin/crisis-lines/\d+/removals)"', part)
    assert removal
    portal.post(removal[1])
    assert "Night" not in portal.words("/admin/support")
    assert portal.log()[:2] == [
        ("crisis_line_removed", "Night <b>line</b>"),
        ("crisis_line_added", "Night <b>line</b>"),
    ]
    assert_says(portal.walker.post(removal[1], {}), "missing", 404)


def test_a_line_that_leads_nowhere_comes_back(shared: Installation) -> None:
    portal = signed_in(shared)
    page = portal.post("/admin/crisis-lines", 422, line_name="Somewhere", contact="javascript:alert(1)").text
    assert "Enter a telephone number, or an address" in page and 'value="Somewhere"' in page


def test_nobody_else_sees_or_changes_it(shared: Installation) -> None:
    teacher = arrives(shared, TEACHER)
    for walker in (shared.walker(), teacher.walker):
        assert_says(walker.get("/admin/support"), "admin_session_missing", 401)
        for path in ("/admin/support", "/admin/crisis-lines", "/admin/crisis-lines/1/removals"):
            assert_says(walker.post(path, HOURS), "admin_session_missing", 401)
