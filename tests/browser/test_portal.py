"""The portal in a real browser: from signing in to a launch that turns the page green, by hand and by one address."""

import re
import shutil
from collections.abc import Callable, Iterator
from pathlib import Path
from urllib.parse import urlsplit

import pytest
from playwright.sync_api import Browser, BrowserContext, Page, expect

from tests.browser.browsers import Watch
from tests.browser.looks import axe_finds, small_targets, too_wide
from tests.browser.visits import Visit
from tests.installation import Installation, installed, tool_at
from tests.web.admin.portal import invitation

PATIENCE = 15_000


@pytest.fixture(scope="module")
def school(sqlite_template: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Installation]:
    """An installation of these tests' own."""
    path = tmp_path_factory.mktemp("portal") / "reflect.db"
    shutil.copy(sqlite_template, path)
    with installed(f"sqlite:///{path}") as running:
        yield running


Pages = Callable[..., Page]


@pytest.fixture
def office(chromium: Browser, school: Installation) -> Iterator[Pages]:
    """Makes a page of somebody who has just signed in, in a browser of their own; nothing may go wrong quietly."""
    watch = Watch(frozenset(urlsplit(url).netloc for url in (school.base_url, school.platform.base_url)), ("422",))
    opened: list[BrowserContext] = []

    def make(**options: object) -> Page:
        context = chromium.new_context(**options)
        context.set_default_timeout(PATIENCE)
        watch.over(context)
        opened.append(context)
        page = context.new_page()
        page.goto(invitation(school, "ada@fablehill.example"))
        page.get_by_role("button", name="Sign in").click()
        expect(page.get_by_role("heading", level=1)).to_have_text("Registrations")
        return page

    yield make
    for context in opened:
        context.close()
    assert watch.complaints == []


def press(page: Page, words: str) -> None:
    """Press a button or follow a link to another page."""
    Visit(page, page).click(words)


def launch(school: Installation, client_id: str) -> None:
    """Somebody opens Reflect in the LMS."""
    walker = school.walker()
    walker.tool = school.platform.tools[client_id]
    assert walker.walk("3", "2", "1").status_code == 303


def through_the_wizard(school: Installation, page: Page, client_id: str) -> None:
    """From the list to the page of a new registration."""
    base = school.platform.base_url
    press(page, "Add registration")
    page.get_by_label("Friendly name").fill("Fable Hill")
    page.get_by_label("Another LMS").check()
    press(page, "Next: keys for your LMS")
    expect(page.locator(".copied-value", has_text=f"{school.base_url}/lti/launch")).to_be_visible()
    press(page, "Next: keys from your LMS")
    for label, value in (
        ("Issuer (platform ID)", base),
        ("Client ID", client_id),
        ("Public keyset URL", f"{base}/jwks"),
        ("Authentication request URL", f"{base}/authorize"),
        ("Deployment ID", "1"),
        ("Access token URL", f"{base}/token"),
    ):
        page.get_by_label(label).fill(value)
    press(page, "Next: review")
    expect(page.locator("main")).to_contain_text("Fetched: it holds 2 RSA keys.")
    press(page, "Save, and try a launch")
    expect(page.get_by_role("heading", level=1)).to_have_text("Fable Hill")


def test_the_wizard_ends_with_a_launch_that_turns_the_page_green(school: Installation, office: Pages) -> None:
    page = office()
    through_the_wizard(school, page, "by-hand")
    school.platform.register(tool_at(school.base_url, "by-hand"))
    expect(page.locator("#launches")).to_contain_text("Waiting for a first launch")
    page.evaluate("document.body.dataset.same = 'yes'")
    launch(school, "by-hand")
    expect(page.locator("#launches.trial-well")).to_contain_text("It works", timeout=6_000)
    school.platform.register(tool_at(school.base_url, "by-hand", "another"))
    walker = school.walker()
    walker.tool = school.platform.tools["by-hand"]
    assert walker.walk("3", "2", "1").status_code == 403
    expect(page.locator("#launches.trial-refused")).to_contain_text("not approved yet", timeout=6_000)
    assert page.evaluate("document.body.dataset.same") == "yes"
    page.get_by_role("button", name="Run the connection test").click()
    expect(page.locator(".finding")).not_to_have_count(0)
    page.reload()
    press(page, "Approve another")
    launch(school, "by-hand")
    expect(page.locator("#launches.trial-well")).to_be_visible(timeout=6_000)


