"""The first whole journey, in real browsers: a teacher asks, a student answers, the teacher's page shows it by itself."""

import re
from collections.abc import Callable

from playwright.sync_api import BrowserContext, expect

from tests.browser.browsers import Watch
from tests.browser.classroom import STUDENTS, TEACHER, Classroom, Seat

Contexts = Callable[..., BrowserContext]


def journey(classroom: Classroom, teachers: BrowserContext, students: BrowserContext, question: str) -> tuple[Seat, Seat]:
    """Ask, answer and see in frames; the teacher's page must not load again."""
    teacher = classroom.sit(teachers, TEACHER)
    teacher.ask(question)
    teacher.frame.evaluate("document.body.dataset.same = 'yes'")
    student = classroom.sit(students, STUDENTS[0])
    student.answer(question, "curious")
    teacher.sees_answers(1)
    expect(teacher.find(".people")).to_contain_text("Zoë Märchenwald")
    assert teacher.frame.evaluate("document.body.dataset.same") == "yes"
    return teacher, student


def test_the_journey_in_a_frame_of_another_site(classroom: Classroom, context: Contexts) -> None:
    journey(classroom, context(), context(), "How was the walk?")


def test_the_journey_where_cookies_of_other_sites_are_blocked(
    classroom: Classroom, third_party_blocked: BrowserContext
) -> None:
    _is_blocking(classroom, third_party_blocked)
    teacher, _ = journey(classroom, third_party_blocked, third_party_blocked, "How was the boat?")
    assert teacher.frame.evaluate("() => { try { return sessionStorage.length } catch { return 'blocked' } }") == "blocked"
    teacher.page.reload()
    expect(teacher.find("header.masthead")).to_be_visible()


def _is_blocking(classroom: Classroom, context: BrowserContext) -> None:
    """See that the browser drops a plain SameSite=None cookie in the frame, and keeps a partitioned one."""
    seat = classroom.sit(context, TEACHER)
    expect(seat.find("footer.footer")).to_be_visible()
    for attributes, kept in (("", False), ("; Partitioned", True)):
        seat.frame.evaluate(f"document.cookie = '__Host-crumb=1; Path=/; Secure; SameSite=None{attributes}'")
        assert ("__Host-crumb" in seat.frame.evaluate("document.cookie")) is kept
    seat.page.close()


def test_the_journey_in_a_window_of_its_own(classroom: Classroom, context: Contexts) -> None:
    teacher = classroom.stand(context(), TEACHER)
    teacher.ask("How was the moon?")
    student = classroom.stand(context(), STUDENTS[1])
    student.answer("How was the moon?", "calm")
    teacher.sees_answers(1)


def test_an_anonymous_check_in_shows_a_number_until_there_are_enough(classroom: Classroom, context: Contexts) -> None:
    teacher = classroom.sit(context(), TEACHER)
    teacher.ask("How was the storm?", anonymity="anonymous")
    for count, person in enumerate(STUDENTS[:5], 1):
        student = classroom.sit(context(), person)
        student.answer("How was the storm?", "calm")
        expect(student.find("main.thanks")).not_to_contain_text("You answered")
        if count < 5:
            expect(teacher.find(".bars, .nearly")).to_have_count(0)
        student.page.close()
    teacher.sees_answers(5)
    expect(teacher.find(".nearly, .bars")).to_be_visible()
    expect(teacher.find(".people")).to_have_count(0)


def test_the_page_stays_whole_through_every_change(classroom: Classroom, context: Contexts) -> None:
    teacher, student = journey(classroom, context(), context(), "How was the swap?")
    student.click("Change my answer")
    student.shows("How was the swap?")
    expect(student.find('input[value="curious"]')).to_be_checked()
    student.choose("calm")
    student.shows("Thank you for telling us")
    assert re.search(r"/checkins/\d+\?tab=", student.frame.url)
    teacher.click("Close the check-in")
    expect(teacher.find("#results .checkin-state")).to_have_text("Closed")
    teacher.shows("How was the swap?")
    teacher.click("Leave Reflect")
    teacher.shows("How is everyone, really?")


def test_the_class_sees_totals_when_the_teacher_shares_them(classroom: Classroom, context: Contexts) -> None:
    teacher = classroom.sit(context(), TEACHER)
    teacher.click("New check-in")
    teacher.find('input[name="question_key"]').first.check()
    teacher.find('input[name="anonymity"][value="anonymous"]').check()
    teacher.find('input[name="shared_with_class"]').check()
    teacher.click("Open the check-in")
    question = teacher.inside.get_by_role("heading", level=1).inner_text()
    for person, emotion in zip(STUDENTS[:5], ("calm", "happy", "curious", "calm", "worried"), strict=True):
        student = classroom.sit(context(), person)
        student.answer(question, emotion)
    expect(student.find(".class-totals")).to_be_visible()


def test_a_form_without_a_question_comes_back_and_says_so(classroom: Classroom, context: Contexts, watch: Watch) -> None:
    watch.expected = ("422",)
    teacher = classroom.sit(context(), TEACHER)
    teacher.click("New check-in")
    teacher.find('input[name="question_key"][value=""]').check()
    teacher.click("Open the check-in")
    expect(teacher.find(".problems")).to_be_visible()
    teacher.shows("New check-in")
    teacher.find("#question-own").fill("How was the second try?")
    teacher.click("Open the check-in")
    teacher.shows("How was the second try?")
