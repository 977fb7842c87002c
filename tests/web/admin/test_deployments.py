"""Deployments: an unknown one knocks and is approved or rejected; launches without a person only where allowed."""

import re
import secrets

import pytest

from reflect.demo.forging import claim
from tests.installation import Installation, tool_at
from tests.walker import Walker
from tests.web.admin.portal import Portal, assert_says, signed_in


@pytest.fixture
def portal(shared: Installation) -> Portal:
    """Somebody signed in."""
    return signed_in(shared)


def registered(portal: Portal) -> tuple[str, str]:
    """A registration of a client of its own: the address of its page, and the client id."""
    client_id = f"client-{secrets.token_hex(4)}"
    return f"/admin/registrations/{portal.register(client_id=client_id)}", client_id


def launching(portal: Portal, client_id: str, deployment_id: str) -> Walker:
    """Somebody who comes from a deployment."""
    tool = tool_at(portal.running.base_url, client_id, deployment_id)
    portal.running.platform.register(tool)
    walker = portal.running.walker()
    walker.tool = tool
    return walker


def action(portal: Portal, at: str, verb: str) -> str:
    """The address of the one form that does this."""
    found = re.findall(rf'action="({at}/deployments/\d+/{verb})"', portal.get(at).text)
    assert found, verb
    return str(found[0])


def test_a_deployment_that_knocked_is_approved_and_then_let_in(portal: Portal) -> None:
    at, client_id = registered(portal)
    walker = launching(portal, client_id, "second <campus>")
    assert_says(walker.walk("3", "2", "1"), "deployment_unknown", 403)
    assert "second <campus>" in portal.words(at)
    assert "1 deployment waits for you" in portal.words("/admin/registrations")
    portal.post(action(portal, at, "approvals"))
    assert walker.walk("3", "2", "1").status_code == 303
    assert portal.log()[0] == ("deployment_approved", "A school, second <campus>")


def test_a_deployment_that_knocked_is_rejected_and_may_knock_again(portal: Portal) -> None:
    at, client_id = registered(portal)
    walker = launching(portal, client_id, "stranger")
    assert_says(walker.walk("3", "2", "1"), "deployment_unknown", 403)
    rejection = action(portal, at, "rejections")
    portal.post(rejection)
    assert portal.log()[0] == ("deployment_rejected", "A school, stranger")
    assert_says(portal.walker.post(rejection, {}), "missing", 404)
    assert_says(walker.walk("3", "2", "1"), "deployment_unknown", 403)
    action(portal, at, "approvals")


def test_a_deployment_that_is_in_use_cannot_be_rejected(portal: Portal) -> None:
    at, _ = registered(portal)
    row = action(portal, at, "anonymity").replace("anonymity", "rejections")
    assert_says(portal.walker.post(row, {}), "missing", 404)


def test_a_deployment_of_another_registration_is_out_of_reach(portal: Portal) -> None:
    (here, _), (there, _) = registered(portal), registered(portal)
    row = action(portal, there, "anonymity").replace(there, here)
    assert_says(portal.walker.post(row, {"allow_anonymous": "yes"}), "missing", 404)


def test_a_deployment_is_added_before_it_knocks(portal: Portal) -> None:
    at, client_id = registered(portal)
    portal.post(f"{at}/deployments", deployment_id=" early ")
    assert launching(portal, client_id, "early").walk("3", "2", "1").status_code == 303
    portal.post(f"{at}/deployments", deployment_id="early")
    assert portal.words(at).count("early") == 1


@pytest.mark.parametrize(("typed", "error"), [("  ", "This is missing."), ("x" * 256, "Use at most 255 characters.")])
def test_what_cannot_be_a_deployment_id_is_refused(portal: Portal, typed: str, error: str) -> None:
    at, _ = registered(portal)
    assert error in portal.post(f"{at}/deployments", 422, deployment_id=typed).text


def test_launches_without_a_person_are_let_in_only_where_it_is_allowed(portal: Portal) -> None:
    at, client_id = registered(portal)
    walker = launching(portal, client_id, "1")
    nobody = claim("sub", None)
    walker.login("3", "2", "1")
    assert_says(walker.launch(nobody), "user_missing", 400)
    switch = action(portal, at, "anonymity")
    portal.post(switch, allow_anonymous="yes")
    assert walker.walk("3", "2", "1", nobody).status_code == 303
    portal.post(switch, allow_anonymous="no")
    walker.login("3", "2", "1")
    assert_says(walker.launch(nobody), "user_missing", 400)
    assert [it for it, _ in portal.log()[:2]] == ["anonymous_refused", "anonymous_allowed"]
