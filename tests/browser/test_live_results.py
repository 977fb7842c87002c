"""The page that keeps itself up to date: quiet while nothing changes, and never in the way of who is using it."""

from collections.abc import Callable

from playwright.sync_api import BrowserContext, Response, expect

from tests.browser.browsers import Watch
from tests.browser.visits import STUDENTS, TEACHER, Campus, Visit

Contexts = Callable[..., BrowserContext]

COUNT_CHANGES = """
() => {
  window.changes = 0;
  new MutationObserver((seen) => { window.changes += seen.length; })
    .observe(document.querySelector("main"), { subtree: true, childList: true, characterData: true });
}
"""


def looks_of(visit: Visit) -> list[int]:
    """A list that fills with the statuses of the page's looks for new answers."""
    statuses: list[int] = []

    def note(response: Response) -> None:
        if "/results" in response.url:
            statuses.append(response.status)

    visit.page.on("response", note)
    return statuses


def test_nothing_moves_while_nothing_changes(campus: Campus, private: Contexts) -> None:
    teacher = campus.window(private(), TEACHER)
    teacher.ask("How was the quiet?")
    with teacher.page.expect_response("**/results?*"):
        pass
    looks = looks_of(teacher)
    teacher.frame.evaluate(COUNT_CHANGES)
    teacher.page.wait_for_timeout(4_500)
    assert looks and set(looks) == {304}
    assert teacher.frame.evaluate("window.changes") == 0


def test_an_answer_neither_takes_the_focus_nor_scrolls(campus: Campus, private: Contexts) -> None:
    for person in STUDENTS[1:3]:
        campus.window(private(), person)
    teacher = campus.window(private(viewport={"width": 640, "height": 240}), TEACHER)
    teacher.ask("How was the focus?")
    close = teacher.find(".results-close > summary")
    teacher.find(".awaited summary").click()
    close.evaluate("(button) => { button.isSame = true; button.focus(); scrollTo(0, 60); }")
    before = teacher.frame.evaluate("scrollY")
    assert before > 0
    campus.window(private(), STUDENTS[0]).answer("How was the focus?", "happy")
    teacher.sees_answers(1)
    expect(close).to_be_focused()
    expect(teacher.find(".awaited")).to_have_attribute("open", "")
    assert close.evaluate("(button) => button.isSame")
    assert teacher.frame.evaluate("scrollY") == before


def test_after_the_close_the_focus_is_on_the_page(campus: Campus, private: Contexts) -> None:
    teacher = campus.window(private(), TEACHER)
    teacher.ask("How was the end?")
    teacher.find(".results-close > summary").focus()
    for key in ("Enter", "Tab", "Enter"):
        teacher.page.keyboard.press(key)
    expect(teacher.find("#results .checkin-state")).to_have_text("Closed")
    expect(teacher.find("main")).to_be_focused()
    looks = looks_of(teacher)
    teacher.page.wait_for_timeout(2_500)
    assert looks == []


def test_what_can_be_done_with_it_keeps_up_with_what_became_of_it(campus: Campus, private: Contexts) -> None:
    teacher = campus.window(private(), TEACHER)
    teacher.ask("How was the way on?")
    expect(teacher.find("#changes a")).to_have_text("Edit")
    campus.window(private(), STUDENTS[3]).answer("How was the way on?", "happy")
    teacher.sees_answers(1)
    expect(teacher.find("#changes a")).to_have_count(0)
    teacher.close_checkin()
    expect(teacher.find("#ways-on a").last).to_have_text("Tell what changed")
    expect(teacher.find("#changes form[action*=archivals]")).to_have_count(1)
    teacher.click("Tell what changed")
    teacher.shows("What did you change because of these answers?")


def test_a_failed_look_passes_and_the_next_one_shows_what_happened(
    campus: Campus, private: Contexts, watch: Watch
) -> None:
    watch.expected = ("503", "ERR_FAILED", "htmx:error")
    browser = private()
    teacher = campus.window(browser, TEACHER)
    teacher.ask("How was the gap?")
    with teacher.page.expect_response(lambda response: response.status == 503):
        browser.route("**/results?*", lambda route: route.fulfill(status=503, body="<p>away</p>"))
    browser.unroute_all()
    browser.route("**/results?*", lambda route: route.abort())
    teacher.page.wait_for_timeout(2_500)
    teacher.shows("How was the gap?")
    browser.unroute_all()
    student = campus.window(private(), STUDENTS[0])
    student.answer("How was the gap?", "tired")
    teacher.sees_answers(1)


def test_a_session_that_ended_is_said_on_the_whole_page(campus: Campus, private: Contexts, watch: Watch) -> None:
    watch.expected = ("401",)
    browser = private()
    teacher = campus.window(browser, TEACHER)
    teacher.ask("How was the goodbye?")
    browser.clear_cookies()
    teacher.shows("Please open Reflect again")
