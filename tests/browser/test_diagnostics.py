"""The check of a browser in real browsers, in a frame of another site: it says what is so, and somebody gets in."""

import time
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from playwright.sync_api import BrowserContext, Playwright, Route, expect

from tests.browser.browsers import ALL_COOKIES_BLOCKED, SCRIPT_BLOCKED, Watch, browser_with
from tests.browser.test_deep_linking import opens_dialog
from tests.browser.test_lost_cookies import (
    NOTHING_IN_FRAMES,
    PLATFORM_STORAGE,
    bare_campus,  # noqa: F401  (a fixture)
    cookieless,  # noqa: F401  (a fixture)
)
from tests.browser.visits import STUDENTS, TEACHER, Campus, Visit

Contexts = Callable[..., BrowserContext]

STUDENT = STUDENTS[6]
CHECK = "Check this browser"
USABLE, NEW_TAB, BLOCKED = "You can use Reflect here", "Open Reflect in a new tab", "Allow cookies for this site"


@pytest.fixture
def nothing_at_all(playwright: Playwright, tmp_path: Path, watch: Watch) -> Iterator[BrowserContext]:
    """A browser that runs no script and keeps nothing for any site."""
    settings = {key: ALL_COOKIES_BLOCKED[key] | SCRIPT_BLOCKED[key] for key in ALL_COOKIES_BLOCKED}
    context = browser_with(playwright, tmp_path / "nothing-at-all", settings)
    watch.over(context)
    yield context
    context.close()


def says(visit: Visit, verdict: str) -> None:
    """Wait for the verdict."""
    expect(visit.find("#verdict")).to_have_text(verdict)


def line(visit: Visit, name: str) -> str:
    """What is said of one check, its light first."""
    row = visit.find(f'.diagnosis-line:has(h3:text-is("{name}"))')
    return f"{row.locator('.light').inner_text()}: {row.locator('.diagnosis-meaning').inner_text()}"


def checked(visit: Visit, verdict: str) -> Visit:
    """Follow the footer's link on the course's page, and wait for the verdict."""
    visit.shows("Check-ins")
    visit.find("footer.footer").get_by_role("link", name=CHECK).click()
    says(visit, verdict)
    return visit


def in_a_tab(browser: BrowserContext, visit: Visit, button: str) -> Visit:
    """Press a button, or follow a link, that opens a tab; what it shows."""
    role = visit.inside.get_by_role("button", name=button).or_(visit.inside.get_by_role("link", name=button))
    with browser.expect_page() as opened:
        role.first.click()
    return Visit(opened.value, opened.value)


def test_where_cookies_of_other_sites_are_allowed(campus: Campus, third_party_allowed: BrowserContext) -> None:
    visit = checked(campus.frame(third_party_allowed, STUDENT), USABLE)
    assert line(visit, "Cookies") == "Fine: Kept. Reflect uses this."
    assert line(visit, "Frame or window") == "Fine: Reflect stands in a page of another site."
    assert line(visit, "JavaScript") == "Fine: It runs."
    assert line(visit, "Clock") == "Fine: It agrees with Reflect’s."
    assert line(visit, "Memory of this tab") == "Fine: Kept."
    expect(visit.find(".diagnosis-steps")).not_to_have_attribute("open", "")
    expect(visit.find("#announcements")).to_have_text(USABLE)
    expect(visit.find("header.masthead")).to_contain_text("Class 7B")


def test_where_cookies_of_other_sites_are_blocked(campus: Campus, third_party_blocked: BrowserContext) -> None:
    visit = checked(campus.frame(third_party_blocked, STUDENT), USABLE)
    assert line(visit, "Cookies").startswith("Worth knowing: Not kept. Reflect uses something else")
    assert line(visit, "Partitioned cookies") == "Fine: Kept. Reflect uses this."
    assert line(visit, "Storage Access API").startswith("Worth knowing: Not available.")
    with third_party_blocked.expect_page() as opened:
        visit.click("Try a new window")
    expect(visit.find("#new-windows")).to_have_text("A new window opened.")
    window = Visit(opened.value, opened.value)
    says(window, USABLE)
    assert line(window, "Frame or window") == "Fine: Reflect has a window of its own."
    visit.find(".diagnosis-steps summary").click()
    visit.find("#steps").select_option("edge")
    visit.find("#steps-form button").click()
    expect(visit.find(".diagnosis-steps li").first).to_contain_text("Balanced")
    expect(visit.find("#new-windows")).to_have_text("A new window opened.")
    assert len(third_party_blocked.pages) == 3, "no window opens by itself"


def test_where_a_frame_keeps_nothing_the_check_leads_into_the_course(campus: Campus, private: Contexts) -> None:
    browser = private()
    browser.add_init_script(NOTHING_IN_FRAMES)
    browser.route("**/diagnostics/probes", no_probe_came)
    student = campus.frame(browser, STUDENT)
    expect(student.find("#new-tab")).to_be_visible()
    student.click(CHECK)
    says(student, NEW_TAB)
    assert line(student, "Memory of this tab") == "Problem: Not kept."
    in_a_tab(browser, student, "Open in a new tab").shows("Check-ins")


