"""The portal's pages, and those an LMS's administrator sees while it registers itself."""

import tempfile
from collections.abc import Iterator
from contextlib import closing
from datetime import UTC, datetime
from pathlib import Path

from playwright.sync_api import Browser, Page

from reflect.domain import invitations
from reflect.domain.browsers import Browser as Kind
from reflect.domain.diagnostics import Diagnosis
from reflect.storage.database import open_engine
from reflect.storage.schema import migrate
from reflect.web.admin import addresses
from tests.browser.visits import Visit
from tests.installation import Installation, installed
from tests.web.admin.portal import KEYRING, invitation
from tests.web.registering_platform import RegisteringPlatform, registering_platform

Pages = Iterator[tuple[str, Visit]]
KEEPS_NOTHING = Diagnosis.of({"place": "frame", "cookie": "lost", "partitioned": "lost"}, Kind("edge", 142))
PLACES = ("registrations", "registrations/new", "insights", "terms", "support", "admins", "api-keys", "audit")
STEPS = ("name", "tool", "platform")


def pages(browser: Browser) -> Pages:
    """Each page with its name."""
    with tempfile.TemporaryDirectory() as folder:
        url = f"sqlite:///{Path(folder) / 'reflect.db'}"
        engine = open_engine(url)
        migrate(engine)
        engine.dispose()
        with (
            installed(url, private_hosts="127.0.0.1") as running,
            registering_platform() as lms,
            closing(browser.new_context()) as context,
        ):
            page = context.new_page()
            yield from _registering(running, lms, page)
            yield from _inside(running, page)


def _registering(running: Installation, lms: RegisteringPlatform, page: Page) -> Pages:
    visit, now = Visit(page, page), datetime.now(UTC)
    for name in ("registered", "registered-again"):
        made = running.database.write_now(
            lambda db: invitations.invite(db, "Fable Hill", "moodle", "ada@fablehill.example", now)
        )
        page.goto(lms.link(addresses.register(running.base_url, KEYRING, made)))
        if name == "registered":
            yield "registration-asked", visit
        visit.follow("main form button")
        yield name, visit


def _inside(running: Installation, page: Page) -> Pages:
    visit, base = Visit(page, page), running.base_url
    page.goto(f"{base}/admin/sign-in")
    yield "portal-sign-in", visit
    page.goto(invitation(running, "ada@fablehill.example"))
    yield "portal-invited", visit
    visit.follow("main form button")
    for place in PLACES:
        page.goto(f"{base}/admin/{place}")
        yield f"portal-{place.replace('/', '-')}", visit
    page.goto(f"{base}/admin/diagnostics?code={KEEPS_NOTHING.code}")
    yield "portal-diagnostics", visit
    page.goto(f"{base}/admin/registrations/new")
    page.locator("#name").fill("Half done")
    page.locator('input[value="moodle"]').check()
    visit.follow("main form .button")
    draft = page.url.removesuffix("/tool")
    for step in STEPS:
        page.goto(f"{draft}/{step}")
        yield f"portal-draft-{step}", visit
    page.goto(f"{base}/admin/invitations/new")
    yield "portal-invitation-new", visit
    for name, path in (("", ""), ("-edit", "/edit"), ("-launches", "/launches")):
        page.goto(f"{base}/admin/registrations/1{path}")
        yield f"portal-registration{name}", visit
