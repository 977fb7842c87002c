"""Whom to ask, in real browsers: a rule turned on, a student asked after, a note kept; by phone in the frame, and
without script."""

from collections.abc import Callable

from playwright.sync_api import BrowserContext, expect

from tests.browser.visits import STUDENTS, TEACHER, Campus, Visit

Contexts = Callable[..., BrowserContext]
PHONE = {"width": 360, "height": 740}


def answers_thrice(campus: Campus, teacher: Visit, student: Visit, label: str) -> None:
    for number in range(3):
        question = f"{label} {number}?"
        teacher.follow("a.masthead-name")
        teacher.ask(question)
        student.follow("a.masthead-name")
        student.answer(question, "sad")


def turns_a_rule_on(teacher: Visit) -> None:
    teacher.follow("a.masthead-name")
    teacher.follow(teacher.find(".to-ask a").first)
    teacher.shows("Whom to ask")
    teacher.click("Choose what to be reminded of")
    teacher.shows("Reminders")
    teacher.find('[name="unpleasant"]').check()
    teacher.find('[name="unpleasant-count"]').select_option("2")
    teacher.find('[name="unpleasant-span"]').select_option("3")
    teacher.click("Save")
    teacher.shows("Whom to ask")


def test_a_teacher_is_reminded_asks_and_keeps_a_note_on_a_phone(campus: Campus, private: Contexts) -> None:
    teacher = campus.frame(private(viewport=PHONE), TEACHER)
    student = campus.frame(private(), STUDENTS[3])
    answers_thrice(campus, teacher, student, "How was the reminder")
    turns_a_rule_on(teacher)
    prompt = teacher.inside.locator(".prompt", has_text="童小画")
    expect(prompt).to_contain_text("3 of the last 3 answers with a name were unpleasant.")
    width = teacher.frame.evaluate("document.documentElement.clientWidth")
    assert teacher.frame.evaluate("document.documentElement.scrollWidth") <= width
    teacher.follow(prompt.get_by_role("link", name="All answers with a name"))
    teacher.shows("童小画")
    teacher.find("#words").fill("Talked at break.")
    teacher.follow(".follow-up-form button")
    expect(teacher.find(".follow-up-words")).to_have_text("Talked at break.")
    teacher.follow("a.masthead-name")
    expect(teacher.find(".to-ask")).to_contain_text("you may want to ask")
    expect(teacher.find(".to-ask")).not_to_contain_text("童小画")
    teacher.follow(teacher.find(".to-ask a").first)
    teacher.follow(prompt.get_by_role("button", name="We have talked"))
    expect(prompt).to_have_count(0)

    student.follow("a.masthead-name")
    student.click("My reflections")
    for words in ("your page, with all these answers", "with a line about you"):
        expect(student.find("main")).to_contain_text(words)
    expect(student.find("main")).not_to_contain_text("Talked at break.")


def test_without_script_it_all_works_too(campus: Campus, script_blocked: BrowserContext, private: Contexts) -> None:
    answers_thrice(
        campus, campus.frame(private(), TEACHER), campus.frame(private(), STUDENTS[4]), "How was the quiet one"
    )
    teacher = campus.frame(script_blocked, TEACHER)
    teacher.press_through()
    turns_a_rule_on(teacher)
    teacher.follow(teacher.inside.locator(".prompt", has_text="物語 はな").get_by_role("button", name="Set aside"))
    expect(teacher.inside.locator(".prompt", has_text="物語 はな")).to_have_count(0)
    teacher.find(".prompts-settled summary").first.click()
    expect(teacher.find(".prompts-settled").first).to_contain_text("物語 はな")
    teacher.follow("a.masthead-name")
    teacher.follow(teacher.find(".to-ask a").last)
    teacher.find("#students-words").fill("物語")
    teacher.click("Search")
    expect(teacher.find(".students li")).to_have_count(1)
    teacher.click("物語 はな")
    teacher.shows("物語 はな")
    teacher.find("#words").fill("Talked at break.")
    teacher.click("Keep it")
    expect(teacher.find(".follow-up-words")).to_be_visible()
