"""One browser, several tabs: each keeps its own course and role, through reloads and Back."""

from collections.abc import Callable

from playwright.sync_api import BrowserContext, expect

from tests.browser.visits import ASSISTANT, STUDENTS, TEACHER, Campus, Visit

Contexts = Callable[..., BrowserContext]


def test_two_tabs_keep_two_courses_and_two_roles(campus: Campus, private: Contexts) -> None:
    browser = private()
    helping = campus.frame(browser, ASSISTANT, course="2", activity="1")
    learning = campus.frame(browser, ASSISTANT, course="3", activity="3")
    for _ in range(2):
        expect(helping.find(".masthead-course")).to_have_text("Class 7B: homeroom")
        expect(learning.find(".masthead-course")).to_have_text("Maps of places that never were")
        expect(learning.find("h2").or_(learning.find(".checkin")).first).to_be_visible()
        with helping.leaving():
            helping.frame.evaluate("location.reload()")
        with learning.leaving():
            learning.frame.evaluate("location.reload()")


def test_a_teacher_and_a_student_share_one_page(campus: Campus, third_party_blocked: BrowserContext) -> None:
    page = third_party_blocked.new_page()
    page.goto(f"{campus.address}/courses/2/activities/1/side-by-side")
    teacher, student = (Visit(page, page.frame_locator(f"iframe[name={side}]"), side) for side in ("left", "right"))
    teacher.ask("How was the bench?")
    student.follow("a.masthead-name")
    student.answer("How was the bench?", "happy")
    teacher.sees_answers(1)
    expect(student.find("a[href*='/checkins/new']")).to_have_count(0)


def test_reload_and_back_in_a_frame(campus: Campus, private: Contexts) -> None:
    teacher = campus.frame(private(), TEACHER)
    teacher.ask("How was the way back?")
    with teacher.leaving():
        teacher.frame.evaluate("location.reload()")
    teacher.shows("How was the way back?")
    teacher.click("All check-ins")
    teacher.shows("Check-ins")
    with teacher.leaving():
        teacher.frame.evaluate("history.back()")
    teacher.shows("How was the way back?")
    teacher.page.reload()
    teacher.shows("Check-ins")


def test_a_reload_after_an_answer_sends_nothing_again(campus: Campus, private: Contexts) -> None:
    browser = private()
    campus.frame(browser, TEACHER).ask("How was the once?")
    student = campus.frame(browser, STUDENTS[0])
    student.answer("How was the once?", "sad")
    with student.leaving():
        student.frame.evaluate("location.reload()")
    student.shows("Thank you for telling us")
    with student.leaving():
        student.frame.evaluate("history.back()")
    student.shows("Check-ins")
