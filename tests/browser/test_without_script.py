"""JavaScript off: plain forms, plain links, and a launch that goes on by itself or by a link."""

from collections.abc import Callable

from playwright.sync_api import BrowserContext, expect

from tests.browser.visits import STUDENTS, TEACHER, Campus, Visit

Contexts = Callable[..., BrowserContext]


def _launched(campus: Campus, context: BrowserContext, person: str) -> Visit:
    """Without script the campus's own two forms need a press each; Reflect's page between them goes on by itself."""
    visit = campus.frame(context, person)
    _press_continue(visit)
    _press_continue(visit)
    return visit


def _press_continue(visit: Visit) -> None:
    """Press the campus's button, and wait for the page that it leads to."""
    with visit.page.expect_event("framenavigated"):
        visit.find("form[data-send-at-once] button").click()


def test_the_journey_without_script(campus: Campus, private: Contexts) -> None:
    teacher = _launched(campus, private(java_script_enabled=False), TEACHER)
    teacher.ask("How was the paper?")
    student = _launched(campus, private(java_script_enabled=False), STUDENTS[0])
    student.answer("How was the paper?", "happy")
    student.click("Change my answer")
    student.choose("calm")
    student.shows("Thank you for telling us")
    teacher.click("Look again for new answers")
    teacher.sees_answers(1)
    expect(teacher.find(".people")).to_contain_text("calm")
    teacher.click("Close the check-in")
    teacher.shows("How was the paper?")
    teacher.click("Leave Reflect")
    teacher.shows("How is everyone, really?")


def test_without_script_and_without_cookies_the_way_on_is_said(campus: Campus, private: Contexts) -> None:
    browser = private(java_script_enabled=False)
    student = campus.frame(browser, STUDENTS[0])
    _press_continue(student)
    expect(student.find("form[data-send-at-once]")).to_be_visible()
    browser.clear_cookies()
    _press_continue(student)
    expect(student.inside.get_by_role("heading", name="Reflect needs a window of its own")).to_be_visible()
