import time

import pytest

from reflect.lti.outbound import Answer
from reflect.lti.service_refusals import LONGEST_WAIT, NoToken, ServiceRefused, of_status, words

DATE = "Mon, 23 Nov 2026 11:00:00 GMT"


@pytest.mark.parametrize(
    ("status", "code", "passing"),
    [
        *((301, "redirected", False), (400, "rejected", False), (401, "unauthorized", False)),
        *((403, "forbidden", False), (404, "not_found", False), (409, "conflict", False)),
        *((410, "not_found", False), (429, "busy", True), (500, "platform_failed", True)),
        (599, "platform_failed", True),
    ],
)
def test_a_status_has_its_code_and_says_whether_to_try_again(status: int, code: str, passing: bool) -> None:
    refused = of_status(Answer(status, {}, b""), "lms.example.org")
    assert (refused.code, refused.is_passing, refused.retry_after) == (code, passing, None)
    assert "lms.example.org" in refused.detail


@pytest.mark.parametrize("code", ["unresolved", "unreachable", "timeout"])
def test_a_call_that_came_to_nothing_may_succeed_later(code: str) -> None:
    assert ServiceRefused(code, "").is_passing


@pytest.mark.parametrize("code", ["unresolved", "unreachable", "busy"])
def test_who_cannot_be_reached_or_has_enough_is_not_asked_for_anything_else(code: str) -> None:
    assert ServiceRefused(code, "").is_of_platform


@pytest.mark.parametrize("code", ["timeout", "platform_failed", "forbidden", "not_found"])
def test_what_one_service_refuses_says_nothing_of_others_and_without_a_token_none_can_be_asked(code: str) -> None:
    assert not ServiceRefused(code, "").is_of_platform
    assert NoToken(code, "").is_of_platform


@pytest.mark.parametrize(
    ("headers", "seconds"),
    [
        ({"retry-after": "120"}, 120.0),
        ({"retry-after": " 0 "}, 0.0),
        ({"retry-after": "9" * 400}, LONGEST_WAIT),
        ({"retry-after": "Mon, 23 Nov 2026 11:02:00 GMT", "date": DATE}, 120.0),
        ({"retry-after": "Mon, 23 Nov 2026 10:00:00 GMT", "date": DATE}, 0.0),
        ({"retry-after": "Tue, 23 Nov 2027 10:00:00 GMT", "date": DATE}, LONGEST_WAIT),
        ({"retry-after": "Mon, 23 Nov 2026 11:02:00 GMT"}, None),
        ({"retry-after": "Mon, 23 Nov 2026 11:02:00 -0000", "date": DATE}, None),
        ({"retry-after": "soon", "date": DATE}, None),
        ({"retry-after": "-5"}, None),
        ({"retry-after": "٣"}, None),
        ({}, None),
    ],
)
def test_the_time_to_wait_is_read_from_seconds_and_from_dates(headers: dict[str, str], seconds: float | None) -> None:
    assert of_status(Answer(503, headers, b""), "it").retry_after == seconds


def test_canvas_says_busy_by_a_403() -> None:
    assert of_status(Answer(403, {}, b"403 Forbidden (Rate Limit Exceeded)\n"), "it").code == "busy"
    assert of_status(Answer(403, {}, b"403 Forbidden"), "it").code == "forbidden"


def test_a_platforms_words_are_plain_short_and_without_our_secret() -> None:
    page = b"<html><style>p{}</style><script>x()</script><p>Token  &lt;secret-1&gt;\n<b>used</b>\x00 \xff</p></html>"
    said = words(page, hidden="secret-1")
    assert said is not None
    assert said.split() == ["Token", "<…>", "used", "\ufffd"]
    assert len(words(b"x" * 10_000, hidden=None) or "") == 300
    assert words(b"<p></p>", hidden="") is None


def test_words_of_a_megabyte_cost_little_time() -> None:
    begun = time.thread_time()
    for page in (b"<" * 1_000_000, b"<script>" * 100_000, b"&" * 1_000_000):
        words(page, hidden=None)
    assert time.thread_time() - begun < 2
