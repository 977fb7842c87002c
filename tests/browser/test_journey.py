"""The first whole journey, in real browsers: a teacher asks, a student answers, the teacher's page shows it by itself."""

import re
from collections.abc import Callable

from playwright.sync_api import BrowserContext, expect

from tests.browser.browsers import Watch
from tests.browser.visits import STUDENTS, TEACHER, Campus, Visit

Contexts = Callable[..., BrowserContext]


def journey(campus: Campus, teachers: BrowserContext, students: BrowserContext, question: str) -> tuple[Visit, Visit]:
    """Ask, answer and see in frames; the teacher's page must not load again."""
    teacher = campus.frame(teachers, TEACHER)
    teacher.ask(question)
    teacher.frame.evaluate("window.isSame = true")
    student = campus.frame(students, STUDENTS[0])
    student.answer(question, "curious")
    teacher.sees_answers(1)
    expect(teacher.find(".people")).to_contain_text("Zoë Märchenwald")
    assert teacher.frame.evaluate("window.isSame")
    return teacher, student


def test_the_journey_where_cookies_of_other_sites_are_allowed(
    campus: Campus, third_party_allowed: BrowserContext
) -> None:
    assert keeps_plain_cookies(campus, third_party_allowed)
    journey(campus, third_party_allowed, third_party_allowed, "How was the walk?")


def test_the_journey_where_cookies_of_other_sites_are_blocked(
    campus: Campus, third_party_blocked: BrowserContext
) -> None:
    assert not keeps_plain_cookies(campus, third_party_blocked)
    teacher, _ = journey(campus, third_party_blocked, third_party_blocked, "How was the boat?")
    assert (
        teacher.frame.evaluate("() => { try { return sessionStorage.length } catch { return 'blocked' } }") == "blocked"
    )
    teacher.page.reload()
    expect(teacher.find("header.masthead")).to_be_visible()


def keeps_plain_cookies(campus: Campus, context: BrowserContext) -> bool:
    """Whether the browser keeps a plain SameSite=None cookie in the frame; a partitioned one it must keep."""
    visit = campus.frame(context, TEACHER)
    visit.shows("Check-ins")
    found = visit.frame.evaluate(
        """() => ["plain", "partitioned"].map((name) => {
             const partitioned = name === "partitioned" ? "; Partitioned" : "";
             document.cookie = `__Host-${name}=1; Path=/; Secure; SameSite=None${partitioned}`;
             return document.cookie.includes(`__Host-${name}=1`);
           })"""
    )
    visit.page.close()
    assert found[1]
    return bool(found[0])


def test_the_journey_in_a_window_of_its_own(campus: Campus, private: Contexts) -> None:
    teacher = campus.window(private(), TEACHER)
    teacher.ask("How was the moon?")
    student = campus.window(private(), STUDENTS[1])
    student.answer("How was the moon?", "calm")
    teacher.sees_answers(1)


def test_an_anonymous_check_in_shows_a_number_until_there_are_enough(campus: Campus, private: Contexts) -> None:
    teacher = campus.frame(private(), TEACHER)
    teacher.ask("How was the storm?", anonymity="anonymous")
    for count, person in enumerate(STUDENTS[:5], 1):
        student = campus.frame(private(), person)
        student.answer("How was the storm?", "calm")
        expect(student.find("main.thanks")).not_to_contain_text("You answered")
        if count < 5:
            expect(teacher.find(".bars, .nearly")).to_have_count(0)
        student.page.close()
    teacher.sees_answers(5)
    expect(teacher.find(".nearly, .bars")).to_be_visible()
    expect(teacher.find(".people")).to_have_count(0)


def test_the_page_stays_whole_through_every_change(campus: Campus, private: Contexts) -> None:
    teacher, student = journey(campus, private(), private(), "How was the swap?")
    student.click("Change my answer")
    student.shows("How was the swap?")
    expect(student.find('input[value="curious"]')).to_be_checked()
    student.choose("calm")
    student.shows("Thank you for telling us")
    assert re.search(r"/checkins/\d+\?tab=", student.frame.url)
    teacher.close_checkin()
    expect(teacher.find("#results .checkin-state")).to_have_text("Closed")
    teacher.shows("How was the swap?")
    teacher.click("Leave Reflect")
    teacher.shows("You have left Reflect")


def test_the_class_sees_totals_when_the_teacher_shares_them(campus: Campus, private: Contexts) -> None:
    teacher = campus.frame(private(), TEACHER)
    teacher.click("New check-in")
    teacher.find('input[name="question_key"][value="feeling_today"]').check()
    teacher.find('input[name="anonymity"][value="anonymous"]').check()
    teacher.find('input[name="shared_with_class"][value="yes"]').check()
    teacher.click("Open the check-in")
    expect(teacher.find("#results")).to_be_visible()
    question = teacher.inside.get_by_role("heading", level=1).inner_text()
    for person, emotion in zip(STUDENTS[:5], ("calm", "happy", "curious", "calm", "nervous"), strict=True):
        student = campus.frame(private(), person)
        student.answer(question, emotion)
    expect(student.find(".class-totals")).to_be_visible()


def test_a_form_without_a_question_comes_back_and_says_so(campus: Campus, private: Contexts, watch: Watch) -> None:
    watch.expected = ("422",)
    teacher = campus.frame(private(), TEACHER)
    teacher.click("New check-in")
    teacher.find('input[name="question_key"][value=""]').check()
    teacher.click("Open the check-in")
    expect(teacher.find(".problems")).to_be_visible()
    teacher.shows("New check-in")
    teacher.find("#question-own").fill("How was the second try?")
    teacher.click("Open the check-in")
    teacher.shows("How was the second try?")
