"""The browser's proof: either cookie, the secret from another place, or no session at all."""

import html
import json
import re
from base64 import urlsafe_b64encode
from collections.abc import Mapping
from dataclasses import replace
from typing import Any

import httpx2
import pytest
from cryptography.fernet import Fernet, InvalidToken
from sqlmodel import Session, select

from reflect.demo.authorization import FormPost
from reflect.keyring import Keyring
from reflect.storage.courses import Course
from reflect.storage.groups import memberships
from reflect.storage.tables import key_of
from reflect.web.proofs import LIFETIME
from tests.installation import SECRET, Installation
from tests.walker import authentication_request
from tests.web.launching import (
    Scene,
    amend,
    assert_admitted,
    assert_refused,
    nothing_written,
    said,
    scene,
    session_cookies,
)

CUSTOM = "https://purl.imsglobal.org/spec/lti/claim/custom"
PLAIN, PARTITIONED = "__Host-reflect-login-", "__Host-reflect-plogin-"


def keep(launching: Scene, *prefixes: str) -> str:
    """Let the browser keep only these of the login's cookies; the secret that was in them."""
    secret = next(cookie.value for name, cookie in launching.walker.cookies.items() if name.startswith(PARTITIONED))
    for name in list(launching.walker.cookies):
        if not name.startswith(prefixes or ("nothing",)):
            del launching.walker.cookies[name]
    return secret


def page_data(page: httpx2.Response) -> dict[str, str]:
    """The data attributes of the page that asks for a proof."""
    element = re.search(r'<div id="proof"[^>]*>', page.text)
    assert element, page.text[:300]
    return {name: html.unescape(value) for name, value in re.findall(r'data-([\w-]+)="([^"]*)"', element[0])}


@pytest.mark.parametrize("prefix", [PLAIN, PARTITIONED])
def test_either_cookie_is_proof_enough(shared: Installation, prefix: str) -> None:
    launching = scene(shared)
    launching.login()
    keep(launching, prefix)
    assert len(launching.walker.cookies) == 1
    assert_admitted(launching.launch())


def test_after_a_launch_the_logins_cookies_are_taken_back(shared: Installation) -> None:
    launching = scene(shared)
    launching.walk()
    assert [name for name in launching.walker.cookies if not name.startswith("__Host-reflect-tab-")] == []


@pytest.fixture
def unproven(shared: Installation) -> tuple[Scene, dict[str, str], str]:
    """A launch whose browser kept no cookie: its page's data, and the secret that the browser has elsewhere."""
    launching = scene(shared, "Instructor")
    launching.login()
    secret = keep(launching)
    with nothing_written(shared):
        page = launching.launch()
    assert page.status_code == 200
    assert not session_cookies(page)
    assert page.headers["cache-control"] == "no-store"
    return launching, page_data(page), secret


Unproven = tuple[Scene, dict[str, str], str]


def test_the_page_says_where_the_secret_may_be_and_holds_none(unproven: Unproven) -> None:
    launching, data, secret = unproven
    assert data["action"] == "/lti/proofs"
    assert data["storage-key"] == f"reflect-login-{data['handle']}"
    assert data["platform-origin"] == launching.running.platform.base_url
    assert secret not in str(data)
    assert "Moth" not in str(data) and launching.course.title not in str(data)


def test_the_platforms_storage_is_named_where_the_platform_names_it(shared: Installation) -> None:
    launching = scene(shared)
    login = launching.login(lti_storage_target="post_message_forwarding")
    assert 'data-storage-target="post_message_forwarding"' in login.text
    keep(launching)
    assert page_data(launching.launch(lti_storage_target="post_message_forwarding"))["storage-target"] == (
        "post_message_forwarding"
    )


