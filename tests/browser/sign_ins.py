"""The pages of the institution's sign-in, as far as they are Reflect's own: no provider is asked for them."""

import shutil
import tempfile
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path

from playwright.sync_api import Browser, Page
from sqlmodel import Session, select

from reflect.domain import identities
from reflect.storage.database import open_engine
from reflect.storage.schema import migrate
from reflect.storage.sessions import LaunchSession
from reflect.web.house import build
from reflect.web.pages import environment
from reflect.web.sign_ins import IDENTITY, seal
from tests.browser.visits import STUDENTS, Campus, Visit
from tests.installation import Installation, installed
from tests.servers import free_port


def pages(browser: Browser, language: str = "en") -> Iterator[tuple[str, Visit]]:
    """Each page with its name, everybody speaking one language."""
    folder = tempfile.mkdtemp()
    url = f"sqlite:///{Path(folder) / 'reflect.db'}"
    engine = open_engine(url)
    migrate(engine)
    engine.dispose()
    provider = {"oidc_issuer": f"http://127.0.0.1:{free_port()}", "oidc_client_id": "x", "oidc_client_secret": "x"}
    with (
        installed(url, private_hosts="127.0.0.1", oidc_required=True, language=language, **provider) as running,
        closing(browser.new_context()) as context,
    ):
        campus = Campus.of(running)
        student = campus.window(context, STUDENTS[0])
        student.shows("Please sign in")
        yield "sign-in-asked", student
        page = context.new_page()
        page.goto(f"{campus.base_url}/sign-in")
        outside = Visit(page, page)
        yield "sign-in", outside
        outside.follow("main form button")
        outside.shows("Signing in is not possible right now")
        yield "sign-in-refused", outside
        _has_signed_in(running, page)
        page.goto(f"{campus.base_url}/sign-in")
        outside.shows("Your courses")
        yield "sign-in-courses", outside
        page.route("**/sign-ins/callback", lambda route: route.fulfill(body=_done(language), content_type="text/html"))
        page.goto(f"{campus.base_url}/sign-ins/callback")
        outside.shows("You are signed in")
        yield "sign-in-done", outside
    shutil.rmtree(folder)


def _has_signed_in(running: Installation, page: Page) -> None:
    """Link the one who waits, and let the browser have come back from the provider."""
    house = build(running.settings, running.database)
    institution = house.institution
    assert institution

    def work(db: Session) -> None:
        waiting = db.exec(select(LaunchSession.token_hash)).one()
        identities.link(db, waiting, institution, "maya", house.now())

    running.database.write_now(work)
    cookie = f"{IDENTITY}={seal(house, IDENTITY, institution.mark('maya').hex())}"
    # Playwright sets no __Host- cookie of a site without TLS, which Chromium itself does for localhost.
    page.route(
        "**/sign-in",
        lambda route: route.fulfill(response=route.fetch(headers={**route.request.headers, "Cookie": cookie})),
    )


def _done(tag: str) -> str:
    """The page that follows a sign-in in a window of its own, as a provider's answer would bring it."""
    page = environment(tag).get_template("sign_ins/done.html")
    return page.render(viewer=None, course=None, here="/sign-in", path_for=lambda name, **_params: f"/{name}?")
