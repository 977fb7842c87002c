"""The pages of a launch in a browser that keeps nothing, and the check of browsers."""

from collections.abc import Iterator, Mapping
from contextlib import closing
from urllib.parse import urlencode

from playwright.sync_api import Browser, BrowserContext, expect

from reflect.domain.browsers import Browser as Kind
from reflect.domain.diagnostics import Diagnosis
from tests.browser.visits import TEACHER, Campus, Visit

KEEPS_NOTHING = """
if (location.pathname === "%s") {
  Object.defineProperty(window, "sessionStorage", { get() { throw new DOMException("blocked", "SecurityError"); } });
  Object.defineProperty(Document.prototype, "cookie", { get: () => "", set: () => {} });
}
"""
"""A browser that keeps nothing, as our script finds it on one of the launch's two pages."""

LOST = {"script": "on", "cookie": "lost", "partitioned": "lost", "session": "lost", "access": "closed"}
DIAGNOSES: Mapping[str, Mapping[str, str]] = {
    "": {},
    "-in-a-frame-that-keeps-nothing": {**LOST, "place": "frame", "window": "blocked", "clock": "slow"},
    "-where-everything-is-blocked": {**LOST, "place": "window", "network": "public"},
    "-with-the-platforms-memory": {**LOST, "place": "frame", "platform": "kept"},
}
"""What browsers found out; the first is found out by this one."""


def told(seen: Mapping[str, str]) -> str:
    """The code of what a browser found out."""
    return Diagnosis.of(seen, Kind("firefox", 140)).code


def pages(campus: Campus, browser: Browser) -> Iterator[tuple[str, Visit]]:
    """Each page with its name."""
    with closing(browser.new_context()) as context:
        context.add_init_script(KEEPS_NOTHING % "/lti/login")
        visit = campus.window(context, TEACHER)
        expect(visit.find("#keeps-nothing")).to_be_visible()
        yield "login-that-keeps-nothing", visit
        yield from _in_a_dialog(context, campus)
        for section in ("#keeps-nothing", "#new-tab"):
            visit.find(section).evaluate("(section) => { section.hidden = !section.hidden; }")
        yield "login-in-a-new-tab", visit
        visit.find("#new-tab summary").first.click()
        visit.find("#new-tab summary").last.click()
        yield "login-in-a-new-tab-with-advice", visit
    with closing(browser.new_context()) as context:
        for name, seen in DIAGNOSES.items():
            page = context.new_page()
            page.goto(f"{campus.base_url}/diagnostics" + (f"?code={told(seen)}" if seen else ""))
            expect(page.locator("#verdict")).to_be_visible()
            yield f"diagnostics{name}", Visit(page, page)
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


def _in_a_dialog(context: BrowserContext, campus: Campus) -> Iterator[tuple[str, Visit]]:
    """The page of a login that Moodle's content dialog began."""
    hint = '{"launchid":"ltilaunch_ContentItemSelectionRequest834969774"}'
    fields = {"iss": campus.address, "login_hint": "3", "target_link_uri": f"{campus.base_url}/app"}
    page = context.new_page()
    page.goto(f"{campus.base_url}/lti/login?{urlencode(fields | {'lti_message_hint': hint})}")
    expect(page.locator("#keeps-nothing")).to_be_visible()
    for section in ("#keeps-nothing", "#new-tab"):
        page.locator(section).evaluate("(section) => { section.hidden = !section.hidden; }")
    yield "login-in-a-dialog", Visit(page, page)
