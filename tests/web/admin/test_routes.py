"""Every address of the portal for everybody who may come: by one table of rules.

A new address without a rule fails here. What a rule says is not read from the code that is tested.
"""

import re
from collections.abc import Callable, Mapping
from typing import Any

import pytest
from starlette.routing import Route

from reflect.domain import api_keys
from reflect.domain.admins import Appointment, Role
from reflect.domain.api_keys import Wish
from reflect.web.admin.routes import ROUTES
from tests.installation import Installation
from tests.walker import Walker, http_client
from tests.web.admin.portal import signed_in
from tests.web.admin.test_insights import leading
from tests.web.dialogs import TEACHER, arrives, house_of

PUBLIC = {
    "GET /admin/sign-in": (200, None),
    "POST /admin/sessions": (404, "invitation_unknown"),
    "POST /admin/sessions/end": (303, None),
    "GET /admin/oidc/new": (404, "missing"),
    "GET /admin/oidc/callback": (404, "missing"),
}
"""Where nobody is anybody yet, or any more."""
FOR_LEADERS = {
    "GET /admin": 303,
    "GET /admin/insights": 200,
    "GET /admin/insights/courses": 200,
    "GET /admin/insights/courses/{course_id}": 404,
}
"""What leaders get to, with the status that they and administrators get in an empty school."""
FOR_ADMINISTRATORS = {
    "GET /admin/admins": 200,
    "POST /admin/admins": 422,
    "POST /admin/admins/{admin_id}/removals": 404,
    "POST /admin/sessions/{session_id}/revocations": 404,
    "GET /admin/api-keys": 200,
    "POST /admin/api-keys": 422,
    "POST /admin/api-keys/{key_id}/revocations": 404,
    "GET /admin/audit": 200,
    "GET /admin/diagnostics": 200,
    "GET /admin/terms": 200,
    "POST /admin/terms": 422,
    "POST /admin/terms/{term_id}/removals": 404,
    "GET /admin/support": 200,
    "POST /admin/support": 422,
    "POST /admin/crisis-lines": 422,
    "POST /admin/crisis-lines/{line_id}/removals": 404,
    "GET /admin/registrations": 200,
    "GET /admin/registrations/new": 200,
    "POST /admin/drafts": 422,
    "POST /admin/drafts/{draft_id}/checks/{field}": 200,
    "POST /admin/drafts/{draft_id}/derivations": 200,
    "POST /admin/drafts/{draft_id}/removals": 303,
    "GET /admin/drafts/{draft_id}/{step}": 200,
    "POST /admin/drafts/{draft_id}/{step}": 422,
    "GET /admin/registrations/{registration_id}": 200,
    "POST /admin/registrations/{registration_id}": 422,
    "GET /admin/registrations/{registration_id}/edit": 200,
    "GET /admin/registrations/{registration_id}/launches": 200,
    "POST /admin/registrations/{registration_id}/connections": 200,
    "POST /admin/registrations/{registration_id}/closures": 303,
    "POST /admin/registrations/{registration_id}/openings": 303,
    "POST /admin/registrations/{registration_id}/keys": 303,
    "POST /admin/registrations/{registration_id}/keys/{key_id}/revocations": 404,
    "POST /admin/registrations/{registration_id}/deployments": 422,
    "POST /admin/registrations/{registration_id}/deployments/{deployment_id}/approvals": 303,
    "POST /admin/registrations/{registration_id}/deployments/{deployment_id}/rejections": 404,
    "POST /admin/registrations/{registration_id}/deployments/{deployment_id}/anonymity": 303,
    "GET /admin/invitations/new": 200,
    "POST /admin/invitations": 303,
    "GET /admin/invitations/{invitation_id}": 404,
    "POST /admin/invitations/{invitation_id}/removals": 404,
}


