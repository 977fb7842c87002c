"""Every page of Reflect, one after the other, as somebody who walks through the demo meets it."""

from collections.abc import Iterator
from contextlib import closing

from playwright.sync_api import Browser, expect

from tests.browser import answer_forms, lives, portals, sign_ins, thresholds
from tests.browser.visits import MENTOR, STUDENTS, TEACHER, Campus, Visit

LONG_AGO, SHARED, FULL, IN_STEPS = 1, 2, 3, 4
"""The demo's check-ins, in the order of its plan."""

Pages = Iterator[tuple[str, Visit]]


def pages(campus: Campus, browser: Browser, language: str = "en") -> Pages:
    """Each page with its name; the visit may be looked at in any size, but not moved. All of them speak one language, if
    the browser and the demonstration do."""
    yield from in_class(campus, browser)
    yield from at_the_door(campus, browser, language)
    yield from around_it(campus, browser)


def in_class(campus: Campus, browser: Browser) -> Pages:
    """Asking, answering, looking back, talking. None of these parts needs what another one did."""
    with closing(browser.new_context()) as context:
        teacher, student = campus.window(context, TEACHER), campus.window(context, STUDENTS[0])
        yield from _making(teacher)
        yield from _answering(teacher, student)
        yield from _looking_back(teacher, student)
        yield from _over_time(teacher)
        yield from _talking(teacher, student)
        yield from _following(campus.window(context, TEACHER))
        yield from _for_oneself(teacher, student)


def at_the_door(campus: Campus, browser: Browser, language: str = "en") -> Pages:
    """Launches and sign-ins that are not done yet, and the portal."""
    yield from thresholds.pages(campus, browser)
    yield from sign_ins.pages(browser, language)
    yield from portals.pages(browser)


def around_it(campus: Campus, browser: Browser) -> Pages:
    """Guests, all ways of answering, the lives of check-ins, and what anybody may read."""
    context = browser.new_context()
    teacher, student = campus.window(context, TEACHER), campus.window(context, STUDENTS[0])
    for person in (teacher, student):
        person.shows("Check-ins")
    yield from _sharing(teacher, browser)
    yield from _responding(teacher, student)
    yield from answer_forms.pages(teacher, student)
    yield from lives.pages(teacher, student, LONG_AGO)
    yield from lives.of_others(campus, context)
    observer = campus.window(context, MENTOR)
    observer.shows("You are welcome here")
    yield "course-of-an-observer", observer
    for name, path in (
        ("home", "/"),
        ("privacy", "/privacy"),
        ("languages", "/languages"),
        ("toolkit", "/toolkit"),
        ("toolkit-guide", "/toolkit/help-now"),
        ("toolkit-poster", "/toolkit/posters/feelings"),
        ("toolkit-poster-map", "/toolkit/posters/map"),
        ("questions", "/questions"),
        ("questions-not-found", "/questions?q=xyzzy"),
        ("refused", "/lti/launch"),
        ("guest-refused", "/c/nowhere"),
        ("unknown-address", "/nowhere"),
        ("styleguide", "/styleguide"),
        ("attach", "/courses/1"),
        ("sign-in-off", "/sign-in"),
    ):
        page = context.new_page()
        page.goto(campus.base_url + path + ("?tab=none" if name == "attach" else ""))
        yield name, Visit(page, page)
    context.close()


def _making(teacher: Visit) -> Pages:
    teacher.shows("Check-ins")
    yield "course-of-a-teacher", teacher
    teacher.click("What Reflect is")
    teacher.shows("What Reflect is")
    yield "introduction-of-a-teacher", teacher
    teacher.click("All check-ins")
    teacher.follow('main a[href*="/groups"]')
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


