"""The leader view in a real browser: for everyone, on every screen, and without script."""

import os
import re
import shutil
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from playwright.sync_api import Browser, BrowserContext, Page, expect
from sqlmodel import Session

from reflect.domain import admins, terms
from reflect.domain.admins import Appointment
from reflect.domain.terms import Named
from reflect.storage.admins import Role
from reflect.storage.courses import Course
from reflect.storage.talks import Talk
from reflect.web.admin import addresses
from tests.browser.test_portal import PATIENCE, faults_of
from tests.browser.visits import Visit
from tests.classroom import NOW
from tests.domain.school import School, school
from tests.installation import Installation, installed
from tests.web.admin.portal import KEYRING, invitation

WEEKS = 14
FEELINGS = ("calm", "happy", "tired", "sad", "bored", "curious", "confident", "skip")
NAMES = ("Pond ecology", "A very long name of a course on the care of reeds, rushes and other shore plants", "Too few")
PICTURES = os.environ.get("REFLECT_PICTURES")
"""A folder that the pages' pictures go to, for whoever looks at them."""


@pytest.fixture(scope="module")
def led(sqlite_template: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Installation]:
    """An installation in which a school has answered for some weeks."""
    path = tmp_path_factory.mktemp("leaders") / "reflect.db"
    shutil.copy(sqlite_template, path)
    with installed(f"sqlite:///{path}") as running:
        found = school(running.database, (9, 12, 4))
        running.database.write_now(lambda db: name_all(db, found))
        for week in range(WEEKS):
            for number, room in enumerate(found.rooms):
                teach(found, number, NOW + timedelta(weeks=week), week, len(room.students))
        found.publish(k=5, now=NOW + timedelta(weeks=WEEKS + 6))
        yield running


def teach(found: School, number: int, now: datetime, week: int, size: int) -> None:
    """One check-in of a course, answered by most."""
    room = found.rooms[number]
    checkin_id = room.open("named" if number else "anonymous", k=5, now=now)
    for place, student in enumerate(room.students[: size - week % 3]):
        room.answer(student, checkin_id, FEELINGS[(place * (week + 3) + week) % len(FEELINGS)], now=now)
    room.close(checkin_id, now + timedelta(hours=1))


def name_all(db: Session, found: School) -> None:
    """Names for the courses, terms, and requests to talk."""
    for room, title in zip(found.rooms, NAMES, strict=True):
        db.get_one(Course, room.course_id).title = title
    for name, week in (("Before the storks left", 0), ("After", 7)):
        begins_on = NOW.date() + timedelta(weeks=week)
        terms.add(db, Named(name, begins_on, begins_on + timedelta(days=48)), "reflect", NOW)
    room = found.rooms[1]
    for place, student in enumerate(room.students):
        sent_at = NOW + timedelta(days=3 * place)
        seen_at = sent_at + timedelta(hours=2 + place) if place % 4 else None
        db.add(
            Talk(
                course_id=room.course_id,
                student_id=student.person_id,
                for_anyone=True,
                is_for_today=False,
                sent_at=sent_at,
                seen_at=seen_at,
            )
        )


@pytest.fixture
def contexts(chromium: Browser) -> Iterator[list[BrowserContext]]:
    """Browser contexts that are closed at the end."""
    opened: list[BrowserContext] = []
    yield opened
    for context in opened:
        context.close()


def leader(chromium: Browser, contexts: list[BrowserContext], running: Installation, **options: object) -> Page:
    """A leader who has just signed in."""
    context = chromium.new_context(**options)
    context.set_default_timeout(PATIENCE)
    contexts.append(context)
    page = context.new_page()
    made = running.database.write_now(
        lambda db: admins.invite(db, "owl@fablehill.example", "reflect", datetime.now(UTC), Appointment(Role.LEADER))
    )
    page.goto(addresses.sign_in(running.base_url, KEYRING, made))
    page.get_by_role("button", name="Sign in").click()
    expect(page.get_by_role("heading", level=1)).to_have_text("Insights")
    return page


def test_a_leader_walks_through_without_script(
    chromium: Browser, contexts: list[BrowserContext], led: Installation
) -> None:
    page = leader(chromium, contexts, led, java_script_enabled=False)
    visit = Visit(page, page)
    expect(page.locator(".portal-nav a")).to_have_count(1)
    visit.follow(page.get_by_role("link", name="Courses", exact=True))
    page.get_by_label("Find by name").fill("POND")
    visit.click("Find")
    expect(page.locator(".rows a")).to_have_count(1)
    visit.follow(page.get_by_role("link", name="Pond ecology"))
    expect(page.get_by_role("heading", level=1)).to_have_text("Pond ecology")
    visit.follow(page.get_by_role("link", name="After"))
    expect(page.locator("tbody tr")).to_have_count(7)
    visit.follow(page.get_by_role("link", name="Courses", exact=True))
    expect(page.locator(".leaders-terms [aria-current]")).to_have_text("After")
    visit.click("Sign out")
    expect(page.get_by_role("heading", level=1)).to_have_text("Sign in to the portal")


def test_every_page_is_for_everyone(chromium: Browser, contexts: list[BrowserContext], led: Installation) -> None:
    page = leader(chromium, contexts, led, bypass_csp=True, viewport={"width": 360, "height": 740})
    faults = []
    for name, address in (
        ("overview", "/admin/insights"),
        ("courses", "/admin/insights/courses"),
        ("course", "/admin/insights/courses/1"),
        ("refused", "/admin/registrations"),
    ):
        page.goto(f"{led.base_url}{address}")
        faults += [f"{name}: {fault}" for fault in faults_of(page)]
        picture(page, name)
    page.goto(invitation(led, "ada@fablehill.example"))
    page.get_by_role("button", name="Sign in").click()
    for name in ("terms", "admins"):
        page.goto(f"{led.base_url}/admin/{name}")
        faults += [f"{name}: {fault}" for fault in faults_of(page)]
        picture(page, name)
    assert not faults, chr(10).join(faults)


def picture(page: Page, name: str) -> None:
    """Take pictures where somebody wants to look at them."""
    for width, scheme, direction in ((360, "light", "ltr"), (1280, "dark", "ltr"), (768, "light", "rtl")):
        if PICTURES:
            page.set_viewport_size({"width": width, "height": 900})
            page.emulate_media(color_scheme=scheme, reduced_motion="reduce")
            page.locator("html").evaluate("(html, dir) => { html.dir = dir; }", direction)
            page.screenshot(path=Path(PICTURES) / f"{name}-{width}-{scheme}-{direction}.png", full_page=True)


def test_pictures_are_drawn_in_the_order_of_time(
    chromium: Browser, contexts: list[BrowserContext], led: Installation
) -> None:
    page = leader(chromium, contexts, led)
    expect(page.locator("svg.chart")).to_have_count(2)
    ends = page.locator(".chart-ends").first.inner_text()
    assert re.search(r"Sep 7, 2026.*Dec 7, 2026", ends, re.DOTALL)
    expect(page.locator(".leaders-turnout")).to_have_count(WEEKS)
