"""Browsers that keep less than we would like: what still works, and what is said where nothing can."""

import shutil
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from playwright.sync_api import BrowserContext, Route, expect
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from tests.browser.browsers import Watch
from tests.browser.test_autosaves import half_changed, stays
from tests.browser.test_journey import journey
from tests.browser.test_reflections import looked_back, taken
from tests.browser.visits import STUDENTS, TEACHER, Campus, Visit
from tests.installation import installed

Contexts = Callable[..., BrowserContext]

NOTHING_IN_FRAMES = """
if (window !== top) {
  Object.defineProperty(window, "sessionStorage", { get() { throw new DOMException("blocked", "SecurityError"); } });
  Object.defineProperty(Document.prototype, "cookie", { get: () => "", set: () => {} });
}
"""
"""What a frame finds in a browser that keeps nothing for it, while a page of its own may keep everything."""

PLATFORM_STORAGE = """
if (window === top) {
  const kept = new Map();
  addEventListener("message", ({ data, origin, source }) => {
    if (data.subject === "lti.put_data") kept.set(origin + data.key, data.value);
    const value = kept.get(origin + data.key);
    source.postMessage({ subject: data.subject + ".response", message_id: data.message_id, key: data.key, value }, origin);
  });
}
"""
"""The campus as a platform with LTI client-side storage (LTI postMessage storage 1.0)."""

FORGED_ANSWERS = """
if (window === top) {
  addEventListener("message", ({ data, origin, source }) => {
    if (data.message_id) source.postMessage({ ...data, subject: data.subject + ".response", message_id: "guessed", value: "forged" }, origin);
  });
} else {
  const made = crypto.randomUUID.bind(crypto);
  crypto.randomUUID = () => {
    const id = made();
    for (const verb of ["put", "get"]) postMessage({ subject: `lti.${verb}_data.response`, message_id: id, value: "forged" }, "*");
    return id;
  };
}
"""
"""Answers that come before the platform's: one of the platform's window with another number, one with the right number
of another window and origin."""


NO_QUESTIONS = """
if (window === top) {
  new MutationObserver(() => {
    const frame = document.querySelector("iframe[name=activity]:not([sandbox])");
    if (frame) frame.sandbox = "allow-scripts allow-same-origin allow-forms";
  }).observe(document, { childList: true, subtree: true });
}
"""
"""The campus as a platform whose frame lets nobody ask anything (no `allow-modals`)."""