def _answering(teacher: Visit, student: Visit) -> Pages:
    student.follow("a.masthead-name")
    expect(student.find(".only .picker")).to_be_visible()
    yield "course-of-a-student-with-one-question", student
    student.click("What Reflect is")
    student.shows("What Reflect is")
    yield "introduction-of-a-student", student
    student.click("All check-ins")
    teacher.click("All check-ins")
    teacher.ask("How did today start for you?")
    yield "results-without-an-answer", teacher
    student.follow("a.masthead-name")
    expect(student.find(".checkin-next")).to_have_count(2)
    yield "course-of-a-student", student
    home = student.page.url
    student.page.goto(home.replace("/courses/", "/checkins/99"))
    student.shows("There is nothing here")
    yield "refused-what-is-not-there", student
    student.page.goto(home)
    student.click("Which word fits the week best?")
    student.shows("Which word fits the week best?")
    yield "answer-of-56", student
    student.follow("a.masthead-name")
    student.shows("Check-ins")
    student.click("How did today start for you?")
    student.shows("How did today start for you?")
    yield "answer-of-16", student
    teacher.click("Edit")
    teacher.shows("Edit the check-in")
    teacher.find('input[name="asks_note"]').check()
    teacher.click("Save")
    teacher.shows("How did today start for you?")
    student.choose("curious")
    expect(student.find("#choice-problem")).to_be_visible()
    yield "answer-to-a-changed-question", student
    student.find('.emotion:has([value="curious"])').click()
    yield "answer-chosen", student
    student.click("Send")
    expect(student.find("main.thanks")).to_be_visible()
    yield "thanks", student
    teacher.sees_answers(1)
    yield "results-of-a-named-one", teacher


def _looking_back(teacher: Visit, student: Visit) -> Pages:
    for checkin, name in ((SHARED, "thanks-with-totals"), (IN_STEPS, "thanks-for-an-anonymous-one")):
        student.turn_to(f"/checkins/{checkin}")
        yield name, student
    for checkin, name in (
        (LONG_AGO, "results-closed"),
        (SHARED, "results-of-an-anonymous-one"),
        (FULL, "results-of-56"),
        (IN_STEPS, "results-in-steps"),
    ):
        teacher.turn_to(f"/checkins/{checkin}")
        yield name, teacher


def _over_time(teacher: Visit) -> Pages:
    teacher.follow("a.masthead-name")
    teacher.click("Insights")
    teacher.shows("Insights")
    yield "insights", teacher
    for field, choice in (("weeks", "52"), ("by", "month"), ("group", "1")):
        teacher.find(f"#{field}").select_option(choice)
    teacher.click("Show")
    expect(teacher.find(".insights-span bdi")).to_have_count(2)
    yield "insights-of-a-groups-year", teacher


def _talking(teacher: Visit, student: Visit) -> Pages:
    student.click("I’d like to talk")
    student.shows("I’d like to talk")
    yield "talk-new", student
    student.find("#message").fill("About the paper boats.\nThere are too many of them.")
    student.click("Send")
    expect(student.find(".story")).to_be_visible()
    yield "talk-of-a-student", student
    student.click("I’d like to talk")
    student.shows("I’d like to talk")
    yield "talk-new-after-another", student
    teacher.follow("a.masthead-name")
    teacher.find("#inbox summary").click()
    yield "course-with-an-inbox", teacher
    teacher.follow(teacher.find("#inbox a").first)
    expect(teacher.find(".story")).to_be_visible()
    yield "talk-of-a-teacher", teacher
    teacher.click("Students who would like to talk")
    teacher.shows("Students who would like to talk")
    yield "talks", teacher


def _following(teacher: Visit) -> Pages:
    teacher.follow(teacher.find(".to-ask a").last)
    teacher.shows("Students")
    yield "students", teacher
    teacher.click("Đặng Cổ Tích")
    teacher.shows("Đặng Cổ Tích")
    yield "student", teacher
    teacher.find(".follow-up-new summary").click()
    teacher.find("#words").fill("Ask about the kite again.")
    teacher.follow(".follow-up-form button")
    expect(teacher.find(".follow-up")).to_have_count(2)
    teacher.follow(teacher.find(".follow-up a").first)
    teacher.shows("Note about Đặng Cổ Tích")
    yield "follow-up-edit", teacher
    teacher.click("Đặng Cổ Tích")
    teacher.click("Wishes to talk that you may read")
    teacher.shows("Wishes to talk of Đặng Cổ Tích")
    yield "student-talks", teacher
    teacher.follow("a.masthead-name")
    teacher.follow(teacher.find(".to-ask a").first)
    teacher.shows("Whom to ask")
    teacher.find(".prompt-hand summary").first.click()
    yield "prompts", teacher
    teacher.click("Choose what to be reminded of")
    teacher.shows("Reminders")
    yield "reminders", teacher
    teacher.click("Whom to ask")
    teacher.follow(teacher.find(".prompt-acts button").first)
    teacher.find(".prompts-settled summary").first.click()
    yield "prompts-set-aside", teacher


