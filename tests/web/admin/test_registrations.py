"""A registration's page: its state at a glance, its values, corrected, switched off and on, with new keys."""

import json
import re

import pytest

from reflect.web.refusals import WORDINGS
from tests.installation import Installation, tool_at
from tests.web.admin.portal import Portal, assert_says, signed_in


@pytest.fixture
def portal(shared: Installation) -> Portal:
    """Somebody signed in."""
    return signed_in(shared)


def values_of(portal: Portal, registration_id: int) -> dict[str, str]:
    """What the form for corrections holds."""
    base = portal.campus_values()
    return {name: base[name] for name in ("issuer", "auth_url", "token_url", "keyset_url")} | {
        "name": "Another name",
        "lms": "moodle",
        "client_id": f"changed-{registration_id}",
        "token_audience": "https://audience.example",
    }


def test_the_list_shows_each_registration_with_its_state(portal: Portal) -> None:
    registration_id = portal.register(name="Fable Hill <upper>")
    page = portal.get("/admin/registrations").text
    assert f"/admin/registrations/{registration_id}" in page
    assert "Fable Hill &lt;upper&gt;" in page
    assert "Waiting for a first launch" in portal.words("/admin/registrations")
    assert portal.log()[0] == ("registration_added", "Fable Hill <upper>")


def test_a_registration_is_corrected(portal: Portal) -> None:
    registration_id = portal.register()
    at = f"/admin/registrations/{registration_id}"
    portal.get(f"{at}/edit")
    portal.post(at, **values_of(portal, registration_id))
    words = portal.words(at)
    assert "Another name" in words
    assert f"changed-{registration_id}" in words
    assert "https://audience.example" in portal.get(f"{at}/edit").text
    assert portal.log()[0] == ("registration_changed", "Another name")


def test_further_hosts_are_listed_shown_and_written_down(portal: Portal) -> None:
    registration_id = portal.register()
    at = f"/admin/registrations/{registration_id}"
    assert "Further hosts of its services" not in portal.words(at)
    portal.post(at, **values_of(portal, registration_id), service_hosts=" API.school.example:8443 b.example")
    assert "Further hosts of its services api.school.example:8443 b.example" in portal.words(at)
    assert 'value="api.school.example:8443 b.example"' in portal.get(f"{at}/edit").text
    assert portal.log()[1] == ("service_hosts_changed", "A school: api.school.example:8443 b.example")
    assert "listed the further hosts of services of" in portal.words("/admin/audit")
    wrong = portal.post(at, 422, **values_of(portal, registration_id), service_hosts="https://x <b>")
    assert 'value="https://x &lt;b&gt;"' in wrong.text and 'id="service_hosts-problem"' in wrong.text


@pytest.mark.parametrize(
    ("field", "value", "error"),
    [
        ("name", " ", "This is missing."),
        ("lms", "blackbox", "Choose one of the options."),
        ("issuer", "http://moodle.example", "This must be an address that begins with https://."),
        ("keyset_url", "javascript:alert(1)", "This must be an address that begins with https://."),
        ("client_id", "x" * 256, "Use at most 255 characters."),
        ("service_hosts", "*.school.example", "and no “*”."),
    ],
)
def test_a_wrong_correction_comes_back_as_it_was_typed(portal: Portal, field: str, value: str, error: str) -> None:
    registration_id = portal.register()
    at = f"/admin/registrations/{registration_id}"
    page = portal.post(at, 422, **values_of(portal, registration_id) | {field: value})
    assert error in page.text
    assert "Another name" not in portal.words(at)


def test_a_correction_cannot_take_another_registrations_place(portal: Portal) -> None:
    first, second = portal.register(), portal.register()
    at = f"/admin/registrations/{second}"
    portal.post(f"/admin/registrations/{first}", **values_of(portal, first))
    page = portal.post(at, 422, **values_of(portal, second) | {"client_id": f"changed-{first}"})
    assert WORDINGS["registered_already"].sentence in page.text


def test_a_registration_switched_off_lets_nobody_in_until_it_is_on_again(portal: Portal) -> None:
    registration_id = portal.register(client_id="switched")
    tool = tool_at(portal.running.base_url, "switched")
    portal.running.platform.register(tool)
    at = f"/admin/registrations/{registration_id}"
    walker = portal.running.walker()
    walker.tool = tool
    home = walker.follow(walker.walk("3", "2", "1"))
    assert home.status_code == 200
    portal.post(f"{at}/closures")
    assert "Switched off" in portal.words(at)
    assert walker.get(str(home.url)).status_code == 401
    assert_says(walker.login("3", "2", "1"), "registration_off", 403)
    portal.post(f"{at}/openings")
    assert walker.walk("3", "2", "1").status_code == 303
    assert [action for action, _ in portal.log()[:2]] == ["registration_enabled", "registration_disabled"]


