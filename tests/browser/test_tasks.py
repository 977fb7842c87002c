"""The main tasks as somebody does them on a phone of 360 px in the LMS's frame: counted in taps, and again by keyboard alone."""

import shutil
from collections.abc import Callable, Iterator
from itertools import count
from pathlib import Path

import pytest
from playwright.sync_api import BrowserContext, expect

from tests.browser.counting import Effort
from tests.browser.visits import STUDENTS, TEACHER, Campus, Visit
from tests.installation import installed

Contexts = Callable[..., BrowserContext]
PHONE = {"viewport": {"width": 360, "height": 740}, "has_touch": True}
FORMS = {"faces": "face_4", "words_core": "calm"}
_numbers = count(1)


@pytest.fixture(scope="module")
def campus(sqlite_template: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Campus]:
    """A school in which nothing else is asked."""
    path = tmp_path_factory.mktemp("tasks") / "reflect.db"
    shutil.copy(sqlite_template, path)
    with installed(f"sqlite:///{path}") as running:
        yield Campus.of(running)


@pytest.fixture
def teacher(campus: Campus, private: Contexts) -> Iterator[Visit]:
    """The teacher on a phone; what was asked is closed in the end."""
    visit = campus.frame(private(**PHONE), TEACHER)
    visit.shows("Check-ins")
    yield visit
    if visit.find(".results-close > summary").count():
        visit.close_checkin()


def asked(teacher: Visit, form: str) -> str:
    """One question that waits for an answer, and no other."""
    question = f"How is task {next(_numbers)}?"
    teacher.ask(question, form=form)
    return question


@pytest.mark.parametrize("form", FORMS)
def test_a_student_opens_the_activity_and_answers_in_two_taps(
    campus: Campus, private: Contexts, teacher: Visit, form: str
) -> None:
    question = asked(teacher, form)
    student = campus.frame(private(**PHONE), STUDENTS[0])
    expect(student.inside.get_by_role("heading", name=question)).to_be_visible()
    expect(student.find(".receipt")).to_be_visible()
    effort = Effort(student)
    effort.tap(student.find(f'.emotion:has([value="{FORMS[form]}"])'))
    effort.tap(student.inside.get_by_role("button", name="Send"))
    expect(student.find("main.thanks h1")).to_be_visible()
    effort.tell(f"answer, {form}")
    assert effort.taps == 2
    teacher.sees_answers(1)


def test_a_misplaced_tap_is_put_right_before_and_after_sending(
    campus: Campus, private: Contexts, teacher: Visit
) -> None:
    asked(teacher, "faces")
    student = campus.frame(private(**PHONE), STUDENTS[1])
    effort = Effort(student)
    for choice in ("face_1", "face_4"):
        effort.tap(student.find(f'.emotion:has([value="{choice}"])'))
    effort.tap(student.inside.get_by_role("button", name="Send"))
    effort.tap(student.inside.get_by_role("link", name="Change my answer"))
    expect(student.find(":checked")).to_have_value("face_4")
    effort.tap(student.find('.emotion:has([value="face_5"])'))
    effort.tap(student.inside.get_by_role("button", name="Send"))
    expect(student.find("main.thanks .lead").first).to_contain_text("Very good", ignore_case=True)
    assert effort.taps == 6
    teacher.sees_answers(1)


def test_a_teacher_asks_with_the_defaults_in_two_taps(teacher: Visit) -> None:
    effort = Effort(teacher)
    effort.tap(teacher.inside.get_by_role("link", name="New check-in"))
    teacher.shows("New check-in")
    send = teacher.inside.get_by_role("button", name="Open the check-in")
    expect(send).to_be_in_viewport(ratio=1)
    effort.tap(send)
    expect(teacher.find(".results-number")).to_have_text("0")
    effort.tell("ask, defaults")
    assert effort.taps == 2


def test_a_teacher_asks_in_own_words_in_three_taps(teacher: Visit) -> None:
    effort = Effort(teacher)
    effort.tap(teacher.inside.get_by_role("link", name="New check-in"))
    effort.tap(teacher.inside.get_by_text("My own words"))
    expect(teacher.find("#question-own")).to_be_focused()
    effort.type("How did the long way home feel?")
    effort.tap(teacher.inside.get_by_role("button", name="Open the check-in"))
    teacher.shows("How did the long way home feel?")
    effort.tell("ask, own words")
    assert effort.taps == 3


@pytest.mark.parametrize("form", FORMS)
def test_a_student_answers_by_few_keys_and_never_loses_the_focus(
    campus: Campus, private: Contexts, teacher: Visit, form: str
) -> None:
    asked(teacher, form)
    student = campus.frame(private(**PHONE), STUDENTS[2])
    expect(student.find(".picker")).to_be_visible()
    effort = Effort(student)
    effort.tab_to('[name="choice"]')
    effort.press("Space")
    effort.press("ArrowRight")
    effort.sees_focus()
    effort.tab_to(".picker-send button")
    effort.press("Enter")
    expect(student.find("main.thanks")).to_be_focused()
    effort.tell(f"answer by keys, {form}")
    assert effort.keys <= 16
    effort.tab_to(".thanks a, .thanks button")
    effort.leaves()


def test_a_teacher_asks_and_closes_by_few_keys(teacher: Visit) -> None:
    effort = Effort(teacher)
    effort.tab_to('a[href*="/checkins/new"]')
    effort.press("Enter")
    teacher.shows("New check-in")
    effort.tab_to('[name="question_key"]:checked')
    effort.tab_to(".form-send .button")
    effort.press("Enter")
    expect(teacher.find(".results-number")).to_have_text("0")
    effort.tell("ask by keys")
    assert effort.keys <= 50
    effort.tab_to(".results-close > summary")
    effort.press("Enter")
    effort.tab_to('form[action*="/closures"] button')
    effort.press("Enter")
    expect(teacher.find("#results .checkin-state")).to_have_text("Closed")
    effort.tab_to("a, button")
    effort.leaves()
