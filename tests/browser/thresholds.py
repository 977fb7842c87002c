"""The pages of a launch in a browser that keeps nothing."""

from collections.abc import Iterator
from contextlib import closing

from playwright.sync_api import Browser, expect

from tests.browser.visits import TEACHER, Campus, Visit

KEEPS_NOTHING = """
if (location.pathname === "%s") {
  Object.defineProperty(window, "sessionStorage", { get() { throw new DOMException("blocked", "SecurityError"); } });
  Object.defineProperty(Document.prototype, "cookie", { get: () => "", set: () => {} });
}
"""
"""A browser that keeps nothing, as our script finds it on one of the launch's two pages."""


def pages(campus: Campus, browser: Browser) -> Iterator[tuple[str, Visit]]:
    """Each page with its name."""
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
