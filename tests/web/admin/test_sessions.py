"""Signing in to the portal: an address opens a page, one press of its button spends it, and the stay has an end."""

from datetime import UTC, datetime, timedelta

import pytest
from sqlmodel import Session, col, select, text

from reflect.domain.admins import IDLE, LONGEST
from reflect.domain.sessions import fingerprint
from reflect.storage.admins import Admin, AdminSession
from reflect.web.admin.visits import COOKIE
from tests.installation import Installation
from tests.web.admin.portal import Portal, assert_says, fields_in, invitation, rows, signed_in

PAGES = ("/admin/registrations", "/admin/registrations/new", "/admin/admins", "/admin/audit", "/admin/invitations/new")


def test_looking_at_a_sign_in_address_does_not_spend_it(shared: Installation) -> None:
    address, preview, person = invitation(shared, "moth@fablehill.example"), shared.walker(), shared.walker()
    for _ in range(3):
        assert preview.get(address).status_code == 200
    page = person.get(address)
    assert "moth@fablehill.example" in page.text
    assert person.post("/admin/sessions", fields_in(page)).status_code == 303
    assert person.get("/admin/registrations").status_code == 200


def test_a_sign_in_address_works_once(shared: Installation) -> None:
    address, first, second = invitation(shared, "newt@fablehill.example"), shared.walker(), shared.walker()
    fields = fields_in(first.get(address))
    assert first.post("/admin/sessions", fields).status_code == 303
    assert_says(second.post("/admin/sessions", fields), "invitation_used", 410)
    assert_says(second.get(address), "invitation_used", 410)
    assert_says(second.get("/admin/registrations"), "admin_session_missing", 401)


def test_a_sign_in_address_expires_after_a_day(shared: Installation) -> None:
    address = invitation(shared, "wren@fablehill.example", ago=timedelta(hours=24, seconds=1))
    assert_says(shared.walker().get(address), "invitation_expired", 410)
    still_good = invitation(shared, "wren@fablehill.example", ago=timedelta(hours=23, minutes=59))
    assert shared.walker().get(still_good).status_code == 200


@pytest.mark.parametrize("text", ["nonsense", "IkFCQyI.signature", "%00", "a" * 3000])
def test_a_made_up_address_opens_nothing(shared: Installation, text: str) -> None:
    assert_says(shared.walker().get(f"/admin/sign-in?invitation={text}"), "invitation_unknown", 404)
    assert_says(shared.walker().post("/admin/sessions", {"invitation": text}), "invitation_unknown", 404)


def test_the_address_for_an_lms_does_not_sign_anybody_in(shared: Installation) -> None:
    portal = signed_in(shared)
    shown = portal.get(portal.post("/admin/invitations", name="x", lms="moodle").headers["location"])
    token = shown.text.partition("invitation=")[2].partition("<")[0]
    assert_says(shared.walker().get(f"/admin/sign-in?invitation={token}"), "invitation_unknown", 404)


def test_the_cookie_is_for_this_host_and_for_no_script_and_its_token_is_not_stored(shared: Installation) -> None:
    portal = signed_in(shared)
    cookie = portal.walker.cookies[COOKIE]
    assert COOKIE.startswith("__Host-")
    assert {"httponly", "secure"} <= set(cookie.attributes)
    assert (cookie.attributes["samesite"].lower(), cookie.attributes["path"]) == ("lax", "/")
    stored = [session for session in rows(shared, AdminSession) if isinstance(session, AdminSession)]
    assert fingerprint(cookie.value) in [session.token_hash for session in stored]
    assert all(cookie.value.encode() not in session.token_hash for session in stored)


@pytest.mark.parametrize("path", PAGES)
def test_no_page_shows_without_a_session(shared: Installation, path: str) -> None:
    page = shared.walker().get(path)
    assert_says(page, "admin_session_missing", 401)
    assert "frame-ancestors 'none'" in page.headers["content-security-policy"]
    assert page.headers["cache-control"] == "no-store"


def test_a_session_of_a_course_is_none_of_the_portal(shared: Installation) -> None:
    walker = shared.walker()
    assert walker.walk("3", "2", "1").status_code == 303
    token = next(cookie.value for name, cookie in walker.cookies.items() if name.startswith("__Host-reflect-tab-"))
    walker.cookies[COOKIE] = walker.cookies[next(iter(walker.cookies))]
    assert token
    assert_says(walker.get("/admin/registrations"), "admin_session_missing", 401)


