"""The library at its public address, and a teacher's own questions."""

import re

import pytest
from sqlmodel import select

from reflect.domain.questions import QUESTIONS, Category
from reflect.storage.own_questions import OwnQuestion
from tests.installation import Installation
from tests.web.courses import Lesson, lesson
from tests.web.launching import assert_refused


def shown(html: str) -> list[str]:
    return re.findall(r"<li><span>([^<]*)</span> <span class=\"question-ages\">", html)


def texts(html: str) -> set[str]:
    return {text.replace("&#39;", "'") for text in shown(html)}


def test_every_question_can_be_read_without_signing_in(shared: Installation) -> None:
    walker = shared.walker()
    for page in ("/", "/privacy"):
        assert 'href="/questions"' in walker.get(page).text
    found = walker.get("/questions").text
    assert texts(found) == {question.text("en") for question in QUESTIONS.values()}
    assert len(re.findall(r'<h2 id="library-', found)) == len(Category)


@pytest.mark.parametrize(
    ("query", "fits"),
    [
        ("q=WEEK+how", lambda it: "week" in it.text("en").lower() and "how" in it.text("en").lower()),
        ("category=staff", lambda it: it.category == "staff"),
        ("age=6", lambda it: it.from_age <= 6 and (it.to_age or 99) >= 6),
        ("category=energy&age=15", lambda it: it.category == "energy" and it.from_age <= 15 <= (it.to_age or 99)),
        ("age=six", lambda it: True),
    ],
)
def test_a_search_finds_exactly_what_fits(shared: Installation, query: str, fits: object) -> None:
    found = texts(shared.walker().get(f"/questions?{query}").text)
    assert found == {it.text("en") for it in QUESTIONS.values() if fits(it)}  # type: ignore[operator]
    assert found


def test_a_search_without_a_find_says_so_and_is_no_markup(shared: Installation) -> None:
    found = shared.walker().get("/questions?q=<script>&category=<b>").text
    assert "No question fits all of that." in found
    assert "<script>" not in found.partition("<main")[2]


@pytest.fixture
def held(installation: Installation) -> Lesson:
    return lesson(installation)


def form(held: Lesson) -> str:
    return held.teacher.get(held.at(held.teacher, "/checkins/new")).text


def test_own_words_can_be_kept_while_asking_and_chosen_again(held: Lesson) -> None:
    assert "My questions" not in form(held)
    held.ask("  How was   the map?", keep_question="yes")
    held.ask("Only once?")
    key = re.search(r'value="(own-\d+)">\s*<span class="question-text"><bdi>How was the map\?', form(held))
    assert key
    assert "Only once?" not in form(held).partition("<form")[2]
    checkin_id = held.ask("something else that was typed", question_key=key[1])
    assert "How was the map?" in held.student.get(f"/checkins/{checkin_id}?{held.tab(held.student)}").text


def test_a_question_of_the_library_is_not_kept_as_an_own_one(held: Lesson) -> None:
    held.ask("", question_key="feeling_today", keep_question="yes")
    assert held.installation.count(OwnQuestion) == [0]


def test_a_question_is_kept_once_and_deleted(held: Lesson) -> None:
    address = held.at(held.teacher, "/questions")
    for _ in range(2):
        page = held.teacher.follow(held.teacher.post(address, {"question": "How was the map?"}))
    assert page.text.count("How was the map?") == 1
    action = re.search(r'action="(/courses/\d+/questions/\d+/deletions[^"]*)"', page.text)
    assert action
    assert "You have not kept any yet." in held.teacher.follow(held.teacher.post(action[1], {})).text
    assert_refused(held.teacher.post(action[1], {}), "missing")


@pytest.mark.parametrize(
    ("text", "words"),
    [(" ", "Choose a question"), ("x" * 201, "at most 200"), ("a\u202eb", "characters that cannot be shown")],
)
def test_a_question_with_a_fault_comes_back(held: Lesson, text: str, words: str) -> None:
    page = held.teacher.post(held.at(held.teacher, "/questions"), {"question": text})
    assert (page.status_code, words in page.text) == (422, True)
    assert held.installation.count(OwnQuestion) == [0]


def test_two_hundred_are_kept_and_one_more_is_refused_and_comes_back(held: Lesson, installation: Installation) -> None:
    held.teacher.post(held.at(held.teacher, "/questions"), {"question": "The first?"})
    [mine] = installation.database.read_now(lambda db: list(db.exec(select(OwnQuestion))))
    installation.database.write_now(
        lambda db: db.add_all(OwnQuestion(person_id=mine.person_id, text=f"{number}?") for number in range(199))
    )
    page = held.teacher.post(held.at(held.teacher, "/questions"), {"question": "One more?"})
    assert page.status_code == 422
    assert "kept 200 questions already" in page.text and 'value="One more?"' in page.text
    fields = {"question": "One more?", "keep_question": "yes"}
    page = held.teacher.post(held.at(held.teacher, "/checkins"), fields)
    assert page.status_code == 422
    assert "kept 200 questions already" in page.text and 'value="One more?"' in page.text
    assert held.teacher.post(held.at(held.teacher, "/questions"), {"question": "The first?"}).status_code == 303
    assert installation.count(OwnQuestion) == [200]


def test_somebody_elses_question_can_neither_be_chosen_nor_deleted(held: Lesson, installation: Installation) -> None:
    held.teacher.post(held.at(held.teacher, "/questions"), {"question": "How was the map?"})
    [mine] = installation.database.read_now(lambda db: list(db.exec(select(OwnQuestion))))
    other = installation.walker()
    held.arrive(other, "4")
    assert "How was the map?" not in other.get(held.at(other, "/questions")).text
    assert_refused(other.post(held.at(other, f"/questions/{mine.id}/deletions"), {}), "missing")
    fields = {"question": "", "question_key": f"own-{mine.id}", "vocabulary": "core", "anonymity": "named"}
    assert other.post(held.at(other, "/checkins"), fields).status_code == 422


def test_students_keep_no_questions(held: Lesson) -> None:
    assert_refused(held.student.get(held.at(held.student, "/questions")), "not_allowed")
    assert_refused(held.student.post(held.at(held.student, "/questions"), {"question": "?"}), "not_allowed")
    assert_refused(held.student.post(held.at(held.student, "/questions/1/deletions"), {}), "not_allowed")
