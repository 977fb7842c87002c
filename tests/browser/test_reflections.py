"""My reflections in real browsers: taken along, and erased by keyboard."""

import json
from collections.abc import Callable
from pathlib import Path

from playwright.sync_api import BrowserContext, expect

from tests.browser.visits import STUDENTS, TEACHER, Campus, Visit

Contexts = Callable[..., BrowserContext]


def looked_back(context: BrowserContext, campus: Campus, student: str, question: str) -> Visit:
    """A student at their reflections, after one answer."""
    campus.frame(context, TEACHER).ask(question)
    visit = campus.frame(context, student)
    visit.answer(question, "calm")
    visit.follow("a.masthead-name")
    visit.shows("Check-ins")
    visit.click("My reflections")
    visit.shows("My reflections")
    return visit


def taken(visit: Visit) -> list[str]:
    with visit.page.expect_download() as download:
        visit.click("Download for computers (JSON)")
    assert download.value.suggested_filename == "my-reflections.json"
    return [one["answer"] for one in json.loads(Path(download.value.path()).read_text(encoding="utf-8"))["answers"]]


def test_answers_can_be_taken_along(campus: Campus, private: Contexts) -> None:
    assert "calm" in taken(looked_back(private(), campus, STUDENTS[1], "How was the download?"))


def test_answers_are_erased_by_keyboard_after_a_second_question(campus: Campus, private: Contexts) -> None:
    visit = looked_back(private(), campus, STUDENTS[2], "How was the eraser?")
    for words, heading in (("Erase my answers", "Erase my answers?"), ("Erase 1 answer", "My reflections")):
        found = visit.inside.get_by_role("link", name=words).or_(visit.inside.get_by_role("button", name=words)).first
        found.focus()
        visit.page.keyboard.press("Enter")
        visit.shows(heading)
    expect(visit.find(".invitation")).to_contain_text("Nothing here yet")
