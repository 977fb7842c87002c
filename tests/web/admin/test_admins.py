"""Administrators: invited by one another, signed in at several places, removed; the last one stays."""

import re

import pytest

from tests.installation import Installation
from tests.web.admin.portal import assert_says, fields_in, plain, signed_in


def test_an_administrator_invites_another_who_signs_in(shared: Installation) -> None:
    portal = signed_in(shared)
    page = portal.post("/admin/admins", 200, email=" Vole@FableHill.example ")
    address = re.search(r"http://localhost[^<]+sign-in[^<]+", page.text)
    assert address
    walker = shared.walker()
    opened = walker.get(address[0])
    assert "vole@fablehill.example" in opened.text
    assert walker.post("/admin/sessions", fields_in(opened)).status_code == 303
    assert "vole@fablehill.example" in portal.words("/admin/admins")
    assert portal.log()[0] == ("admin_invited", "vole@fablehill.example")


@pytest.mark.parametrize("email", ["", "vole", "vole@", "@fablehill.example", "a b@fablehill.example", "<a>@b.example"])
def test_what_is_no_address_is_not_invited(shared: Installation, email: str) -> None:
    portal = signed_in(shared)
    page = portal.post("/admin/admins", 422, email=email)
    assert "This must be an e-mail address." in page.text
    assert "admin_invited" not in dict(portal.log())


def test_a_session_can_be_ended_from_another_browser(shared: Installation) -> None:
    here = signed_in(shared)
    there = signed_in(shared, here.email)
    revoke = re.findall(
        r'action="(/admin/sessions/\d+/revocations)"', _own_part(here.get("/admin/admins").text, here.email)
    )
    assert len(revoke) == 2
    sessions = sorted(revoke, key=lambda path: int(path.split("/")[3]))
    here.post(sessions[1])
    assert_says(there.walker.get("/admin/registrations"), "admin_session_missing", 401)
    here.get("/admin/registrations")
    assert here.log()[0] == ("admin_session_ended", here.email)
    assert_says(here.walker.post(sessions[1], {}), "missing", 404)


def _own_part(page: str, email: str) -> str:
    return next(part for part in page.split('<li class="row">') if f"<bdi>{email}</bdi>" in part)


def test_who_is_removed_is_out_at_once(shared: Installation) -> None:
    portal, other = signed_in(shared), signed_in(shared)
    removal = re.search(
        r'action="(/admin/admins/\d+/removals)"', _own_part(portal.get("/admin/admins").text, other.email)
    )
    assert removal
    portal.post(removal[1])
    assert_says(other.walker.get("/admin/registrations"), "admin_session_missing", 401)
    assert other.email not in portal.words("/admin/admins")
    assert portal.log()[0] == ("admin_removed", other.email)
    assert other.email in portal.words("/admin/audit")


def test_the_last_administrator_stays(installation: Installation) -> None:
    portal = signed_in(installation)
    removal = re.search(r'action="(/admin/admins/\d+/removals)"', portal.get("/admin/admins").text)
    assert removal
    assert_says(portal.walker.post(removal[1], {}), "admin_last", 409)
    portal.get("/admin/registrations")


def test_a_browser_that_calls_itself_by_a_script_is_shown_as_text(shared: Installation) -> None:
    portal = signed_in(shared)
    walker = shared.walker()
    walker.client.headers["User-Agent"] = "<script>alert(1)</script>"
    signed = portal.post("/admin/admins", 200, email=portal.email)
    address = re.search(r"http://localhost[^<]+sign-in[^<]+", signed.text)
    assert address
    walker.post("/admin/sessions", fields_in(walker.get(address[0])))
    page = portal.get("/admin/admins").text
    assert "<script>alert" not in page
    assert "<script>alert(1)</script>" in plain(page.replace("&lt;", "\u2039")).replace("\u2039", "<")


def test_a_leader_is_appointed_for_one_registration(shared: Installation) -> None:
    portal = signed_in(shared)
    number = portal.register(name="Upper school")
    page = portal.post("/admin/admins", 200, email="Ibis@FableHill.example", role="leader", registration=str(number))
    assert "signs ibis@fablehill.example in as a leader" in plain(page.text)
    assert portal.log()[0] == ("leader_invited", "ibis@fablehill.example")
    assert "ibis@fablehill.example leader, of Upper school" in portal.words("/admin/admins")
    assert "invited as a leader" in portal.words("/admin/audit")


@pytest.mark.parametrize(
    ("fields", "message"),
    [
        ({"role": "owner"}, "Choose one of the options."),
        ({"role": "leader", "registration": "987654"}, "Choose one of the options."),
        ({"role": "leader", "email": ""}, "This must be an e-mail address."),
    ],
)
def test_a_leader_with_a_fault_is_not_appointed_and_nothing_typed_is_lost(
    shared: Installation, fields: dict[str, str], message: str
) -> None:
    portal = signed_in(shared)
    page = portal.post("/admin/admins", 422, **{"email": "elk@fablehill.example"} | fields).text
    assert message in page and f'value="{fields.get("email", "elk@fablehill.example")}"' in page
    assert "leader_invited" not in dict(portal.log())


def test_an_administrator_is_not_made_a_leader_unseen(shared: Installation) -> None:
    portal = signed_in(shared)
    page = portal.post("/admin/admins", 422, email=portal.email, role="leader").text
    assert "is here as something else" in page
    portal.get("/admin/registrations")