def test_each_value_is_looked_at_when_it_is_left(school: Installation, office: Pages) -> None:
    page, base = office(), school.platform.base_url
    page.goto(f"{school.base_url}/admin/registrations/new")
    page.get_by_label("Friendly name").fill("As typed")
    page.get_by_label("Moodle").check()
    press(page, "Next")
    press(page, "Next")
    page.get_by_label("Public keyset URL").fill(f"{base}/jwks")
    page.get_by_label("Client ID").fill("a b")
    expect(page.locator("#keyset_url-check")).to_have_text("Fetched: it holds 2 RSA keys.")
    page.get_by_label("Deployment ID").focus()
    expect(page.locator("#client_id-check")).to_contain_text("a space or an odd character")
    page.reload()
    expect(page.get_by_label("Client ID")).to_have_value("a b")
    page.get_by_label("Your Moodle’s address").fill("moodle.invalid/my/")
    page.get_by_role("button", name="Fill in the addresses").click()
    expect(page.get_by_label("Access token URL")).to_have_value("https://moodle.invalid/mod/lti/token.php")
    expect(page.get_by_label("Client ID")).to_have_value("a b")


@pytest.mark.parametrize("permissions", [["clipboard-read", "clipboard-write"], []], ids=["clipboard", "selection"])
def test_a_value_is_copied(school: Installation, office: Pages, permissions: list[str]) -> None:
    page = office(permissions=permissions)
    page.goto(f"{school.base_url}/admin/registrations/new")
    page.get_by_label("Friendly name").fill("To copy")
    page.get_by_label("Canvas").check()
    press(page, "Next")
    if not permissions:
        page.evaluate("() => { navigator.clipboard.writeText = () => Promise.reject(new Error('not in a frame')); }")
    page.get_by_role("button", name="Copy Target Link URI").click()
    expect(page.locator("#announcements")).to_have_text("Copied")
    assert page.evaluate("getSelection().toString()").strip() == f"{school.base_url}/app"
    if permissions:
        assert page.evaluate("navigator.clipboard.readText()") == f"{school.base_url}/app"


def test_an_lms_registers_itself_by_one_address(school: Installation, office: Pages) -> None:
    page = office()
    page.goto(f"{school.base_url}/admin/invitations/new")
    page.get_by_label("Friendly name").fill("By one address")
    page.get_by_label("Another LMS").check()
    press(page, "Make the address")
    address = page.locator(".copied-value").inner_text()
    known = set(school.platform.tools)
    lms = page.context.new_page()
    lms.goto(f"{school.platform.base_url}/tools")
    lms.get_by_label("Registration address of a tool").fill(address)
    lms.get_by_role("button", name="Add tool").click()
    frame = lms.frame_locator("iframe[name=registration]")
    frame.get_by_role("button", name="Register Reflect").click()
    expect(frame.get_by_role("heading", level=1)).to_have_text("Reflect is registered")
    frame.get_by_role("button", name=re.compile("Close")).click()
    lms.get_by_role("button", name="Activate").click()
    expect(lms.get_by_text("pending")).to_have_count(0)
    (client_id,) = set(school.platform.tools) - known
    page.goto(f"{school.base_url}/admin/registrations")
    press(page, "By one address")
    expect(page.locator("#launches")).to_contain_text("Waiting for a first launch")
    launch(school, client_id)
    expect(page.locator("#launches.trial-well")).to_be_visible(timeout=6_000)


def test_everything_works_without_script(school: Installation, office: Pages) -> None:
    page = office(java_script_enabled=False)
    through_the_wizard(school, page, "no-script")
    school.platform.register(tool_at(school.base_url, "no-script"))
    launch(school, "no-script")
    press(page, "Look again")
    expect(page.locator("#launches")).to_contain_text("It works")
    page.get_by_role("button", name="Run the connection test").click()
    expect(page.locator(".finding")).not_to_have_count(0)
    press(page, "Make a new key")
    expect(page.locator("main")).to_contain_text("still published")
    press(page, "Switch off")
    press(page, "Switch on")
    expect(page.get_by_role("button", name="Copy")).to_have_count(0)
    press(page, "Sign out")
    expect(page.get_by_role("heading", level=1)).to_have_text("Sign in to the portal")


def faults_of(page: Page) -> list[str]:
    """What axe, a finger and a narrow screen find on a page."""
    return [*small_targets(page), *too_wide(page), *axe_finds(page)]
