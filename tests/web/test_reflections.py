"""My reflections over HTTP: the page, the downloads, the access log, and erasing."""

import re

import pytest

from reflect.storage.accesses import Access
from reflect.storage.answers import Answer
from tests.installation import Installation
from tests.web.courses import Lesson, lesson
from tests.web.launching import assert_refused


@pytest.fixture
def held(installation: Installation) -> Lesson:
    return lesson(installation)


def page(held: Lesson) -> str:
    found = held.student.get(held.at(held.student, "/reflections"))
    assert found.status_code == 200
    return found.text


def polled(held: Lesson, checkin_id: int, etag: str = "") -> tuple[int, str]:
    address = f"{held.installation.base_url}/checkins/{checkin_id}/results?{held.tab(held.teacher)}"
    cookies = {name: cookie.value for name, cookie in held.teacher.cookies.items()}
    headers = {
        "HX-Request-Type": "partial",
        "If-None-Match": etag,
        "Cookie": "; ".join(f"{name}={value}" for name, value in cookies.items()),
    }
    answer = held.teacher.client.get(address, headers=headers)
    return answer.status_code, answer.headers["etag"]


def test_a_student_finds_their_answers_from_their_home(held: Lesson) -> None:
    held.answer(held.ask("How was it?"), "curious")
    held.answer(held.ask("And the test?"), "nervous")
    home = held.student.get(held.at(held.student)).text
    link = re.search(r'href="(/courses/\d+/reflections\?[^"]*)"', home)
    assert link
    found = held.student.get(link[1]).text
    assert "2 different feelings named" in found
    for words in ("How was it?", "And the test?", "Nobody has opened them so far.", '<table class="calendar">'):
        assert words in found
    assert '<svg class="trend-picture"' in found
    assert "style=" not in found


def test_anonymous_answers_are_honestly_not_there(held: Lesson) -> None:
    held.answer(held.ask("Between us?", anonymity="anonymous"), "sad")
    found = page(held)
    assert "You took part in 1 anonymous check-in." in found
    assert "Between us?" not in found
    assert "feeling named" not in found


def test_staff_have_no_page_of_their_own(held: Lesson) -> None:
    for rest in ("/reflections", "/exports/my-reflections.csv", "/erasures/new"):
        assert_refused(held.teacher.get(held.at(held.teacher, rest)), "not_allowed")
    assert_refused(held.teacher.post(held.at(held.teacher, "/erasures"), {}), "not_allowed")


def test_a_student_is_told_who_opened_their_answers(held: Lesson) -> None:
    checkin_id = held.ask("How was it?")
    held.answer(checkin_id, "curious")
    held.teacher.get(f"/checkins/{checkin_id}?{held.tab(held.teacher)}")
    assert "Wren Storybook" in page(held)


def test_a_look_is_written_once_and_never_where_nothing_is_shown(held: Lesson) -> None:
    checkin_id = held.ask("How was it?")
    polled(held, checkin_id)
    assert held.installation.count(Access) == [0]
    held.answer(checkin_id, "curious")
    status, etag = polled(held, checkin_id)
    assert (status, held.installation.count(Access)) == (200, [1])
    assert polled(held, checkin_id, etag)[0] == 304
    assert polled(held, checkin_id)[0] == 200
    assert held.installation.count(Access) == [1]


def test_a_304_writes_nothing(held: Lesson) -> None:
    checkin_id = held.ask("How was it?")
    held.answer(checkin_id, "curious")
    _, etag = polled(held, checkin_id)
    held.installation.database.write_now(lambda db: db.connection().exec_driver_sql("DELETE FROM access"))
    assert polled(held, checkin_id, etag)[0] == 304
    assert held.installation.count(Access) == [0]


def test_looking_at_anonymous_results_is_written_nowhere(held: Lesson) -> None:
    checkin_id = held.ask("Between us?", anonymity="anonymous")
    held.answer(checkin_id, "sad")
    held.teacher.get(f"/checkins/{checkin_id}?{held.tab(held.teacher)}")
    assert held.installation.count(Access) == [0]


def test_a_student_erases_their_answers_after_being_asked_once_more(held: Lesson) -> None:
    checkin_id = held.ask("How was it?")
    held.answer(checkin_id, "curious")
    asked = held.student.get(held.at(held.student, "/erasures/new"))
    assert "This cannot be undone." in asked.text
    assert "Marks for taking part stay" in asked.text
    assert held.installation.count(Answer) == [1]
    done = held.student.follow(held.student.post(held.at(held.student, "/erasures"), {}))
    assert "Nothing here yet" in done.text
    assert held.installation.count(Answer) == [0]
    seen = held.teacher.get(f"/checkins/{checkin_id}?{held.tab(held.teacher)}").text
    assert "Curious" not in seen and "curious" not in seen


def test_without_an_answer_there_is_nothing_to_erase(held: Lesson) -> None:
    assert "There is nothing to erase" in held.student.get(held.at(held.student, "/erasures/new")).text
