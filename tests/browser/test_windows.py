"""A window of its own for the wall, out of the LMS's frame, where the frame's cookies do not come along."""

from playwright.sync_api import BrowserContext, expect

from tests.browser.browsers import Watch
from tests.browser.visits import STUDENTS, TEACHER, Campus, Visit


def out_of_the_frame(browser: BrowserContext, teacher: Visit) -> Visit:
    """Press the button; what the new window shows."""
    with browser.expect_page() as opened:
        teacher.click("Open in a new window")
    return Visit(opened.value, opened.value)


def test_the_wall_is_live_in_a_window_of_its_own_where_third_party_cookies_are_blocked(
    campus: Campus, third_party_blocked: BrowserContext, watch: Watch
) -> None:
    question = "Can the back row read it?"
    teacher = campus.frame(third_party_blocked, TEACHER)
    teacher.ask(question)
    teacher.click("Present")
    wall = out_of_the_frame(third_party_blocked, teacher)
    expect(wall.find("h1")).to_have_text(question)
    expect(wall.find(".wall-number")).to_have_text("0")
    assert wall.page.evaluate("window.opener") is None
    expect(wall.find("#window-offer")).to_have_count(0)
    student = campus.frame(third_party_blocked, STUDENTS[4])
    student.answer(question, "calm")
    expect(wall.find(".wall-number")).to_have_text("1", timeout=6_000)
    expect(teacher.find(".wall-number")).to_have_text("1", timeout=6_000)
    assert not [url for url in watch.requests if "handover" in url]
    wall.page.reload()
    wall.click("Leave the presentation")
    wall.shows(question)


def test_it_opens_as_many_windows_as_one_presses_for_and_keeps_the_focus(
    campus: Campus, third_party_blocked: BrowserContext
) -> None:
    teacher = campus.frame(third_party_blocked, TEACHER)
    teacher.ask("Twice?")
    teacher.click("Present")
    handover = teacher.find("#handover")
    for _ in range(2):
        before = handover.input_value()
        wall = out_of_the_frame(third_party_blocked, teacher)
        expect(wall.find("h1")).to_have_text("Twice?")
        expect(handover).not_to_have_value(before)
        expect(teacher.find("#window-form button")).to_be_focused()


def test_it_needs_no_script(campus: Campus, script_blocked: BrowserContext) -> None:
    teacher = campus.frame(script_blocked, TEACHER)
    teacher.press_through()
    teacher.ask("Without script?")
    teacher.click("Present")
    wall = out_of_the_frame(script_blocked, teacher)
    expect(wall.find("h1")).to_have_text("Without script?")
