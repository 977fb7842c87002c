"""Sharing in a real browser: copying inside the LMS's frame, the wall by keyboard, and guests without script."""

import re
from collections.abc import Callable

import pytest
from playwright.sync_api import BrowserContext, expect

from tests.browser.visits import STUDENTS, TEACHER, Campus, Visit

Contexts = Callable[..., BrowserContext]


def opened(teacher: Visit, question: str) -> str:
    """Ask anonymously and open it to guests; their address."""
    teacher.ask(question, anonymity="anonymous")
    teacher.click("Share")
    teacher.shows("Share this check-in")
    teacher.click("Open it to guests")
    expect(teacher.find(".qr-picture")).to_be_visible()
    return teacher.find(".copied-value").inner_text()


def test_the_address_is_copied_though_the_frame_may_not_use_the_clipboard(campus: Campus, private: Contexts) -> None:
    teacher = campus.frame(private(), TEACHER)
    opened(teacher, "Who is there?")
    button = teacher.find("[data-copy]")
    expect(button).to_be_visible()
    button.click()
    expect(button).to_contain_text("Copied")


def test_a_guest_without_script_answers_in_a_plain_tab(campus: Campus, private: Contexts) -> None:
    address = opened(campus.window(private(), TEACHER), "And you?")
    page = private(java_script_enabled=False).new_page()
    page.goto(address)
    guest = Visit(page, page)
    guest.shows("And you?")
    guest.choose("calm")
    guest.shows("Thank you, your answer is in")
    page.goto(address)
    guest.shows("This browser has answered")


def test_space_reveals_and_the_countdown_goes_on(campus: Campus, private: Contexts) -> None:
    teacher = campus.window(private(), TEACHER)
    teacher.ask("How was the wall?")
    teacher.click("Present")
    teacher.click("2 minutes")
    expect(teacher.find("[role=timer]")).to_have_text(re.compile(r"^[01]:[0-5]\d$"))
    teacher.page.keyboard.press("Space")
    expect(teacher.find("[data-reveal]")).to_have_text("Hide the results")
    assert "revealed=yes" in teacher.page.url
    assert "until=" in teacher.page.url
    teacher.page.reload()
    expect(teacher.find("[role=timer]")).to_be_visible()
    expect(teacher.find("[data-reveal]")).to_have_text("Hide the results")
    teacher.page.keyboard.press("Space")
    expect(teacher.find("[data-reveal]")).to_have_text("Reveal the results")


@pytest.mark.parametrize(("width", "height"), [(1280, 720), (1920, 1080)])
def test_the_wall_is_live_and_fits_a_projector(campus: Campus, private: Contexts, width: int, height: int) -> None:
    teacher = campus.window(private(), TEACHER)
    question = f"Does it fit on {width}?"
    teacher.ask(question)
    teacher.click("Present")
    teacher.page.set_viewport_size({"width": width, "height": height})
    expect(teacher.find(".wall-number")).to_have_text("0")
    student = campus.window(private(), STUDENTS[0])
    student.answer(question, "calm")
    expect(teacher.find(".wall-number")).to_have_text("1", timeout=6_000)
    assert teacher.page.evaluate("document.documentElement.scrollHeight") <= height
