"""Every page of Reflect, one after the other, as somebody who walks through the demo meets it."""

from collections.abc import Iterator
from contextlib import closing
from urllib.parse import urlsplit, urlunsplit

from playwright.sync_api import Browser, expect

from tests.browser import answer_forms
from tests.browser.visits import MENTOR, STUDENTS, TEACHER, Campus, Visit

KEEPS_NOTHING = """
if (location.pathname === "%s") {
  Object.defineProperty(window, "sessionStorage", { get() { throw new DOMException("blocked", "SecurityError"); } });
  Object.defineProperty(Document.prototype, "cookie", { get: () => "", set: () => {} });
}
"""
"""A browser that keeps nothing, as our script finds it on one of the launch's two pages."""

LONG_AGO, SHARED, FULL, IN_STEPS = 1, 2, 3, 4
"""The demo's check-ins, in the order of its plan."""

Pages = Iterator[tuple[str, Visit]]


def pages(campus: Campus, browser: Browser) -> Pages:
    """Each page with its name; the visit may be looked at in any size, but not moved."""
    context = browser.new_context()
    teacher, student = campus.window(context, TEACHER), campus.window(context, STUDENTS[0])
    yield from _making(teacher)
    yield from _answering(teacher, student)
    yield from _looking_back(teacher, student)
    yield from answer_forms.pages(teacher, student)
    observer = campus.window(context, MENTOR)
    observer.shows("You are welcome here")
    yield "course-of-an-observer", observer
    for name, path in (("home", "/"), ("privacy", "/privacy"), ("refused", "/lti/launch"), ("attach", "/courses/1")):
        page = context.new_page()
        page.goto(campus.base_url + path + ("?tab=none" if name == "attach" else ""))
        yield name, Visit(page, page)
    context.close()
    yield from _thresholds(campus, browser)


def _making(teacher: Visit) -> Pages:
    teacher.shows("Check-ins")
    yield "course-of-a-teacher", teacher
    teacher.click("3 groups")
    teacher.shows("Groups")
    yield "groups", teacher
    teacher.click("All check-ins")
    teacher.click("New check-in")
    teacher.shows("New check-in")
    yield "checkin-new", teacher
    teacher.find('input[name="question_key"][value=""]').check()
    teacher.find('input[name="anonymity"][value="anonymous"]').check()
    teacher.click("Open the check-in")
    expect(teacher.find(".problems")).to_be_visible()
    yield "checkin-new-with-a-problem", teacher
    teacher.click("All check-ins")
    teacher.ask("Which word fits the week best?", form="words_full")
    teacher.click("All check-ins")
    teacher.ask("How did today start for you?")
    yield "results-without-an-answer", teacher


def _answering(teacher: Visit, student: Visit) -> Pages:
    student.find("a.masthead-name").click()
    expect(student.find(".checkin").first).to_be_visible()
    yield "course-of-a-student", student
    student.click("Which word fits the week best?")
    student.shows("Which word fits the week best?")
    yield "answer-of-56", student
    student.find("a.masthead-name").click()
    student.shows("Check-ins")
    student.click("How did today start for you?")
    student.shows("How did today start for you?")
    yield "answer-of-16", student
    student.find('.emotion:has([value="curious"])').click()
    yield "answer-chosen", student
    student.click("Send")
    expect(student.find("main.thanks")).to_be_visible()
    yield "thanks", student
    teacher.sees_answers(1)
    yield "results-of-a-named-one", teacher


def _looking_back(teacher: Visit, student: Visit) -> Pages:
    for checkin, name in ((SHARED, "thanks-with-totals"), (IN_STEPS, "thanks-for-an-anonymous-one")):
        _turn_to(student, checkin)
        yield name, student
    for checkin, name in (
        (LONG_AGO, "results-closed"),
        (SHARED, "results-of-an-anonymous-one"),
        (FULL, "results-of-56"),
        (IN_STEPS, "results-in-steps"),
    ):
        _turn_to(teacher, checkin)
        yield name, teacher


def _turn_to(visit: Visit, checkin: int) -> None:
    here = urlsplit(visit.page.url)
    visit.page.goto(urlunsplit((here.scheme, here.netloc, f"/checkins/{checkin}", here.query, "")))


def _thresholds(campus: Campus, browser: Browser) -> Pages:
    with closing(browser.new_context()) as context:
        context.add_init_script(KEEPS_NOTHING % "/lti/login")
        visit = campus.window(context, TEACHER)
        expect(visit.find("#keeps-nothing")).to_be_visible()
        yield "login-that-keeps-nothing", visit
        for section in ("#keeps-nothing", "#new-tab"):
            visit.find(section).evaluate("(section) => { section.hidden = !section.hidden; }")
        yield "login-in-a-new-tab", visit
    with closing(browser.new_context()) as context:
        context.add_init_script(KEEPS_NOTHING % "/lti/launch")
        context.route("**/campus.js", lambda route: route.abort())
        visit = campus.window(context, TEACHER)
        visit.find('form[action$="/lti/login"] button').click()
        expect(visit.find('form[action$="/lti/launch"]')).to_be_visible()
        context.clear_cookies()
        visit.find("form button").click()
        expect(visit.find("#new-window")).to_be_visible()
        yield "proof-in-a-new-window", visit
