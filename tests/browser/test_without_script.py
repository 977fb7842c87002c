"""JavaScript off: plain forms, plain links, and a launch that goes on by itself or by a link."""

from playwright.sync_api import BrowserContext, expect

from tests.browser.visits import STUDENTS, TEACHER, Campus


def test_the_journey_without_script(campus: Campus, script_blocked: BrowserContext) -> None:
    teacher = campus.frame(script_blocked, TEACHER)
    teacher.press_through()
    teacher.ask("How was the paper?")
    student = campus.frame(script_blocked, STUDENTS[0])
    student.press_through()
    student.answer("How was the paper?", "happy")
    student.click("Change my answer")
    student.choose("calm")
    student.shows("Thank you for telling us")
    teacher.click("Look again for new answers")
    teacher.sees_answers(1)
    expect(teacher.find(".people")).to_contain_text("calm")
    teacher.close_checkin()
    teacher.shows("How was the paper?")
    teacher.click("Leave Reflect")
    teacher.shows("You have left Reflect")
