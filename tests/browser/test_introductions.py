"""What Reflect is, on a phone in the LMS's frame: in nobody's way, and gone for good with one tap."""

import shutil
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from playwright.sync_api import BrowserContext, expect

from tests.browser.visits import STUDENTS, TEACHER, Campus
from tests.installation import installed

Contexts = Callable[..., BrowserContext]
PHONE = {"viewport": {"width": 360, "height": 740}, "has_touch": True}


@pytest.fixture(scope="module")
def campus(sqlite_template: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Campus]:
    """A school in which nobody has been yet, and one question is asked."""
    path = tmp_path_factory.mktemp("introductions") / "reflect.db"
    shutil.copy(sqlite_template, path)
    with installed(f"sqlite:///{path}") as running:
        yield Campus.of(running)


def test_it_stands_below_the_question_and_takes_no_choice_along(campus: Campus, private: Contexts) -> None:
    teacher = campus.frame(private(**PHONE), TEACHER)
    expect(teacher.find("#introduction")).to_contain_text("Ask your class how they are")
    teacher.ask("Is anything in the way?")
    student = campus.frame(private(**PHONE), STUDENTS[0])
    card, question = student.find("#introduction"), student.find(".only")
    expect(card).to_contain_text("Your teacher asks how you are")
    below, above = card.bounding_box(), question.bounding_box()
    assert below and above and below["y"] >= above["y"] + above["height"]
    student.find('.emotion:has([value="calm"])').tap()
    student.click("Got it")
    expect(card).to_have_count(0)
    expect(student.find(":checked")).to_have_value("calm")
    expect(student.find("#main")).to_be_focused()
    student.inside.get_by_role("button", name="Send").tap()
    expect(student.find("main.thanks h1")).to_be_visible()
    student.follow("a.masthead-name")
    student.shows("Check-ins")
    expect(card).to_have_count(0)
    student.click("What Reflect is")
    student.shows("What Reflect is")


def test_it_is_put_away_without_a_script(campus: Campus, script_blocked: BrowserContext) -> None:
    student = campus.frame(script_blocked, STUDENTS[1])
    student.press_through()
    student.click("Got it")
    student.shows("Check-ins")
    expect(student.find("#introduction")).to_have_count(0)
