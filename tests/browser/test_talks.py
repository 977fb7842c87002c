"""I'd like to talk: in the LMS's frame on a phone, by keyboard alone, and without script."""

from collections.abc import Callable

from playwright.sync_api import BrowserContext, expect

from tests.browser.visits import STUDENTS, TEACHER, Campus, Visit

Contexts = Callable[..., BrowserContext]
ENTRY = "a.talk-entry"


def tab_to(visit: Visit, selector: str) -> None:
    """Press Tab until the focus is there."""
    for _ in range(60):
        visit.page.keyboard.press("Tab")
        if visit.frame.evaluate("(selector) => document.activeElement.matches(selector)", selector):
            return
    raise AssertionError(f"Tab never came to {selector}")


def with_a_clock(context: BrowserContext) -> BrowserContext:
    """Windows whose clock the test may put forward."""
    context.clock.install()
    return context


def look_again(teacher: Visit) -> None:
    """Let the seconds pass until an inbox brings itself up to date."""
    teacher.page.clock.fast_forward(15_000)


def press_enter(visit: Visit) -> None:
    """Press Enter on what leads to another page."""
    with visit.leaving():
        visit.page.keyboard.press("Enter")


def test_the_way_is_in_sight_on_a_phone_in_the_frame(campus: Campus, private: Contexts) -> None:
    campus.frame(private(), TEACHER).ask("How was the phone?")
    student = campus.frame(private(viewport={"width": 360, "height": 740}), STUDENTS[1])
    for question in ("", "How was the phone?"):
        if question:
            student.click(question)
            student.shows(question)
        expect(student.find(ENTRY)).to_be_visible()
        student.frame.evaluate("scrollTo(0, document.body.scrollHeight)")
        assert student.frame.evaluate("scrollY") > 0 or not question
        place = student.frame.evaluate(f"document.querySelector('{ENTRY}').getBoundingClientRect().toJSON()")
        width = student.frame.evaluate("document.documentElement.clientWidth")
        assert place["top"] >= 0 and place["left"] >= 0 and place["right"] <= width and place["height"] >= 44
        assert student.frame.evaluate("document.documentElement.scrollWidth") <= width


def test_a_student_asks_by_keyboard_alone_and_hears_back(campus: Campus, private: Contexts) -> None:
    teacher = campus.frame(with_a_clock(private()), TEACHER)
    student = campus.frame(private(), STUDENTS[2])
    student.shows("Check-ins")
    tab_to(student, ENTRY)
    press_enter(student)
    student.shows("I’d like to talk")
    tab_to(student, "input[name=adult]")
    for _ in range(10):
        student.page.keyboard.press("ArrowDown")
        if student.find(".choice:has(:checked)").first.inner_text().startswith("Wren Storybook"):
            break
    tab_to(student, "#message")
    student.page.keyboard.type("About the keys.")
    tab_to(student, ".talk-form button")
    press_enter(student)
    student.shows("To Wren Storybook")

    look_again(teacher)
    expect(teacher.find("#inbox")).to_contain_text("would like to talk")
    teacher.find("#inbox summary").focus()
    teacher.page.keyboard.press("Enter")
    tab_to(teacher, "#inbox .talk a")
    press_enter(teacher)
    expect(teacher.find(".talk-message")).to_have_text("About the keys.")
    tab_to(teacher, "button[formaction*=sightings]")
    press_enter(teacher)
    expect(teacher.find("button[formaction*=sightings]")).to_have_count(0)
    tab_to(teacher, "#word")
    teacher.page.keyboard.type("At break, by the oak.")
    tab_to(teacher, "form[action*=closures] button:not([formaction])")
    press_enter(teacher)
    expect(teacher.find("#word")).to_have_count(0)

    student.click("I’d like to talk")
    student.click("To Wren Storybook")
    expect(student.find(".story")).to_contain_text("Wren Storybook says: I have seen it")
    expect(student.find(".talk-message").last).to_have_text("At break, by the oak.")


def test_an_open_inbox_stays_open_when_it_brings_itself_up_to_date(campus: Campus, private: Contexts) -> None:
    teacher = campus.window(with_a_clock(private()), TEACHER)
    teacher.shows("Check-ins")
    first, second = campus.window(private(), STUDENTS[3]), campus.window(private(), STUDENTS[4])
    for student, message in ((first, "About the first thing."), (second, "About the second thing.")):
        student.click("I’d like to talk")
        student.find("#message").fill(message)
        student.click("Send")
        expect(student.find(".story")).to_be_visible()
        look_again(teacher)
        if student is first:
            expect(teacher.find("#inbox summary")).to_be_visible()
            teacher.find("#inbox summary").click()
            before = teacher.find("#inbox .talk").count()
    expect(teacher.find("#inbox .talk")).to_have_count(before + 1)
    expect(teacher.find("#inbox details")).to_have_attribute("open", "")


def test_without_script_it_is_asked_taken_back_and_closed(campus: Campus, script_blocked: BrowserContext) -> None:
    teacher = campus.frame(script_blocked, TEACHER)
    teacher.press_through()
    teacher.shows("Check-ins")
    student = campus.frame(script_blocked, STUDENTS[6])
    student.press_through()
    student.click("I’d like to talk")
    student.click("Send")
    expect(student.find(".story")).to_contain_text("You sent it")
    student.click("Take it back")
    expect(student.find(".talks")).to_have_count(0)
    student.find("#message").fill("About the paper.")
    student.click("Send")
    expect(student.find(".story")).to_be_visible()
    teacher.follow("a.masthead-name")
    teacher.find("#inbox summary").click()
    teacher.follow(teacher.inside.get_by_role("link", name="Maximiliana"))
    expect(teacher.find(".talk-message")).to_have_text("About the paper.")
    teacher.click("Close it")
    expect(teacher.find(".story")).to_contain_text("Wren Storybook closed it")
