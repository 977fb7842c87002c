"""A file for a tab without cookies, over HTTP: the token travels in a form."""

import httpx2
import pytest

from tests.installation import Installation
from tests.walker import Walker
from tests.web.courses import Lesson, lesson
from tests.web.launching import SESSION_COOKIE, assert_refused


@pytest.fixture
def held(installation: Installation) -> Lesson:
    return lesson(installation)


def token_of(held: Lesson, walker: Walker) -> str:
    """A browser's token, as a tab without cookies would hold it."""
    return walker.cookies[SESSION_COOKIE + held.tab(walker).removeprefix("tab=")].value


def cookieless(held: Lesson, place: str, token: str) -> httpx2.Response:
    """Post the form of a tab that keeps no cookies."""
    return held.installation.walker().post("/downloads", {"place": place, "token": token})


def test_the_token_brings_the_same_file_as_the_link_does(held: Lesson) -> None:
    place = f"/courses/{held.course_id}/exports/totals.csv"
    file = cookieless(held, place, token_of(held, held.teacher))
    linked = held.teacher.get(f"{place}?{held.tab(held.teacher)}")
    assert file.status_code == 200
    assert file.content == linked.content
    assert file.headers["content-disposition"] == linked.headers["content-disposition"]


def test_a_token_opens_only_what_is_its_owners(held: Lesson) -> None:
    place = f"/courses/{held.course_id}/exports/totals.csv"
    assert_refused(cookieless(held, place, token_of(held, held.student)), "not_allowed")
    assert_refused(cookieless(held, place, "nonsense"), "session_missing")
    assert_refused(cookieless(held, "/courses/999999/exports/totals.csv", token_of(held, held.teacher)), "missing")


def test_a_wrong_token_is_refused_even_beside_a_good_cookie(held: Lesson) -> None:
    place = f"/courses/{held.course_id}/exports/totals.csv"
    for token, code in (("nonsense", "session_missing"), (" ", "missing"), ("", "missing")):
        assert_refused(held.teacher.post("/downloads", {"place": place, "token": token}), code)


@pytest.mark.parametrize(
    "place", ["", "/courses/{id}", "/courses/{id}/exports/none.csv", "//stranger/exports/totals.csv"]
)
def test_nothing_but_files_can_be_asked_for_so(held: Lesson, place: str) -> None:
    place = place.replace("{id}", str(held.course_id))
    assert_refused(cookieless(held, place, token_of(held, held.teacher)), "missing")
