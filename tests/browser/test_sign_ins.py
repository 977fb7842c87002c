"""The institution's sign-in in a window of its own, beside a frame of another site; and Reflect outside of the LMS."""

import shutil
from collections.abc import Iterator
from pathlib import Path
from urllib.parse import urlsplit

import pytest
from playwright.sync_api import BrowserContext, Page, expect

from tests.browser.browsers import Watch
from tests.browser.visits import STUDENTS, TEACHER, Campus, Visit
from tests.installation import installed
from tests.oidc.running import provider
from tests.servers import free_port, listening

pytestmark = pytest.mark.skipif(not shutil.which("npm"), reason="the provider is an npm package")

BUTTON = "Sign in with 127.0.0.1"


@pytest.fixture(scope="module")
def asking(sqlite_template: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[Campus, str]]:
    """A campus whose Reflect asks everybody to sign in, and the provider's host."""
    path = tmp_path_factory.mktemp("sign-ins") / "reflect.db"
    shutil.copy(sqlite_template, path)
    own = listening()
    callback = f"http://localhost:{own.getsockname()[1]}/sign-ins/callback"
    with (
        provider(free_port(), callback) as issuer,
        installed(
            f"sqlite:///{path}",
            bound=own,
            private_hosts="127.0.0.1",
            oidc_issuer=issuer,
            oidc_client_id="reflect",
            oidc_client_secret="a secret of the tests",
            oidc_required=True,
        ) as running,
    ):
        yield Campus.of(running), urlsplit(issuer).netloc


@pytest.fixture
def here(asking: tuple[Campus, str], watch: Watch) -> Campus:
    """The campus, for a watch that knows of the provider, and of Chromium's advice about its form."""
    campus, host = asking
    watch.hosts = campus.hosts | {host}
    watch.expected = ("401", "https://goo.gl/9p2vKq")
    return campus


def signs_in_at_the_provider(window: Page, name: str) -> None:
    """Fill in the provider's own pages, which agree to anything."""
    window.locator('[name="login"]').fill(name)
    window.locator('[name="password"]').fill("x")
    window.locator('button[type="submit"]').click()
    window.locator('[name="prompt"][value="consent"]').wait_for(state="attached")
    window.locator('button[type="submit"]').click()


def signs_in(context: BrowserContext, visit: Visit, name: str) -> None:
    """Press the frame's button, and do in the window that it opens what is to be done there."""
    expect(visit.inside.get_by_role("heading", level=1)).to_have_text("Please sign in")
    with context.expect_page() as opened:
        visit.click(BUTTON)
    signs_in_at_the_provider(opened.value, name)
    expect(opened.value.get_by_role("heading", level=1)).to_have_text("You are signed in")
    assert opened.value.evaluate("window.opener") is None
    opened.value.close()


def test_the_frame_goes_on_by_itself_where_third_party_cookies_are_blocked(
    here: Campus, third_party_blocked: BrowserContext, watch: Watch
) -> None:
    teacher = here.frame(third_party_blocked, TEACHER)
    signs_in(third_party_blocked, teacher, "tess")
    teacher.shows("Check-ins")
    teacher.ask("Did the window close?")
    student = here.frame(third_party_blocked, STUDENTS[0])
    # At the same computer the provider asks again who sits there.
    signs_in(third_party_blocked, student, "maya")
    expect(student.find(".only .picker")).to_be_visible()
    student.choose("calm")
    expect(student.find("main.thanks h1")).to_be_visible()
    teacher.sees_answers(1)
    again = here.frame(third_party_blocked, STUDENTS[0])
    again.shows("Check-ins")
    assert not [url for url in watch.requests if "handover" in url]


def test_it_needs_no_script(here: Campus, script_blocked: BrowserContext) -> None:
    student = here.frame(script_blocked, STUDENTS[1])
    student.press_through()
    signs_in(script_blocked, student, "no-script")
    student.click("I have signed in: go on")
    student.shows("Check-ins")


def test_outside_the_lms_it_opens_the_persons_courses(here: Campus, third_party_blocked: BrowserContext) -> None:
    student = here.frame(third_party_blocked, STUDENTS[3])
    signs_in(third_party_blocked, student, "outside")
    student.shows("Check-ins")
    page = third_party_blocked.new_page()
    page.goto(f"{here.base_url}/sign-in")
    outside = Visit(page, page)
    outside.click(BUTTON)
    outside.shows("Your courses")
    outside.find(".sign-in-courses button").first.click()
    outside.shows("Check-ins")
