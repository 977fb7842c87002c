"""The content dialog in real browsers: a teacher makes a check-in inside it, and the class answers it."""

import re
from collections.abc import Callable

from playwright.sync_api import BrowserContext, expect

from tests.browser.browsers import Watch
from tests.browser.test_lost_cookies import bare_campus, cookieless  # noqa: F401  (fixtures)
from tests.browser.visits import STUDENTS, TEACHER, Campus, Visit

Contexts = Callable[..., BrowserContext]


def opens_dialog(campus: Campus, context: BrowserContext) -> Visit:
    """Open the dialog from the course's page."""
    page = context.new_page()
    page.goto(f"{campus.address}/courses/2?as={TEACHER}")
    page.get_by_role("link", name="Add an activity from Reflect").click()
    dialog = Visit(page, page.frame_locator("iframe[name=content]"), "content")
    dialog.shows("What would you like to add?")
    return dialog


def adds(campus: Campus, context: BrowserContext, question: str) -> Visit:
    """Make a check-in in the dialog, add it with a mark, and open its activity."""
    dialog = opens_dialog(campus, context)
    dialog.click("Make a new check-in")
    dialog.find('input[name="question_key"][value=""]').check()
    dialog.find("#question-own").fill(question)
    dialog.click("Make it, and choose it")
    dialog.shows("What would you like to add?")
    expect(dialog.inside.get_by_label(question)).to_be_checked()
    dialog.find('input[name="gives_mark"]').check()
    dialog.click("Add to the course")
    expect(dialog.page).to_have_url(f"{campus.address}/courses/2?as={TEACHER}")
    row = dialog.page.locator("li.row", has=dialog.page.get_by_role("heading", name=question))
    row.get_by_role("link", name="Open it", exact=True).click()
    teacher = Visit(dialog.page, dialog.page.frame_locator("iframe[name=activity]"), "activity")
    teacher.shows(question)
    return teacher


def activity_of(teacher: Visit) -> str:
    """The number of the activity that a page shows."""
    found = re.search(r"/activities/(\d+)", teacher.page.url)
    assert found
    return found[1]


def test_a_check_in_is_made_in_the_dialog_answered_and_marked(campus: Campus, private: Contexts) -> None:
    question = "How was the lighthouse?"
    teacher = adds(campus, private(), question)
    student = campus.frame(private(), STUDENTS[0], activity=activity_of(teacher))
    student.shows(question)
    student.choose("calm")
    expect(student.find("main.thanks h1")).to_be_visible()
    teacher.sees_answers(1)
    marks = private().new_page()

    def has_mark() -> bool:
        marks.goto(f"{campus.address}/courses/2/gradebook?as={TEACHER}")
        return marks.locator(f'tr[data-student="{STUDENTS[0]}"]').get_by_text("1 / 1").count() == 1

    for _ in range(60):
        if has_mark():
            return
        marks.wait_for_timeout(500)
    raise AssertionError("The mark did not come.")


def test_where_cookies_of_other_sites_are_allowed(campus: Campus, third_party_allowed: BrowserContext) -> None:
    adds(campus, third_party_allowed, "How was the harbour?")


def test_where_cookies_of_other_sites_are_blocked(campus: Campus, third_party_blocked: BrowserContext) -> None:
    adds(campus, third_party_blocked, "How was the island?")


def test_where_no_cookie_is_kept_at_all(bare_campus: Campus, cookieless: BrowserContext) -> None:  # noqa: F811
    adds(bare_campus, cookieless, "How was the reef?")


def test_cancel_goes_back_to_the_course_and_adds_nothing(campus: Campus, private: Contexts) -> None:
    context = private()
    page = context.new_page()
    page.goto(f"{campus.address}/courses/2?as={TEACHER}")
    before = page.locator("li.row").count()
    dialog = opens_dialog(campus, context)
    dialog.click("Cancel")
    expect(dialog.page).to_have_url(f"{campus.address}/courses/2?as={TEACHER}")
    expect(dialog.page.locator("li.row")).to_have_count(before)


def test_dates_are_typed_in_the_readers_own_zone(campus: Campus, private: Contexts, watch: Watch) -> None:
    watch.expected = ("422",)
    dialog = opens_dialog(campus, private(timezone_id="Asia/Kolkata"))
    dialog.find(".periods summary").click()
    expect(dialog.find("[data-zone]")).to_have_text(re.compile("^Asia/(Kolkata|Calcutta)$"))
    dialog.find("#available_from").fill("2026-07-02T08:00")
    dialog.find("#available_until").fill("2026-07-01T08:00")
    dialog.click("Add to the course")
    expect(dialog.inside.get_by_role("alert")).to_contain_text("This must be later than the beginning.")
    expect(dialog.find("#available_from")).to_have_value("2026-07-02T08:00")
    dialog.find("#available_until").fill("2026-07-03T08:00")
    dialog.click("Add to the course")
    expect(dialog.page).to_have_url(f"{campus.address}/courses/2?as={TEACHER}")


def test_a_copied_course_brings_its_check_ins_over(campus: Campus, private: Contexts) -> None:
    adds(campus, private(), "How was the cave?")
    page = private().new_page()
    page.goto(f"{campus.address}/courses/2?as={TEACHER}")
    page.get_by_role("button", name="Copy this course").click()
    expect(page.get_by_role("heading", level=1)).to_have_text("Class 7B: homeroom (copy)")
    page.get_by_role("link", name="Open it", exact=True).first.click()
    teacher = Visit(page, page.frame_locator("iframe[name=activity]"), "activity")
    teacher.click("Bring them over")
    expect(teacher.inside.get_by_role("article").filter(has_text="How was the cave?")).to_contain_text("Not open yet")