def test_a_new_key_signs_and_the_old_one_stays_published(portal: Portal) -> None:
    registration_id = portal.register()
    before = json.loads(portal.walker.get("/lti/keys").text)["keys"]
    portal.post(f"/admin/registrations/{registration_id}/keys")
    after = json.loads(portal.walker.get("/lti/keys").text)["keys"]
    assert {key["kid"] for key in before} < {key["kid"] for key in after}
    assert len(after) == len(before) + 1
    words = portal.words(f"/admin/registrations/{registration_id}")
    assert "still published, retired" in words
    assert "signs, since" in words
    assert portal.log()[0] == ("key_rotated", "A school")


def kids(portal: Portal) -> set[str]:
    """The ids of the keys that we publish."""
    return {key["kid"] for key in json.loads(portal.walker.get("/lti/keys").text)["keys"]}


def revocations(portal: Portal, registration_id: int) -> list[str]:
    """Where the buttons lead that revoke a key, the newest key first."""
    at = f"/admin/registrations/{registration_id}"
    return re.findall(rf'action="[^"]*({at}/keys/\d+/revocations)', portal.get(at).text)


def test_a_key_that_leaked_is_published_no_more_at_once(portal: Portal) -> None:
    others = kids(portal)
    registration_id = portal.register()
    (old,) = kids(portal) - others
    portal.post(f"/admin/registrations/{registration_id}/keys")
    (new,) = kids(portal) - others - {old}
    _, of_old = revocations(portal, registration_id)
    portal.post(of_old)
    assert kids(portal) == others | {new}
    assert "still published" not in portal.words(f"/admin/registrations/{registration_id}")
    assert portal.log()[0] == ("key_revoked", f"A school: {old}")
    assert "revoked a key" in portal.words("/admin/audit")
    assert_says(portal.walker.post(of_old, {}), "missing", 404)


def test_a_new_key_takes_the_place_of_one_that_leaked_while_it_signed(portal: Portal) -> None:
    others = kids(portal)
    registration_id = portal.register()
    (old,) = kids(portal) - others
    (of_old,) = revocations(portal, registration_id)
    portal.post(of_old)
    (new,) = kids(portal) - others
    assert new != old
    words = portal.words(f"/admin/registrations/{registration_id}")
    assert f"{new[:16]}… signs, since" in words
    assert "still published" not in words
    assert portal.log()[:2] == [("key_rotated", "A school"), ("key_revoked", f"A school: {old}")]


def test_the_lms_takes_the_signature_of_the_key_that_took_the_place(installation: Installation) -> None:
    portal = signed_in(installation)
    (of_old,) = revocations(portal, 1)
    portal.post(of_old)
    found = portal.post("/admin/registrations/1/connections", 200, x="")
    assert "The LMS lets Reflect ask for rosters and send marks" in found.text
    assert "finding-fault" not in found.text


def test_a_key_is_not_revoked_by_way_of_another_registration(portal: Portal) -> None:
    first, second = portal.register(), portal.register()
    before = kids(portal)
    (of_second,) = revocations(portal, second)
    wrong = of_second.replace(f"/registrations/{second}/", f"/registrations/{first}/")
    assert_says(portal.walker.post(wrong, {}), "missing", 404)
    assert kids(portal) == before


@pytest.mark.parametrize("path", ["", "/edit", "/launches"])
def test_a_registration_that_is_not_there_is_said_to_be_missing(portal: Portal, path: str) -> None:
    assert_says(portal.walker.get(f"/admin/registrations/987654{path}"), "registration_missing", 404)


@pytest.mark.parametrize("what", ["closures", "openings", "keys", "keys/1/revocations", "connections", "deployments"])
def test_nothing_is_done_to_a_registration_that_is_not_there(portal: Portal, what: str) -> None:
    answer = portal.walker.post(f"/admin/registrations/987654/{what}", {"deployment_id": "1"})
    assert_says(answer, "registration_missing", 404)


@pytest.mark.parametrize("what", ["closures", "openings", "keys", "keys/1/revocations", "connections", "deployments"])
def test_nothing_is_done_for_somebody_who_is_not_signed_in(shared: Installation, what: str) -> None:
    answer = shared.walker().post(f"/admin/registrations/1/{what}", {"deployment_id": "1"})
    assert_says(answer, "admin_session_missing", 401)
