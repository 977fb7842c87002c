"""Breaks over HTTP, and the words after an answer."""

import re

import pytest

from reflect.domain.breaks import BREAKS
from tests.installation import Installation
from tests.web.courses import Lesson, lesson
from tests.web.launching import assert_refused, scene


@pytest.fixture
def held(installation: Installation) -> Lesson:
    return lesson(installation)


def test_every_break_can_be_reached_from_the_students_home(held: Lesson) -> None:
    home = held.student.get(held.at(held.student))
    link = re.search(r'href="(/courses/\d+/breaks\?[^"]*)"', home.text)
    assert link
    index = held.student.get(link[1])
    found = re.findall(r'href="(/courses/\d+/breaks/(\w+)\?[^"]*)"', index.text)
    assert [key for _, key in found] == list(BREAKS)
    for address, key in found:
        page = held.student.get(address)
        assert page.status_code == 200
        assert all(words in page.text for words in BREAKS[key].script("en").steps)
        assert "style=" not in page.text


def test_a_break_that_is_not_there_is_missing(held: Lesson) -> None:
    assert_refused(held.student.get(held.at(held.student, "/breaks/nap")), "missing")


def test_breaks_are_for_who_is_in_the_course(held: Lesson, installation: Installation) -> None:
    stranger = scene(installation, "Learner")
    stranger.arrive()
    path = held.at(held.student, "/breaks/pond").partition("?")[0]
    assert_refused(stranger.walker.get(path), "missing")
    assert installation.walker().get(path).headers["reflect-error"] == "session_missing"


@pytest.mark.parametrize(
    ("emotion", "words"),
    [
        ("happy", "How good that there is room for that today."),
        ("calm", "Quiet moments count."),
        ("angry", "You do not have to explain it"),
        ("sad", "You do not have to feel any other way than you do."),
    ],
)
def test_the_words_after_an_answer_fit_it(held: Lesson, emotion: str, words: str) -> None:
    assert words in held.answer(held.ask("How was it?"), emotion).text


def test_an_answer_in_the_middle_is_not_praised(held: Lesson) -> None:
    page = held.answer(held.ask("How was it?", answer_form="faces"), "face_3").text
    assert "Whatever you feel today may be there." in page


def test_after_an_anonymous_answer_words_and_breaks_are_the_same_for_everybody(held: Lesson) -> None:
    pages = []
    for emotion in ("happy", "sad"):
        page = held.answer(held.ask("How was it?", anonymity="anonymous"), emotion).text
        assert "Whatever you feel today may be there." in page
        pages.append(re.sub(r"/checkins/\d+|tab=\w+", "", page))
    assert pages[0] == pages[1]