def addresses() -> list[str]:
    """Every address of the portal, with its method; the one that signs out last."""
    found = [
        f"{method} {re.sub(r':[a-z]+', '', route.path)}"
        for route in ROUTES
        if isinstance(route, Route)
        for method in sorted((route.methods or {"GET"}) - {"HEAD"})
    ]
    return sorted(found, key="POST /admin/sessions/end".__eq__)


def test_every_address_of_the_portal_has_a_rule_and_every_rule_an_address() -> None:
    assert len(ROUTES) == len([route for route in ROUTES if isinstance(route, Route)])
    assert sorted(addresses()) == sorted([*PUBLIC, *FOR_LEADERS, *FOR_ADMINISTRATORS])


def test_a_character_that_no_database_keeps_is_refused_everywhere(installation: Installation) -> None:
    walker, wrong = signed_in(installation).walker, []
    for address in addresses():
        method, _, path = address.partition(" ")
        if method == "POST":
            answer = walker.post(re.sub(r"\{\w+\}", "1", path), {"name": "a\0b"})
            if (answer.status_code, answer.headers.get("reflect-error")) != (400, "form"):
                wrong.append((address, answer.status_code, answer.headers.get("reflect-error")))
    assert [it for it in wrong if it[1] >= 500] == []
    assert len(wrong) < 20, "those that read no form"


Ask = Callable[[str, str], Any]


def asking(walker: Walker) -> Ask:
    return lambda method, path: walker.get(path) if method == "GET" else walker.post(path, {"nothing": ""})


def with_key(running: Installation, secret: str) -> Ask:
    def ask(method: str, path: str) -> Any:
        headers = {"Authorization": f"Bearer {secret}"}
        with http_client() as client:
            url, form = running.base_url + path, {"nothing": ""}
            return client.get(url, headers=headers) if method == "GET" else client.post(url, data=form, headers=headers)

    return ask


def visitor(running: Installation, who: str) -> Ask:
    """Somebody who comes to the portal."""
    if who == "administrator":
        return asking(signed_in(running).walker)
    if who.startswith("leader"):
        registration_id = 1 if who == "leader of one platform" else None
        return asking(leading(running, "owl@fablehill.example", Appointment(Role.LEADER, registration_id)).walker)
    if who == "teacher":
        return asking(arrives(running, TEACHER).walker)
    if who == "key":
        wish, now = Wish("Warehouse", True, True, None), house_of(running).now()
        return with_key(running, running.database.write_now(lambda db: api_keys.make(db, wish, "somebody", now)))
    return asking(running.walker())


def expected(address: str, who: str) -> tuple[int, str | None]:
    """Status and code, by the rules of the house."""
    if address in PUBLIC:
        return PUBLIC[address]
    if who == "administrator":
        return {**FOR_LEADERS, **FOR_ADMINISTRATORS}[address], None
    if who.startswith("leader"):
        return (FOR_LEADERS[address], None) if address in FOR_LEADERS else (403, "leader_only_reads")
    return 401, "admin_session_missing"


WHO = ("administrator", "leader", "leader of one platform", "teacher", "key", "nobody")


@pytest.mark.parametrize("who", WHO)
def test_each_address_of_the_portal_is_open_to_exactly_those_the_rules_name(
    installation: Installation, who: str
) -> None:
    ask, wrong = visitor(installation, who), []
    draft = signed_in(installation).draft().rpartition("/")[2]
    numbers: Mapping[str, object] = dict.fromkeys(
        ("admin_id", "session_id", "key_id", "term_id", "line_id", "course_id", "invitation_id"), 999
    ) | {"registration_id": 1, "deployment_id": 1, "draft_id": draft, "field": "issuer", "step": "platform"}
    for address in sorted(addresses(), key=lambda it: ("sessions/end" in it, "removals" in it, it)):
        method, _, path = address.partition(" ")
        answer = ask(method, path.format(**numbers))
        found = answer.status_code, answer.headers.get("reflect-error")
        status, code = expected(address, who)
        if found[0] != status or code not in (None, found[1]):
            wrong.append((address, found, (status, code)))
    assert not wrong, "\n".join(map(str, wrong))