def login_at(launching: Scene, query: str, **extra: str) -> httpx2.Response:
    """Begin with the form of a platform that has put this query into the address it posts to."""
    initiation = launching.running.platform.begin(launching.occasion)
    page = launching.walker.post_form(FormPost(f"{launching.tool.login_url}?{query}", {**initiation, **extra}))
    launching.walker.asked = authentication_request(page)
    return page


def test_the_platforms_storage_may_be_named_in_the_addresses_that_are_posted_to(shared: Installation) -> None:
    launching = scene(shared)
    assert 'data-storage-target="_parent"' in login_at(launching, "lti_storage_target=_parent").text
    keep(launching)
    form = launching.form()
    page = launching.walker.post_form(replace(form, action=f"{form.action}?lti_storage_target=_parent"))
    assert page_data(page)["storage-target"] == "_parent"


def test_what_a_form_says_outdoes_the_address_it_is_posted_to(shared: Installation) -> None:
    launching = scene(shared)
    page = login_at(launching, "lti_storage_target=_parent&iss=https://else.example", lti_storage_target="own")
    assert 'data-storage-target="own"' in page.text
    assert_admitted(launching.launch())


def test_the_login_page_gives_the_script_what_the_cookies_hold(shared: Installation) -> None:
    launching = scene(shared)
    page = launching.login()
    assert f'data-browser-secret="{keep(launching)}"' in page.text


def prove(launching: Scene, **fields: str) -> httpx2.Response:
    """What the script sends."""
    return launching.walker.post("/lti/proofs", fields)


def test_a_secret_from_the_browsers_storage_opens_a_session_without_cookies(unproven: Unproven) -> None:
    launching, data, secret = unproven
    response = prove(launching, ticket=data["ticket"], secret=secret)
    assert response.status_code == 200
    assert response.headers["cache-control"] == "no-store"
    proof = response.json()
    assert proof.keys() == {"address", "tab", "token"}
    launching.walker.cookies.clear()
    client, address = launching.walker.client, launching.running.base_url + proof["address"]
    page = client.get(address, headers={"Authorization": f"Bearer {proof['token']}"})
    assert page.status_code == 200
    assert "/checkins/new" in page.text
    assert proof["token"] not in page.text and proof["token"] not in proof["address"]
    assert client.get(address).headers["reflect-error"] == "session_missing"
    assert (
        client.get(address, headers={"Authorization": "Bearer nonsense"}).headers["reflect-error"] == "session_missing"
    )


def test_with_no_place_at_all_there_is_a_page_and_no_session(unproven: Unproven) -> None:
    launching, _, _ = unproven
    page = launching.walker.post_form(launching.form())
    assert "new window" in page.text
    assert launching.session() is None


def test_a_proof_works_once(unproven: Unproven) -> None:
    launching, data, secret = unproven
    assert prove(launching, ticket=data["ticket"], secret=secret).status_code == 200
    with nothing_written(launching.running):
        assert_refused(prove(launching, ticket=data["ticket"], secret=secret), "state_used")
        assert_refused(launching.launch(), "state_used")


def test_two_tickets_of_one_launch_open_one_session(unproven: Unproven) -> None:
    launching, data, secret = unproven
    again = page_data(launching.launch())
    assert prove(launching, ticket=data["ticket"], secret=secret).status_code == 200
    assert_refused(prove(launching, ticket=again["ticket"], secret=secret), "state_used")


@pytest.mark.parametrize("wrong", ["", "nonsense", "é", "x" * 10_000, "another's"])
def test_another_browsers_secret_is_refused_and_the_right_one_still_works(unproven: Unproven, wrong: str) -> None:
    launching, data, secret = unproven
    if wrong == "another's":
        other = scene(launching.running)
        other.login()
        wrong = keep(other)
    with nothing_written(launching.running):
        assert_refused(prove(launching, ticket=data["ticket"], secret=wrong), "browser_unproven")
    assert prove(launching, ticket=data["ticket"], secret=secret).status_code == 200


