"""A form that saves itself while it is filled in, also over a connection that fails; and without script by a button."""

import re
import time

from playwright.sync_api import BrowserContext, Dialog, Locator, Route, expect

from tests.browser.browsers import Watch
from tests.browser.conftest import Contexts
from tests.browser.visits import TEACHER, Campus, Visit


def test_arrow_keys_pass_by_own_words_and_a_press_begins_to_write_them(campus: Campus, private: Contexts) -> None:
    teacher = campus.window(private(), TEACHER)
    teacher.click("New check-in")
    teacher.shows("New check-in")
    own = teacher.find('input[name="question_key"][value=""]')
    own.focus()
    for key in ("ArrowDown", "ArrowUp"):
        teacher.page.keyboard.press(key)
    expect(own).to_be_checked()
    expect(own).to_be_focused()
    teacher.page.keyboard.press("ArrowDown")
    expect(own).not_to_be_checked()
    teacher.find('label:has(input[name="question_key"][value=""])').click()
    expect(teacher.find("#question-own")).to_be_focused()


def test_nothing_is_lost_when_the_connection_drops(campus: Campus, private: Contexts, watch: Watch) -> None:
    context = private()
    teacher = campus.window(context, TEACHER)
    teacher.click("New check-in")
    teacher.shows("New check-in")
    teacher.find('input[name="question_key"][value=""]').check()
    teacher.find("#question-own").fill("Saved while I type?")
    expect(teacher.find(".saved")).to_have_text("Saved as a draft.")

    def drop(route: Route) -> None:
        route.abort("connectionfailed")

    context.route("**/autosaves*", drop)
    teacher.find("#question-own").fill("Saved while I type, and later?")
    expect(teacher.find(".saved")).to_contain_text("Not saved just now")
    expect(teacher.find("#question-own")).to_have_value("Saved while I type, and later?")
    context.unroute("**/autosaves*", drop)
    expect(teacher.find(".saved")).to_have_text("Saved as a draft.")
    teacher.click("All check-ins")
    expect(teacher.find(".checkin").filter(has_text="Saved while I type, and later?")).to_have_count(1)
    expect(teacher.find(".checkin").filter(has_text="Saved while I type?")).to_have_count(0)
    # The browser itself complains of the connection; nothing else may have gone wrong.
    assert len(watch.complaints) >= 1
    assert all("console error" in complaint for complaint in watch.complaints)
    watch.complaints.clear()


def test_without_script_a_draft_is_saved_by_its_button(campus: Campus, script_blocked: BrowserContext) -> None:
    teacher = campus.frame(script_blocked, TEACHER)
    teacher.press_through()
    teacher.click("New check-in")
    teacher.find('input[name="question_key"][value=""]').check()
    teacher.find("#question-own").fill("Kept without script?")
    teacher.click("Save as a draft")
    teacher.shows("Kept without script?")
    expect(teacher.find(".checkin-state").first).to_have_text("Not open yet")
    teacher.follow('form[action*="/deletions"] button')
    teacher.shows("Check-ins")
    teacher.click("Undo")
    teacher.shows("Check-ins")
    expect(teacher.find(".checkin").filter(has_text="Kept without script?")).to_have_count(1)


def test_the_hint_of_time_follows_the_groups_as_they_are_ticked(campus: Campus, private: Contexts) -> None:
    teacher = campus.window(private(), TEACHER)
    teacher.shows("Check-ins")
    deadline = time.monotonic() + 60
    while not teacher.find("a").filter(has_text="3 groups").count():
        # The roster, which says who is in which group, comes after the teacher's first visit.
        assert time.monotonic() < deadline
        teacher.page.wait_for_timeout(500)
        teacher.page.reload()
        teacher.shows("Check-ins")
    teacher.click("New check-in")
    teacher.find("summary").filter(has_text="Time to follow up").click()
    teacher.find("#follow_ups").fill("1")
    hint = teacher.find("#capacity")
    expect(hint).to_contain_text(re.compile(r"This course has \d+ students, and you set aside time for 1 a day"))
    teacher.find('input[name^="group-"]').first.check()
    expect(hint).to_contain_text(
        re.compile(r"The groups you chose have \d+ students, and you set aside time for 1 a day")
    )
    teacher.find('input[name="anonymity"][value="anonymous"]').check()
    expect(hint).to_be_hidden()
    teacher.find('input[name="anonymity"][value="named"]').check()
    teacher.find("#follow_ups").fill("99")
    expect(hint).to_be_hidden()


def planned(teacher: Visit, question: str) -> str:
    """Plan a check-in, from the course's page on; the key of the form that it was made with."""
    teacher.click("New check-in")
    teacher.shows("New check-in")
    teacher.find('input[name="question_key"][value=""]').check()
    teacher.find("#question-own").fill(question)
    teacher.find('input[name="when"][value="later"]').check()
    teacher.find("#opens_on").fill("2031-05-05T08:15")
    key = teacher.find('input[name="draft_key"]').input_value()
    teacher.click("Plan the check-in")
    teacher.shows(question)
    return key


def half_changed(teacher: Visit) -> None:
    """Plan a check-in, and begin to change it."""
    planned(teacher, "Planned as it is?")
    teacher.click("Edit")
    teacher.shows("Edit the check-in")
    teacher.find("#question-own").fill("Half a que")


def stays(teacher: Visit, press: Locator) -> str:
    """Press what leads away, and stay when asked; the question."""
    asked = []

    def stay(dialog: Dialog) -> None:
        asked.append(dialog.message or dialog.type)
        dialog.dismiss()

    with teacher.page.expect_event("dialog"):
        teacher.page.once("dialog", stay)
        press.click(no_wait_after=True)
    expect(teacher.find("#question-own")).to_have_value("Half a que")
    (question,) = asked
    return question


def test_what_was_typed_into_a_planned_one_is_not_left_behind_without_a_question(
    campus: Campus, private: Contexts
) -> None:
    teacher = campus.window(private(), TEACHER)
    half_changed(teacher)
    expect(teacher.find(".form-send .button:visible > :visible")).to_have_text("Save")
    assert stays(teacher, teacher.find(".back a")) == "beforeunload"
    teacher.find("#question-own").fill("Whole?")
    teacher.click("Save")  # a question that nobody answers would keep the page
    teacher.shows("Whole?")


def test_the_form_that_a_planned_one_was_made_with_says_what_it_keeps_and_asks_before_it_is_left(
    campus: Campus, private: Contexts
) -> None:
    teacher = campus.window(private(), TEACHER)
    key = planned(teacher, "Planned, and back?")
    teacher.click("All check-ins")
    teacher.click("New check-in")
    teacher.shows("New check-in")
    # To a browser that keeps its pages Back gives the form as it was; this one would load it anew.
    teacher.find('input[name="draft_key"]').evaluate("(field, key) => (field.value = key)", key)
    teacher.find('input[name="question_key"][value=""]').check()
    teacher.find("#question-own").fill("Half a que")
    expect(teacher.find(".saved")).to_have_text("What you change here is kept only once you save it.")
    assert stays(teacher, teacher.find(".back a")) == "beforeunload"