class CookiesLost:
    """What a browser sees that keeps sessionStorage in frames but no cookies (Safari before 18.4)."""

    def __init__(self, app: ASGIApp) -> None:
        self.app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Pass everything on but cookies."""

        async def send_without(message: Message) -> None:
            headers = [(name, value) for name, value in message.get("headers", []) if name.lower() != b"set-cookie"]
            await send({**message, "headers": headers} if "headers" in message else message)

        await self.app(scope, receive, send_without)


@pytest.fixture(scope="module")
def bare_campus(sqlite_template: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Campus]:
    """An installation whose cookies never arrive."""
    path = tmp_path_factory.mktemp("bare-campus") / "reflect.db"
    shutil.copy(sqlite_template, path)
    with installed(f"sqlite:///{path}", wire=CookiesLost) as running:
        yield Campus.of(running)


@pytest.fixture
def cookieless(bare_campus: Campus, third_party_allowed: BrowserContext, watch: Watch) -> BrowserContext:
    """A browser at that installation."""
    watch.hosts |= bare_campus.hosts
    watch.expected = ("401",)
    return third_party_allowed


def with_platform_storage(context: BrowserContext, campus: Campus) -> BrowserContext:
    """Give the campus a store for the tool, and let it say so in its login and its launch."""

    def say_so(route: Route) -> None:
        route.continue_(post_data=f"{route.request.post_data}&lti_storage_target=_parent")

    context.add_init_script(PLATFORM_STORAGE)
    for leg in ("login", "launch"):
        context.route(f"{campus.base_url}/lti/{leg}", say_so)
    return context


def test_the_journey_without_cookies(bare_campus: Campus, cookieless: BrowserContext) -> None:
    teacher, student = journey(bare_campus, cookieless, cookieless, "How was the night?")
    student.click("Change my answer")
    student.choose("calm")
    expect(teacher.find(".people")).to_contain_text("calm")
    teacher.close_checkin()
    expect(teacher.find("#results .checkin-state")).to_have_text("Closed")
    teacher.shows("How was the night?")


def test_reload_and_back_without_cookies(bare_campus: Campus, cookieless: BrowserContext) -> None:
    teacher = bare_campus.frame(cookieless, TEACHER)
    teacher.shows("Check-ins")
    teacher.click("New check-in")
    teacher.shows("New check-in")
    with teacher.leaving():
        teacher.frame.evaluate("history.back()")
    teacher.shows("Check-ins")
    teacher.ask("How was the token?")
    with teacher.leaving():
        teacher.frame.evaluate("location.reload()")
    teacher.shows("How was the token?")
    teacher.click("All check-ins")
    teacher.shows("Check-ins")
    with teacher.leaving():
        teacher.frame.evaluate("history.back()")
    teacher.shows("How was the token?")
    teacher.click("Who sees what")
    expect(teacher.find("h1")).to_be_visible()


def test_two_frames_without_cookies_keep_their_two_roles(bare_campus: Campus, cookieless: BrowserContext) -> None:
    page = cookieless.new_page()
    page.goto(f"{bare_campus.address}/courses/2/activities/1/side-by-side")
    teacher, student = (Visit(page, page.frame_locator(f"iframe[name={side}]"), side) for side in ("left", "right"))
    teacher.ask("How was the pair?")
    student.follow("a.masthead-name")
    student.answer("How was the pair?", "happy")
    teacher.sees_answers(1)
    expect(student.find("a[href*='/checkins/new']")).to_have_count(0)


def test_the_language_of_a_page_that_came_by_token_is_its_own(bare_campus: Campus, cookieless: BrowserContext) -> None:
    teacher = bare_campus.frame(cookieless, TEACHER)
    teacher.shows("Check-ins")

    page = '<!doctype html>\n<html lang="ar" dir="rtl"><head><title>-</title></head><body><main id="main"></main></body></html>'
    cookieless.route("**/checkins/new?*", lambda route: route.fulfill(body=page, content_type="text/html"))
    teacher.click("New check-in")
    expect(teacher.find("html")).to_have_attribute("dir", "rtl")
    expect(teacher.find("html")).to_have_attribute("lang", "ar")


def test_where_a_frame_keeps_nothing_a_tab_is_offered_before_the_launch_is_spent(
    campus: Campus, private: Contexts
) -> None:
    browser = private()
    browser.add_init_script(NOTHING_IN_FRAMES)
    student = campus.frame(browser, STUDENTS[2])
    offer = student.find("#new-tab")
    expect(offer).to_be_visible()
    expect(student.find("#login")).to_be_hidden()
    with browser.expect_page() as opened:
        offer.get_by_role("button", name="Open in a new tab").click()
    tab = Visit(opened.value, opened.value)
    tab.shows("Check-ins")


def test_where_all_cookies_are_blocked_a_tab_keeps_its_proof_in_the_page_that_opened_it(
    campus: Campus, all_blocked: BrowserContext, watch: Watch
) -> None:
    frame = campus.frame(all_blocked, STUDENTS[3])
    tab = frame.tab("Open in a new tab")
    tab.shows("Check-ins")
    tab.click("My reflections")
    watch.expected = ("401",)
    tab.page.reload()
    tab.shows("My reflections")
    frame.page.close()
    tab.page.reload()
    expect(tab.find("#attach-again")).to_be_visible()


def test_where_all_cookies_are_blocked_the_tab_says_what_it_lives_on_and_lets_no_page_lose_it(
    campus: Campus, all_blocked: BrowserContext, watch: Watch
) -> None:
    frame = campus.frame(all_blocked, TEACHER)
    tab = frame.tab("Open in a new tab")
    expect(frame.find("#in-a-tab")).to_be_visible()
    expect(frame.find("#new-tab")).to_be_hidden()
    expect(tab.find("#lent")).to_be_visible()
    tab.click("Check this browser")
    expect(tab.find("#verdict")).to_have_text("You can use Reflect here")
    tab.page.reload()
    expect(tab.find(".masthead-viewer")).to_be_visible()
    expect(tab.find("#verdict")).to_have_text("You can use Reflect here")
    tab.follow("a.masthead-name")
    tab.shows("Check-ins")


def test_where_all_cookies_are_blocked_the_wall_has_a_window_of_its_own_all_the_same(
    campus: Campus, all_blocked: BrowserContext, watch: Watch
) -> None:
    tab = campus.frame(all_blocked, TEACHER).tab("Open in a new tab")
    tab.ask("Is it dark in here?")
    tab.click("Present")
    watch.expected = ("401",)
    with all_blocked.expect_page() as opened:
        tab.click("Open in a new window")
    wall = Visit(opened.value, opened.value)
    # In this order: the page that waits for its session has two headings, of which one is hidden.
    expect(wall.find(".wall-number")).to_have_text("0")
    expect(wall.find("h1")).to_have_text("Is it dark in here?")
    wall.page.reload()
    expect(wall.find(".wall-number")).to_have_text("0")


def test_where_all_cookies_are_blocked_and_no_page_of_ours_opened_the_window_the_launch_is_not_spent(
    campus: Campus, all_blocked: BrowserContext, watch: Watch
) -> None:
    window = campus.window(all_blocked, STUDENTS[3])
    expect(window.find("#keeps-nothing")).to_be_visible()
    assert not any("/authorize" in url for url in watch.requests)


def test_without_script_and_without_cookies_the_way_on_is_said(
    bare_campus: Campus, script_blocked: BrowserContext, watch: Watch
) -> None:
    watch.hosts |= bare_campus.hosts
    student = bare_campus.frame(script_blocked, STUDENTS[0])
    student.press_through()
    expect(student.inside.get_by_role("heading", name="Reflect needs a window of its own")).to_be_visible()
    expect(student.find("#proof")).to_be_hidden()


def test_platform_storage_proves_a_launch_where_all_cookies_are_blocked(
    campus: Campus, all_blocked: BrowserContext, watch: Watch
) -> None:
    browser = with_platform_storage(all_blocked, campus)
    teacher, _ = journey(campus, browser, browser, "How was the post?")
    watch.expected = ("401",)
    with teacher.leaving():
        teacher.frame.evaluate("location.reload()")
    expect(teacher.find("#attach-again")).to_be_visible()


def test_a_half_changed_form_is_left_with_its_session_and_only_after_a_question_where_all_cookies_are_blocked(
    campus: Campus, all_blocked: BrowserContext, watch: Watch
) -> None:
    teacher = campus.frame(with_platform_storage(all_blocked, campus), TEACHER)
    half_changed(teacher)
    back = teacher.find(".back a")
    assert stays(teacher, back) == "Leave without saving what you changed here?"
    assert stays(teacher, teacher.find(".footer form button")) == "Leave without saving what you changed here?"

    def drop(route: Route) -> None:
        route.abort("connectionfailed")

    # What was sent and did not arrive has not been saved.
    watch.expected = ("ERR_CONNECTION_FAILED", "Failed to fetch")
    teacher.frame.evaluate(
        "document.addEventListener('htmx:finally:request', () => (document.body.dataset.sent = 'yes'))"
    )
    all_blocked.route("**/checkins/*", drop)
    teacher.find(".form-send .button").click()
    expect(teacher.find("body")).to_have_attribute("data-sent", "yes")
    all_blocked.unroute("**/checkins/*", drop)
    assert stays(teacher, back) == "Leave without saving what you changed here?"
    teacher.page.once("dialog", lambda dialog: dialog.accept())
    teacher.click("All check-ins")
    teacher.shows("Check-ins")
    teacher.click("Planned as it is?")
    teacher.shows("Planned as it is?")


def test_nobody_is_held_at_a_form_where_the_platforms_frame_allows_no_questions(
    campus: Campus, all_blocked: BrowserContext, watch: Watch
) -> None:
    watch.expected = ("can escape its sandboxing", "Ignored call to 'confirm()'")
    all_blocked.add_init_script(NO_QUESTIONS)
    teacher = campus.frame(with_platform_storage(all_blocked, campus), TEACHER)
    half_changed(teacher)
    teacher.click("All check-ins")
    teacher.shows("Check-ins")
    assert teacher.page.locator("iframe[name=activity][sandbox]").count() == 1


def test_forged_messages_do_not_take_the_place_of_the_platforms(campus: Campus, all_blocked: BrowserContext) -> None:
    all_blocked.add_init_script(FORGED_ANSWERS)
    browser = with_platform_storage(all_blocked, campus)
    campus.frame(browser, TEACHER).shows("Check-ins")


def test_answers_can_be_taken_along_without_cookies(bare_campus: Campus, cookieless: BrowserContext) -> None:
    visit = looked_back(cookieless, bare_campus, STUDENTS[1], "How was the download?")
    assert taken(visit) == ["calm"]
    visit.shows("My reflections")
