"""What a student sees before moving anything: the promise and a whole row of choices, also in a small frame on a phone."""

from collections.abc import Callable, Iterator
from pathlib import Path
from shutil import copy

import pytest
from playwright.sync_api import BrowserContext, expect

from tests.browser.answer_forms import fill, make
from tests.browser.browsers import Watch
from tests.browser.visits import STUDENTS, TEACHER, Campus, Visit
from tests.installation import installed

Contexts = Callable[..., BrowserContext]

FORMS = (
    ("words_core", "asks_note", 3),
    ("words_core", "simple_words", 2),
    ("faces", "simple_words", 5),
    ("grid", "", 5),
)
"""Each with a setting, and how many choices a row has on a phone."""
FRAMES = ((326, 555), (600, 550))
"""Width and height of an LMS's frame on a phone of 360 px, and of one beside another."""
FIRST_ROW = """
() => {
  const choices = [...document.querySelectorAll(".picker .emotion:not(.besides *)")];
  const box = (element) => element.getBoundingClientRect();
  const row = choices.filter((choice) => Math.abs(box(choice).top - box(choices[0]).top) < 2);
  const bar = document.querySelector(".picker-send");
  const end = getComputedStyle(bar).position === "fixed" ? box(bar).top : innerHeight;
  const isSeen = (part) => box(part).top >= 0 && box(part).bottom <= end;
  const words = row.map((choice) => choice.querySelector(".emotion-word") ?? choice);
  // A word that is broken in its middle takes more lines than it has words.
  const isBroken = (word) => Math.round(box(word).height / parseFloat(getComputedStyle(word).lineHeight))
    > word.textContent.trim().split(/\\s/).length;
  return {
    row: row.length,
    seen: [...row.map((choice) => choice.querySelector(".face")), ...words, document.querySelector(".receipt > p")].every(isSeen),
    broken: words.filter((word) => word.matches(".emotion-word") && isBroken(word)).map((word) => word.textContent),
  };
}
"""
CENTRES = """
() => [...document.querySelectorAll("main.thanks > :not(.class-totals)")].filter((part) => part.checkVisibility()).map((part) => {
  const words = new Range();
  words.selectNodeContents(part);
  const box = (part.matches("svg, section, ul") ? part : words).getBoundingClientRect(), page = document.documentElement.clientWidth;
  return Math.round(Math.abs((box.left + box.right) / 2 - page / 2));
})
"""


@pytest.fixture(scope="module")
def campus(sqlite_template: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Campus]:
    """A school in which nothing else is asked."""
    path = tmp_path_factory.mktemp("first-screens") / "reflect.db"
    copy(sqlite_template, path)
    with installed(f"sqlite:///{path}") as running:
        yield Campus.of(running)


@pytest.fixture(scope="module")
def asked() -> list[str]:
    """The questions of `FORMS`, once somebody has put them."""
    return []


@pytest.fixture
def student(campus: Campus, private: Contexts, asked: list[str]) -> Visit:
    """A student on the course's page, with one question of each form to answer."""
    if not asked:
        teacher = campus.window(private(), TEACHER)
        for number, (form, setting, _) in enumerate(FORMS):
            asked.append(f"How are you feeling today, {number}?")
            make(teacher, asked[-1], form, setting)
    visit = campus.window(private(viewport={"width": 326, "height": 555}), STUDENTS[0])
    visit.sees(".checkin")
    return visit


def speak(visit: Visit, language: str) -> None:
    """Choose a language, and go on at the course's page."""
    visit.turn_to("/languages")
    visit.follow(f'button[value="{language}"]')
    visit.turn_to("/app")


@pytest.mark.parametrize("language", ["en", "de", "ar"])
def test_the_first_screen_of_a_small_frame_shows_a_row_of_choices_whole(
    student: Visit, asked: list[str], language: str
) -> None:
    speak(student, language)
    for question, (form, setting, columns) in zip(asked, FORMS, strict=True):
        student.turn_to("/app")
        student.follow(student.inside.get_by_role("link", name=question))
        for width, height in FRAMES:
            student.page.set_viewport_size({"width": width, "height": height})
            found = student.page.evaluate(FIRST_ROW)
            assert found["row"] >= columns and found["seen"] and not found["broken"], (form, setting, width, found)


def test_what_was_not_sent_is_said_in_the_bar_and_nothing_is_lost(
    student: Visit, asked: list[str], watch: Watch
) -> None:
    speak(student, "en")
    watch.expected = ("422", "ERR_INTERNET_DISCONNECTED", "htmx:error")
    student.click(asked[0])
    prompt, first = student.find(".picker-prompt"), student.find('[name="choice"]').first
    student.click("Send")
    expect(prompt).to_have_text("Please choose an answer")
    expect(first).to_be_focused()
    student.find(".receipt summary").click()
    expect(student.find(".receipt li").last).to_contain_text("after the last visit")
    fill(student, "calm")
    expect(prompt).to_be_hidden()
    student.page.context.set_offline(True)
    student.click("Send")
    expect(prompt).to_have_text("Not sent yet. Please try again.")
    expect(prompt).to_be_visible()
    student.page.context.set_offline(False)
    note, count = student.find("#note"), student.find("#note-count")
    note.fill("🌻" * 500)
    expect(count).to_have_text("500 / 500")
    note.fill("🌻" * 501)
    expect(count).to_have_text("Your note can have at most 500 characters. 501 / 500")
    student.click("Send")
    expect(student.find("#choice-problem")).to_be_visible()
    expect(note).to_have_value("🌻" * 501)
    expect(student.find("#receipt-rest")).to_have_attribute("open", "")


def test_thanks_stand_in_one_column_at_every_width(student: Visit, asked: list[str]) -> None:
    speak(student, "en")
    student.click(asked[0])
    fill(student, "calm")
    student.click("Send")
    expect(student.find("main.thanks h1")).to_be_visible()
    for width in (360, 768, 1280):
        student.page.set_viewport_size({"width": width, "height": 800})
        for direction in ("ltr", "rtl"):
            student.page.evaluate("(direction) => { document.documentElement.dir = direction; }", direction)
            centres = student.page.evaluate(CENTRES)
            assert len(centres) > 5 and max(centres) <= 2, (width, direction, centres)
