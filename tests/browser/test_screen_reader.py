"""What a screen reader is told: the tree that the browser builds for it, page by page."""

import re
import shutil
from collections.abc import Callable, Iterator
from itertools import pairwise
from pathlib import Path

import pytest
from playwright.sync_api import BrowserContext, expect

from tests.browser.answer_forms import FORMS, fill, make
from tests.browser.visits import STUDENTS, TEACHER, Campus, Visit
from tests.installation import installed

Contexts = Callable[..., BrowserContext]
CONTROL = re.compile(
    r"- '?(?:radio|button|link|textbox|combobox|checkbox|searchbox|spinbutton)(?P<name>(?: \"[^\"]+\")?)"
)
HEADING = re.compile(r"- '?heading .*\[level=(\d)\]")
FORMS_OF_ALL = {**FORMS, "words_full": ("calm", "", {})}


@pytest.fixture(scope="module")
def campus(sqlite_template: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Campus]:
    """A school in which nothing else is asked."""
    path = tmp_path_factory.mktemp("reader") / "reflect.db"
    shutil.copy(sqlite_template, path)
    with installed(f"sqlite:///{path}") as running:
        yield Campus.of(running)


@pytest.fixture
def both(campus: Campus, private: Contexts) -> tuple[Visit, Visit]:
    """A teacher and a student on their course's page, in windows of their own."""
    teacher, student = campus.window(private(), TEACHER), campus.window(private(), STUDENTS[0])
    teacher.shows("Check-ins")
    student.shows("Check-ins")
    return teacher, student


def tree(visit: Visit) -> str:
    """The page as it is told, sound: no control without a name, no picture without one, and headings in order."""
    told = visit.page.locator("body").aria_snapshot()
    nameless = [found[0] for found in CONTROL.finditer(told) if not found["name"]]
    assert nameless == []
    assert not re.search(r"- img\s*(?:\n|$)", told), "a picture without a name is told of"
    levels = [int(level) for level in HEADING.findall(told)]
    assert levels[0] == 1
    assert levels.count(1) == 1
    assert all(later <= before + 1 for before, later in pairwise(levels)), levels
    return told


@pytest.mark.parametrize("form", FORMS_OF_ALL)
def test_each_way_of_answering_is_told_from_the_receipt_to_the_thanks(both: tuple[Visit, Visit], form: str) -> None:
    teacher, student = both
    choice, setting, labels = FORMS_OF_ALL[form]
    question = f"Who hears the {form}?"
    make(teacher, question, form, setting, labels)
    student.follow("a.masthead-name")
    student.follow(student.inside.get_by_role("link", name=question, exact=True))
    student.shows(question)
    told = tree(student)
    receipt, choices = told.index('region "Your teachers see your answer"'), told.index("- radio")
    assert told.index(f'heading "{question}" [level=1]') < receipt < choices < told.index('button "Send"')
    for radio in student.page.get_by_role("radio").all():
        word = (
            radio.locator("xpath=..").inner_text() if form == "grid" else radio.locator("~ .emotion-word").inner_text()
        )
        expect(radio).to_have_accessible_name(re.compile(f"^{re.escape(word.strip())}$", re.IGNORECASE))
    fill(student, choice)
    expect(student.find(f'[value="{choice}"]')).to_be_checked()
    assert tree(student).count("[checked]") == 1
    student.click("Send")
    expect(student.find("main.thanks")).to_be_focused()
    expect(student.page.get_by_role("status").last).to_have_text("Thank you for telling us")
    expect(student.page).to_have_title("Thank you for telling us · Reflect")
    assert 'heading "Thank you for telling us" [level=1]' in tree(student)
    teacher.sees_answers(1)
    assert "- table" in tree(teacher)
    expect(teacher.page.get_by_role("table").first).to_have_accessible_name(re.compile("^How many chose each"))


def test_the_hint_of_a_feeling_is_heard_after_its_name(both: tuple[Visit, Visit]) -> None:
    teacher, student = both
    make(teacher, "Who hears the hint?", "words_core")
    student.follow("a.masthead-name")
    calm = student.page.get_by_role("radio", name="calm", exact=True)
    expect(calm).to_have_accessible_description(re.compile(r"\w+ \w+"))


def test_the_teachers_form_is_told_in_groups_with_short_names(both: tuple[Visit, Visit]) -> None:
    teacher, _ = both
    teacher.click("New check-in")
    teacher.shows("New check-in")
    told = tree(teacher)
    groups = [told.index(f'group "{name}"') for name in ("What would you like to ask?", "How do they answer?", "When?")]
    assert groups == sorted(groups)
    assert told.index('button "Open the check-in"') > groups[-1]
    expect(teacher.page.get_by_role("radio", name="Five faces", exact=True)).to_have_accessible_description(
        re.compile("For the youngest")
    )


def test_talking_presenting_and_the_course_are_told(both: tuple[Visit, Visit]) -> None:
    teacher, student = both
    student.click("I’d like to talk")
    student.shows("I’d like to talk")
    told = tree(student)
    assert told.index('group "To whom?"') < told.index("- textbox") < told.index('button "Send"')
    make(teacher, "Who hears the wall?", "faces")
    teacher.click("Present")
    expect(teacher.find(".wall-number")).to_be_visible()
    assert "- status" in tree(teacher)
    teacher.click("Reveal the results")
    expect(teacher.find("[data-reveal]")).to_have_text("Hide the results")
    tree(teacher)
    teacher.click("Leave the presentation")
    teacher.click("All check-ins")
    teacher.shows("Check-ins")
    tree(teacher)
