"""What Reflect is, on a course's home: told once, put away without a script too, and read again as often as one likes."""

import re

import pytest

from tests.installation import Installation
from tests.walker import FRAME
from tests.web.courses import Lesson, lesson
from tests.web.dialogs import arrives

CARD = 'id="introduction"'


@pytest.fixture
def held(installation: Installation) -> Lesson:
    return lesson(installation)


def test_each_is_told_what_is_for_them_until_they_put_it_away(held: Lesson) -> None:
    for walker, words in (
        (held.teacher, "Ask your class how they are"),
        (held.student, "Your teacher asks how you are"),
    ):
        page = walker.get(held.at(walker)).text
        assert CARD in page and words in page
        answer = walker.post(held.at(walker, "/introductions"), {})
        assert (answer.status_code, answer.headers["location"]) == (303, held.at(walker))
        assert CARD not in walker.get(held.at(walker)).text


def test_what_is_to_be_answered_stands_before_it(held: Lesson) -> None:
    home = held.at(held.student)
    held.ask("How was the pond?")
    one = held.student.get(home).text
    assert one.index("How was the pond?") < one.index("picker-send") < one.index(CARD)
    held.ask("And the woods?")
    two = held.student.get(home).text
    assert two.index("And the woods?") < two.index(CARD)


def test_with_a_script_only_the_card_goes_so_that_no_choice_is_lost(held: Lesson) -> None:
    page = held.student.get(held.at(held.student)).text
    form = re.search(r"<form[^>]*introductions[^>]*>", page)
    assert form and 'hx-target="#introduction" hx-swap="outerHTML"' in form[0]
    cookie = "; ".join(f"{name}={kept.value}" for name, kept in held.student.cookies.items())
    part = {"Cookie": cookie, "HX-Request": "true", "HX-Request-Type": "partial", "Sec-Fetch-Site": "same-origin"}
    address = held.installation.base_url + held.at(held.student, "/introductions")
    answer = held.student.client.post(address, headers=FRAME | part)
    assert (answer.status_code, answer.text) == (200, "")
    assert CARD not in held.student.get(held.at(held.student)).text


def test_it_can_be_read_again_from_the_foot_of_every_page(held: Lesson) -> None:
    for walker, words in (
        (held.teacher, "Ask your class how they are"),
        (held.student, "Your teacher asks how you are"),
    ):
        walker.post(held.at(walker, "/introductions"), {})
        address = held.at(walker, "/introductions")
        assert f'href="{address}"' in walker.get(held.at(walker, "/talks")).text
        page = walker.get(address)
        assert page.status_code == 200 and words in page.text and CARD not in page.text


def test_who_only_looks_is_told_nothing_of_it(installation: Installation) -> None:
    observer = arrives(installation, "14")
    assert CARD not in observer.page.text and "/introductions?" not in observer.page.text
