"""The pages around a check-in's life, and those behind a wrong turn: drafts, series, the archive, the content dialog, refusals."""

from collections.abc import Iterator
from urllib.parse import urlsplit

from playwright.sync_api import BrowserContext, expect

from tests.browser.visits import ASSISTANT, TEACHER, Campus, Visit

Pages = Iterator[tuple[str, Visit]]


def pages(teacher: Visit, student: Visit, closed: int) -> Pages:
    """Each page with its name; the check-in `closed` is put away."""
    yield from _missing_one(teacher, student)
    yield from _drafting(teacher)
    yield from _repeating(teacher)
    yield from _putting_away(teacher, closed)
    yield from _stumbling(teacher, student, closed)


def _write(teacher: Visit, question: str) -> None:
    teacher.follow("a.masthead-name")
    teacher.click("New check-in")
    teacher.shows("New check-in")
    teacher.find('input[name="question_key"][value=""]').check()
    teacher.find("#question-own").fill(question)


def _missing_one(teacher: Visit, student: Visit) -> Pages:
    teacher.follow("a.masthead-name")
    teacher.ask("Who was away?")
    address = urlsplit(teacher.page.url).path
    teacher.close_checkin()
    expect(teacher.find("#results .checkin-state")).to_have_text(teacher.says("Closed"))
    yield "results-closed-without-an-answer", teacher
    student.turn_to(address)
    student.shows("This check-in is closed")
    yield "closed-for-a-student", student


def _drafting(teacher: Visit) -> Pages:
    _write(teacher, "What shall we ask when the fair is over?")
    teacher.find('input[name="when"][value="later"]').check()
    teacher.find("#opens_on").fill("2031-05-05T08:15")
    expect(teacher.find(".saved")).to_have_text(teacher.says("Saved as a draft."))
    yield "checkin-new-for-later", teacher
    teacher.click("Plan the check-in")
    teacher.shows("What shall we ask when the fair is over?")
    yield "results-of-a-planned-one", teacher
    teacher.click("Edit")
    teacher.shows("Edit the check-in")
    yield "checkin-edit", teacher
    teacher.page.go_back()
    teacher.follow('form[action*="/deletions"] button')
    expect(teacher.find(".undo")).to_be_visible()
    yield "course-with-a-deleted-one", teacher


def _repeating(teacher: Visit) -> Pages:
    _write(teacher, "With which feeling do you begin the week?")
    teacher.find('input[name="when"][value="repeat"]').check()
    teacher.find("#frequency").select_option("weekly")
    teacher.find('input[name="weekday-0"]').check()
    teacher.find('input[name="weekday-3"]').check()
    teacher.find("#opens_on").fill("2031-05-05T08:15")
    for summary in teacher.find(".when summary").all():
        summary.click()
    yield "checkin-new-again-and-again", teacher
    teacher.click("Plan the check-in")
    teacher.shows("Series")
    yield "series", teacher
    teacher.click("Edit this and all following")
    teacher.shows("Edit the series")
    yield "series-edit", teacher
    teacher.page.go_back()
    teacher.click("Pause")
    expect(teacher.find(".series").first).to_contain_text(teacher.says("paused"))
    yield "series-paused", teacher


def _putting_away(teacher: Visit, closed: int) -> Pages:
    teacher.turn_to("/courses/1/archivals")
    yield "archived-nothing", teacher
    teacher.turn_to(f"/checkins/{closed}")
    teacher.click("Archive")
    teacher.shows("Check-ins")
    teacher.click("Archived check-ins")
    teacher.shows("Archived check-ins")
    yield "archived", teacher
    teacher.follow(teacher.find(".checkin-link").first)
    expect(teacher.find("#results")).to_be_visible()
    yield "results-of-an-archived-one", teacher


def _stumbling(teacher: Visit, student: Visit, closed: int) -> Pages:
    student.turn_to(f"/checkins/{closed}")
    student.shows("There is nothing here")
    yield "archived-for-a-student", student
    student.click("All check-ins")
    student.shows("Check-ins")
    student.follow(student.find(f".checkin:has-text('{student.says('You answered')}') .checkin-link").first)
    student.click("Change my answer")
    expect(student.find(".picker")).to_be_visible()
    yield "answer-to-change", student
    student.turn_to("/courses/1/checkins/new")
    yield "refused-to-a-student", student
    teacher.turn_to("/checkins/999999")
    yield "missing", teacher
    teacher.turn_to("/courses/1/questions")
    teacher.find("#question").fill("")
    teacher.click("Keep it")
    expect(teacher.find(".problems")).to_be_visible()
    yield "own-questions-with-a-problem", teacher


def of_others(campus: Campus, context: BrowserContext) -> Pages:
    """What an assistant sees, and the content dialog, in windows of their own."""
    assistant = campus.window(context, ASSISTANT)
    assistant.shows("Check-ins")
    yield "course-of-an-assistant", assistant
    page = context.new_page()
    page.goto(f"{campus.address}/courses/2?as={TEACHER}")
    page.locator('a[href*="/content/new"]').first.click()
    launch = page.locator("iframe[name=content]").get_attribute("src")
    page.goto(f"{campus.address}{launch}")
    dialog = Visit(page, page)
    dialog.shows("What would you like to add?")
    yield "dialog", dialog
    dialog.click("Make a new check-in")
    dialog.shows("New check-in")
    yield "dialog-checkin-new", dialog
    dialog.find('input[name="question_key"][value=""]').check()
    dialog.find("#question-own").fill("How was the dialog?")
    dialog.click("Make it, and choose it")
    dialog.shows("What would you like to add?")
    yield "dialog-with-a-choice", dialog
