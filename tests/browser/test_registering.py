"""Dynamic registration in a real browser: an address is pasted, Reflect is registered, switched on, and used at once."""

import shutil
from collections.abc import Callable, Iterator
from datetime import UTC, datetime
from pathlib import Path

import pytest
from playwright.sync_api import BrowserContext, expect

from reflect.domain import invitations
from reflect.keyring import Keyring
from reflect.web.admin import addresses
from tests.browser.browsers import Watch
from tests.browser.visits import TEACHER, Visit
from tests.installation import SECRET, Installation, installed


@pytest.fixture
def running(sqlite_template: Path, tmp_path: Path, watch: Watch) -> Iterator[Installation]:
    """An installation of the test's own, since it registers the campus once more."""
    path = tmp_path / "reflect.db"
    shutil.copy(sqlite_template, path)
    with installed(f"sqlite:///{path}") as running:
        watch.hosts |= {running.platform.base_url.partition("//")[2], running.base_url.partition("//")[2]}
        yield running


def invitation(running: Installation) -> str:
    """The address that an administrator of Reflect made."""
    made = running.database.write_now(
        lambda db: invitations.invite(db, "Campus again", "other", "ada@fablehill.example", datetime.now(UTC))
    )
    return addresses.register(running.base_url, Keyring(SECRET), made)


def test_a_pasted_address_ends_in_a_tool_that_teachers_use(
    running: Installation, private: Callable[..., BrowserContext]
) -> None:
    page = private().new_page()
    page.goto(f"{running.platform.base_url}/tools")
    page.get_by_label("Registration address of a tool").fill(invitation(running))
    page.get_by_role("button", name="Add tool").click()
    registration = page.frame_locator("iframe[name=registration]")
    registration.get_by_role("button", name="Register Reflect").click()
    expect(registration.get_by_role("heading", level=1)).to_have_text("Reflect is registered")
    registration.locator("[data-close]").click()
    expect(page).to_have_url(f"{running.platform.base_url}/tools")
    page.get_by_role("button", name="Activate").click()
    expect(page.get_by_text("pending")).to_have_count(0)
    page.goto(f"{running.platform.base_url}/courses/2?as={TEACHER}")
    page.get_by_role("link", name="Add an activity from Reflect").last.click()
    dialog = Visit(page, page.frame_locator("iframe[name=content]"), "content")
    dialog.shows("What would you like to add?")
    dialog.click("Add to the course")
    page.locator("li.row").last.get_by_role("link", name="Open it", exact=True).click()
    teacher = Visit(page, page.frame_locator("iframe[name=activity]"), "activity")
    teacher.shows("Check-ins")
    teacher.ask("How was the first day?")
