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


def test_no_word_is_too_long_for_a_phone(campus: Campus, private: Contexts) -> None:
    question = "How was the " + "Donaudampfschifffahrtsgesellschaft" * 4 + "?"
    visit = looked_back(private(viewport={"width": 360, "height": 740}), campus, STUDENTS[5], question)
    answers = "[aria-labelledby=answers-title] .listed"  # who opened them may be listed already, too
    expect(visit.find(answers)).to_contain_text("Donaudampf")
    width = visit.frame.evaluate("[document.documentElement.scrollWidth, document.documentElement.clientWidth]")
    assert width[0] <= width[1]
    lines = "(cell) => { const all = document.createRange(); all.selectNodeContents(cell); return all.getClientRects().length; }"
    assert (
        visit.find(f"{answers} td:last-child").first.evaluate(lines) == 1
    )  # a short word is not broken for a long one


def test_answers_are_erased_by_keyboard_after_a_second_question(campus: Campus, private: Contexts) -> None:
    visit = looked_back(private(), campus, STUDENTS[2], "How was the eraser?")
    for words, heading in (("Erase my answers", "Erase my answers?"), ("Erase 1 answer", "My reflections")):
        found = visit.inside.get_by_role("link", name=words).or_(visit.inside.get_by_role("button", name=words)).first
        found.focus()
        visit.page.keyboard.press("Enter")
        visit.shows(heading)
    expect(visit.find(".invitation")).to_contain_text("Nothing here yet")
