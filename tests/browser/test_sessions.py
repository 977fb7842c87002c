"""Before a session goes quiet a note says so, calmly, and one press keeps it; nothing waits for a real hour."""

from collections.abc import Callable

from playwright.sync_api import BrowserContext, expect

from tests.browser.visits import STUDENTS, TEACHER, Campus, Visit

Contexts = Callable[..., BrowserContext]


def writing(campus: Campus, context: BrowserContext, student: str) -> Visit:
    """A student who has begun to write; from now on the page's clock only moves when it is told to."""
    visit = campus.window(context, student)
    visit.page.clock.install()
    visit.click("I’d like to talk")
    visit.shows("I’d like to talk")
    visit.find("#message").fill("It is long")
    return visit


def test_a_note_comes_before_the_end_and_one_press_keeps_the_session(campus: Campus, private: Contexts) -> None:
    student = writing(campus, private(), STUDENTS[7])
    place, note = student.find("#lasting"), student.find("#lasting .note")
    expect(place).to_have_attribute("role", "status")
    student.page.clock.fast_forward("53:00")
    expect(note).to_have_count(0)
    student.page.clock.fast_forward("01:30")
    expect(note).to_contain_text("Reflect will soon close this page")
    expect(student.find("#message")).to_be_focused()
    with student.page.expect_response(lambda response: response.request.method == "HEAD" and response.ok):
        note.get_by_role("button", name="Stay here").click()
    expect(note).to_have_count(0)
    student.page.clock.fast_forward("53:00")
    expect(note).to_have_count(0)
    student.page.clock.fast_forward("01:30")
    expect(note).to_be_visible()
    expect(student.find("#message")).to_have_value("It is long")


def test_the_end_of_the_day_is_told_without_a_button(campus: Campus, private: Contexts) -> None:
    student = writing(campus, private(), STUDENTS[7])
    for _ in range(10):  # seven and a half hours of writing
        student.page.clock.fast_forward("45:00")
        with student.page.expect_response(lambda response: response.request.method == "HEAD" and response.ok):
            student.find("#message").press_sequentially(".")
    expect(student.find("#lasting .note")).to_have_count(0)
    student.page.clock.fast_forward("26:00")
    expect(student.find("#lasting .note")).to_be_visible()
    expect(student.find("#lasting button")).to_have_count(0)


def test_the_wall_of_a_room_is_never_told(campus: Campus, private: Contexts) -> None:
    teacher = campus.window(private(), TEACHER)
    teacher.ask("Who looks at the wall?")
    expect(teacher.find("#lasting")).to_have_count(1)
    teacher.click("Present")
    teacher.sees(".wall")
    expect(teacher.find("#lasting, #lasting-words")).to_have_count(0)