def _age(portal: Portal, **columns: datetime) -> None:
    token_hash = fingerprint(portal.walker.cookies[COOKIE].value)

    def work(db: Session) -> None:
        session = db.exec(select(AdminSession).where(col(AdminSession.token_hash) == token_hash)).one()
        for name, value in columns.items():
            setattr(session, name, value)
        db.add(session)

    portal.running.database.write_now(work)


def test_a_session_ends_after_an_hour_of_quiet(shared: Installation) -> None:
    portal, now = signed_in(shared), datetime.now(UTC)
    _age(portal, seen_at=now - IDLE + timedelta(seconds=20))
    portal.get("/admin/registrations")
    _age(portal, seen_at=now - IDLE)
    assert_says(portal.walker.get("/admin/registrations"), "admin_session_missing", 401)
    assert timedelta(minutes=60) == IDLE


def test_using_a_session_keeps_it_awake(shared: Installation) -> None:
    portal, now = signed_in(shared), datetime.now(UTC)
    _age(portal, seen_at=now - timedelta(minutes=50))
    portal.get("/admin/registrations")
    token_hash = fingerprint(portal.walker.cookies[COOKIE].value)
    session = shared.database.read_now(
        lambda db: db.exec(select(AdminSession).where(col(AdminSession.token_hash) == token_hash)).one()
    )
    assert session.seen_at > now - timedelta(minutes=1)


def test_a_session_ends_after_twelve_hours_whatever_happens(shared: Installation) -> None:
    portal, now = signed_in(shared), datetime.now(UTC)
    session = [it for it in rows(shared, AdminSession) if isinstance(it, AdminSession)][-1]
    assert session.expires_at - session.created_at == LONGEST == timedelta(hours=12)
    _age(portal, expires_at=now)
    assert_says(portal.walker.get("/admin/registrations"), "admin_session_missing", 401)


def test_signing_out_ends_the_session_and_takes_the_cookie_back(shared: Installation) -> None:
    portal = signed_in(shared)
    kept = portal.walker.cookies[COOKIE]
    portal.post("/admin/sessions/end")
    assert COOKIE not in portal.walker.cookies
    portal.walker.cookies[COOKIE] = kept
    assert_says(portal.walker.get("/admin/registrations"), "admin_session_missing", 401)


def test_another_site_cannot_act_for_a_signed_in_administrator(shared: Installation) -> None:
    portal = signed_in(shared)
    headers = {"Origin": "https://evil.example", "Sec-Fetch-Site": "cross-site"}
    cookie = {"Cookie": f"{COOKIE}={portal.walker.cookies[COOKIE].value}"}
    answer = portal.walker.client.post(
        f"{shared.base_url}/admin/admins", data={"email": "evil@evil.example"}, headers=headers | cookie
    )
    assert_says(answer, "cross_site", 403)
    assert "evil@evil.example" not in [admin.email for admin in rows(shared, Admin) if isinstance(admin, Admin)]


def test_signing_in_is_in_the_log(shared: Installation) -> None:
    portal = signed_in(shared)
    assert portal.log() == [("admin_signed_in", portal.email)]


def test_without_a_provider_there_is_no_such_way_in(shared: Installation) -> None:
    walker = shared.walker()
    assert "/admin/oidc" not in walker.get("/admin/sign-in").text
    for path in ("/admin/oidc/new", "/admin/oidc/callback?code=x&state=y"):
        assert_says(walker.get(path), "missing", 404)


HOLD = {"sqlite": "BEGIN IMMEDIATE", "postgresql": "LOCK TABLE admin_session IN SHARE MODE"}


def test_pages_go_on_while_nothing_can_be_written(installation: Installation, backend: str) -> None:
    portal = signed_in(installation)
    _age(portal, seen_at=datetime.now(UTC) - timedelta(minutes=50))
    engine = installation.database.engine.execution_options(sqlite_begin=None)
    with engine.connect() as connection:
        connection.execute(text(HOLD[backend]))
        assert portal.get("/admin/registrations").elapsed < timedelta(seconds=5)
        connection.rollback()
