"""What somebody's browser said, read from a code in the portal."""

import re

import pytest

from reflect.domain.browsers import Browser
from reflect.domain.diagnostics import Diagnosis
from tests.installation import Installation
from tests.web.admin.portal import assert_says, plain, signed_in

SEEN = {"script": "on", "place": "frame", "cookie": "lost", "partitioned": "lost", "session": "lost", "clock": "slow"}
DIAGNOSIS = Diagnosis.of(SEEN, Browser("firefox", 140))


def told(html: str) -> str:
    """The verdict and the lines."""
    found = re.search(r'<h2 id="verdict">.*?</h2>', html)
    listed = re.search(r'<ul class="diagnosis-lines".*?</ul>', html, re.S)
    assert found and listed
    return plain(found[0] + re.sub(r"<a .*?</a>", "", listed[0]))


def test_a_code_shows_the_page_that_it_was_read_from(shared: Installation) -> None:
    portal = signed_in(shared)
    heard = DIAGNOSIS.code.lower().replace("-", " ").replace("0", "o")
    page = portal.get(f"/admin/diagnostics?code={heard}").text
    assert told(page) == told(shared.walker().get(f"/diagnostics?code={DIAGNOSIS.code}").text)
    assert "Open Reflect in a new tab" in page and "Firefox 140" in page
    assert "Enhanced Tracking Protection" in page
    assert 'value="' + heard in page
    assert "Try a new window" not in page and "Check in a new tab" not in page, "nothing to press for another person"


def test_another_browsers_steps_are_shown_in_the_portal(shared: Installation) -> None:
    page = signed_in(shared).get(f"/admin/diagnostics?code={DIAGNOSIS.code}&steps=edge").text
    assert "Balanced" in page and "Firefox 140" in page
    assert 'action="/admin/diagnostics"' in page


@pytest.mark.parametrize("typed", ["9T0-000-0K1", "hello", "9T0"])
def test_a_mistyped_code_stays_in_the_form_with_what_is_wrong(shared: Installation, typed: str) -> None:
    page = signed_in(shared).walker.get(f"/admin/diagnostics?code={typed}")
    assert_says(page, "diagnosis_code", 422)
    assert f'value="{typed}"' in page.text
    assert "A character is missing or mistaken" in page.text
    assert 'aria-describedby="code-problem"' in page.text and "diagnosis-lines" not in page.text


def test_before_a_code_is_typed_nothing_is_wrong(shared: Installation) -> None:
    page = signed_in(shared).get("/admin/diagnostics").text
    assert "problem" not in page
    assert 'href="/diagnostics"' in page


def test_nobody_reads_codes_without_signing_in(shared: Installation) -> None:
    assert_says(shared.walker().get(f"/admin/diagnostics?code={DIAGNOSIS.code}"), "admin_session_missing", 401)