@pytest.mark.parametrize("ticket", ["", "nonsense", "é", "gAAAAA" + "A" * 200])
def test_a_ticket_that_is_not_ours_is_refused(unproven: Unproven, ticket: str) -> None:
    launching, _, secret = unproven
    with nothing_written(launching.running):
        assert_refused(prove(launching, ticket=ticket, secret=secret), "state_expired")


@pytest.mark.parametrize("place", [0, 8, 30, 200, -5])
def test_a_ticket_that_was_tampered_with_is_refused(unproven: Unproven, place: int) -> None:
    launching, data, secret = unproven
    letters = list(data["ticket"])
    letters[place] = "A" if letters[place] != "A" else "B"
    with nothing_written(launching.running):
        assert_refused(prove(launching, ticket="".join(letters), secret=secret), "state_expired")


@pytest.mark.parametrize(("age", "is_good"), [(LIFETIME - 10, True), (LIFETIME + 2, False), (-120, False)])
def test_a_ticket_lives_for_two_minutes(unproven: Unproven, age: int, is_good: bool) -> None:
    launching, data, secret = unproven
    cipher = ticket_cipher()
    content, issued_at = cipher.decrypt(data["ticket"].encode()), cipher.extract_timestamp(data["ticket"].encode())
    aged = cipher.encrypt_at_time(content, issued_at - age).decode()
    response = prove(launching, ticket=aged, secret=secret)
    if is_good:
        assert response.status_code == 200
    else:
        assert_refused(response, "state_expired")


def ticket_cipher() -> Fernet:
    """The tool's own cipher for tickets."""
    return Fernet(urlsafe_b64encode(Keyring(SECRET).key_for("launch ticket")))


def test_a_ticket_cannot_be_read_or_written_without_the_secret(unproven: Unproven) -> None:
    _, data, _ = unproven
    facts: Mapping[str, Any] = json.loads(ticket_cipher().decrypt(data["ticket"].encode()))
    assert facts["arrival"]["name"] == "Moth Paperlantern"
    with pytest.raises(InvalidToken):
        Fernet(urlsafe_b64encode(b"x" * 32)).decrypt(data["ticket"].encode())


def test_a_proof_from_another_site_is_refused(unproven: Unproven) -> None:
    launching, data, secret = unproven
    headers = {"Origin": "https://evil.example", "Sec-Fetch-Site": "cross-site", "Accept": "text/html"}
    url, fields = f"{launching.running.base_url}/lti/proofs", {"ticket": data["ticket"], "secret": secret}
    with nothing_written(launching.running):
        assert_refused(launching.walker.client.post(url, data=fields, headers=headers), "cross_site")


def test_a_proof_counts_for_nothing_once_the_platform_is_switched_off(installation: Installation) -> None:
    launching = scene(installation)
    launching.login()
    secret = keep(launching)
    data = page_data(launching.launch())
    amend(installation, 1, is_enabled=False)
    response = prove(launching, ticket=data["ticket"], secret=secret)
    assert launching.walker.get(response.json()["address"]).headers["reflect-error"] == "session_missing"


@pytest.mark.parametrize(("told", "groups"), [("12,13", {"12", "13"}), ("", set()), (None, {"9"})])
def test_what_a_launch_says_of_groups_waits_in_the_ticket(
    shared: Installation, told: str | None, groups: set[str]
) -> None:
    launching = scene(shared)
    launching.walk(said(**{CUSTOM: {"groups": "9"}}))
    launching.login()
    secret = keep(launching)
    page = launching.launch(said(**{CUSTOM: {} if told is None else {"groups": told}}))
    assert prove(launching, ticket=page_data(page)["ticket"], secret=secret).status_code == 200

    def look(db: Session) -> set[str]:
        course = db.exec(select(Course).where(Course.lti_id == launching.course.id)).one()
        members = memberships(db, key_of(course))
        return {lti_id for lti_ids in members.values() for lti_id in lti_ids}

    assert shared.database.read_now(look) == groups
