"""Who follows a link sees the new page, however late it comes and however much it looks like the old one."""

from collections.abc import Callable
from time import sleep

import pytest
from playwright.sync_api import BrowserContext, Route

from tests.browser.visits import TEACHER, Campus, Visit

Contexts = Callable[..., BrowserContext]


def late(route: Route) -> None:
    """Answer after a while."""
    sleep(0.3)
    route.continue_()


WAYS: dict[str, Callable[[Visit], None]] = {
    "a link": lambda visit: visit.follow("a.masthead-name"),
    "a link by its words": lambda visit: visit.click("Reflect"),
    "a key": lambda visit: press_enter(visit),
}


def press_enter(visit: Visit) -> None:
    """Follow the link by keyboard."""
    visit.find("a.masthead-name").focus()
    with visit.leaving():
        visit.page.keyboard.press("Enter")


@pytest.mark.parametrize("way", WAYS)
def test_the_old_page_is_gone_when_a_link_was_followed(campus: Campus, private: Contexts, way: str) -> None:
    context = private()
    visit = campus.frame(context, TEACHER)
    visit.shows("Check-ins")
    visit.frame.evaluate("window.isOld = true")
    context.route("**/courses/*", late)
    WAYS[way](visit)
    assert visit.frame.evaluate("window.isOld") is None


def test_so_it_is_without_script(campus: Campus, script_blocked: BrowserContext) -> None:
    visit = campus.frame(script_blocked, TEACHER)
    visit.press_through()
    visit.shows("Check-ins")
    visit.frame.evaluate("window.isOld = true")
    script_blocked.route("**/courses/*", late)
    visit.follow("a.masthead-name")
    assert visit.frame.evaluate("window.isOld") is None