def no_probe_came(route: Route) -> None:
    """What the server says to a frame that keeps no cookies; this browser would keep partitioned ones."""
    route.fulfill(json={"cookie": False, "partitioned": False, "now": int(time.time() * 1000)})


def test_where_everything_is_blocked_the_check_in_the_frame_leads_into_the_course_too(
    campus: Campus, all_blocked: BrowserContext
) -> None:
    student = campus.frame(all_blocked, STUDENT)
    expect(student.find("#new-tab")).to_be_visible()
    student.click(CHECK)
    says(student, NEW_TAB)
    in_a_tab(all_blocked, student, "Open in a new tab").shows("Check-ins")


def test_where_everything_is_blocked_somebody_in_a_window_of_the_platforms_learns_why_not_in_one_press(
    campus: Campus, all_blocked: BrowserContext, watch: Watch
) -> None:
    tab = campus.window(all_blocked, STUDENT)
    expect(tab.find("#keeps-nothing")).to_be_visible()
    tab.click(CHECK)
    says(tab, BLOCKED)
    assert line(tab, "Cookies") == "Problem: Not kept."
    expect(tab.find(".diagnosis-steps")).to_contain_text("On-device site data")
    expect(tab.find(".diagnosis-steps code")).to_have_text("localhost")
    tab.click("Check again")
    says(tab, BLOCKED)
    assert not any("/authorize" in url for url in watch.requests), "the launch is not spent"


def test_the_platform_is_asked_where_its_launch_offers_storage(campus: Campus, all_blocked: BrowserContext) -> None:
    for leg in ("login", "launch"):
        all_blocked.route(f"{campus.base_url}/lti/{leg}", offering_storage)
    for prepared, verdict, said in (
        ("void 0", NEW_TAB, "Problem: Your learning platform did not answer."),
        (PLATFORM_STORAGE, USABLE, "Fine: Kept. Reflect uses this."),
    ):
        student = campus.frame(all_blocked, STUDENT)
        expect(student.find("#new-tab")).to_be_visible()
        student.page.evaluate(prepared)
        student.click(CHECK)
        says(student, verdict)
        assert line(student, "Memory of the learning platform") == said
    expect(student.find(".verdict")).to_contain_text("Do not reload the page")
    student.click("Continue")
    student.shows("Check-ins")


def offering_storage(route: Route) -> None:
    """What a platform sends that has a memory for its tools."""
    sent = route.request.post_data or ""
    route.continue_(post_data=sent if "lti_storage_target" in sent else f"{sent}&lti_storage_target=_parent")


def test_without_script_the_cookies_are_told(campus: Campus, script_blocked: BrowserContext) -> None:
    visit = campus.frame(script_blocked, STUDENT)
    visit.press_through()
    checked(visit, USABLE)
    assert line(visit, "JavaScript").startswith("Worth knowing: It is off.")
    assert line(visit, "Partitioned cookies").startswith("Fine: Kept.")


def test_without_script_and_without_cookies_a_way_in_is_told(campus: Campus, nothing_at_all: BrowserContext) -> None:
    visit = campus.frame(nothing_at_all, STUDENT)
    visit.press_through()
    visit.click(CHECK)
    says(visit, NEW_TAB)
    assert line(visit, "Cookies") == "Problem: Not kept."
    visit.find(".verdict summary").click()
    expect(visit.find(".window-steps")).to_contain_text("Default launch container")
    tab = in_a_tab(nothing_at_all, visit, "Check in a new tab")
    says(tab, BLOCKED)
    expect(tab.find(".diagnosis-steps")).to_contain_text("On-device site data")


def test_a_session_without_cookies_outlives_the_check(bare_campus: Campus, cookieless: BrowserContext) -> None:  # noqa: F811
    visit = checked(bare_campus.frame(cookieless, STUDENT), USABLE)
    assert line(visit, "Memory of this tab") == "Fine: Kept. Reflect uses this."
    visit.follow("a.masthead-name")
    visit.shows("Check-ins")


def test_a_window_that_is_blocked_is_told(campus: Campus, private: Contexts) -> None:
    browser = private()
    browser.add_init_script("window.open = () => null;")
    visit = checked(campus.frame(browser, STUDENT), USABLE)
    visit.click("Try a new window")
    expect(visit.find("#new-windows")).to_contain_text("It was blocked.")


def test_a_content_dialog_that_left_its_frame_says_so(campus: Campus, private: Contexts) -> None:
    browser = private()
    page = browser.new_page()
    page.add_init_script(NOTHING_IN_FRAMES)
    page.goto(f"{campus.address}/courses/2?as={TEACHER}")
    page.get_by_role("link", name="Add an activity from Reflect").click()
    dialog = Visit(page, page.frame_locator("iframe[name=content]"), "content")
    dialog.find("#new-tab summary").first.click()
    expect(dialog.find("#new-tab")).to_contain_text("This dialog cannot leave its frame.")
    tab = in_a_tab(browser, dialog, "Open in a new tab")
    tab.shows("What would you like to add?")
    expect(tab.find("#left-frame")).to_be_visible()
    expect(opens_dialog(campus, private()).find("#left-frame")).to_be_hidden()