def _for_oneself(teacher: Visit, student: Visit) -> Pages:
    student.follow("a.masthead-name")
    student.click("My reflections")
    student.shows("My reflections")
    yield "reflections", student
    student.click("Erase my answers")
    student.shows("Erase my answers?")
    yield "erasure", student
    student.follow("a.masthead-name")
    student.click("Breaks")
    student.shows("Breaks")
    yield "breaks", student
    student.click("Once around the pond")
    student.shows("Once around the pond")
    student.click("Start")
    yield "break", student
    teacher.follow("a.masthead-name")
    teacher.click("New check-in")
    teacher.shows("New check-in")
    teacher.turn_to("/courses/1/questions")
    teacher.find("#question").fill("How was the long way home?")
    teacher.click("Keep it")
    teacher.shows("My questions")
    yield "own-questions", teacher


def _sharing(teacher: Visit, browser: Browser) -> Pages:
    teacher.turn_to(f"/checkins/{FULL}/shares")
    yield "shares-of-a-named-one", teacher
    teacher.turn_to(f"/checkins/{IN_STEPS}/shares")
    yield "shares", teacher
    teacher.click("Open it to guests")
    expect(teacher.find(".qr-picture")).to_be_visible()
    yield "shares-with-guests", teacher
    with closing(browser.new_context()) as context:
        page = context.new_page()
        page.goto(teacher.find(".copied-value").inner_text())
        guest = Visit(page, page)
        yield "guest", guest
        guest.choose("calm")
        guest.shows("Thank you, your answer is in")
        yield "guest-thanks", guest
        _more_guests(browser, page.url.removesuffix("/thanks"))
    teacher.turn_to(f"/checkins/{IN_STEPS}")
    yield "results-with-guests", teacher
    for checkin, name in ((IN_STEPS, "presentation-with-guests"), (SHARED, "presentation")):
        teacher.turn_to(f"/checkins/{checkin}/presentations")
        yield name, teacher
        teacher.click("Reveal the results")
        expect(teacher.find("[data-reveal]")).to_have_text(teacher.says("Hide the results"))
        yield f"{name}-revealed", teacher
    yield from _framed(teacher)


def _more_guests(browser: Browser, address: str) -> None:
    """As many guests more as bring out what they write."""
    origin = address.rpartition("/c/")[0]
    for choice, word in (("happy", ""), ("tired", ""), ("sad", ""), ("other_word", "wide awake")):
        with closing(browser.new_context()) as context:
            fields = {"choice": choice, "word": word, "note": ""}
            assert context.request.post(address, form=fields, headers={"Origin": origin}).ok


def _framed(teacher: Visit) -> Pages:
    """The wall as a frame gets it, which offers a window of its own."""
    teacher.page.route("**/presentations?*", lambda route: route.fulfill(response=route.fetch()))
    teacher.turn_to(f"/checkins/{IN_STEPS}/presentations")
    expect(teacher.find("#window-form")).to_be_visible()
    yield "presentation-in-a-frame", teacher
    teacher.page.unroute("**/presentations?*")


def _responding(teacher: Visit, student: Visit) -> Pages:
    teacher.turn_to(f"/checkins/{FULL}/responses")
    yield "responses", teacher
    for mark in ("star", "leaf"):
        for button in teacher.find(f'.mark-button[id^="mark-{mark}-"]').all():
            button.click()
            expect(button).to_have_attribute("aria-pressed", "true")
    yield "responses-given", teacher
    teacher.turn_to(f"/checkins/{FULL}/changes")
    teacher.find("#change").fill("From Monday on we begin with five quiet minutes.")
    yield "change-edit", teacher
    teacher.click("Tell the class")
    expect(teacher.find(".results-number")).to_be_visible()
    student.follow("a.masthead-name")
    expect(student.find(".answered-you")).to_be_visible()
    yield "course-of-a-student-who-was-answered", student
    student.turn_to(f"/checkins/{FULL}")
    expect(student.find(".given-back")).to_be_visible()
    yield "thanks-with-a-response", student
