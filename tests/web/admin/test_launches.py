"""The live test launch: waiting, green when a launch arrives, red with plain words when one is refused."""

import secrets
import time

import pytest

from reflect.demo.forging import alter_claims, claim
from reflect.storage.health import RefusedLaunch
from tests.installation import Installation, tool_at
from tests.walker import Walker
from tests.web.admin.portal import assert_says, rows, signed_in


class Trial:
    """A fresh registration, and somebody in its LMS."""

    def __init__(self, running: Installation) -> None:
        self.portal = signed_in(running)
        self.client_id = f"client-{secrets.token_hex(4)}"
        self.registration_id = self.portal.register(client_id=self.client_id)
        self.at = f"/admin/registrations/{self.registration_id}"

    def somebody(self, client_id: str = "") -> Walker:
        running = self.portal.running
        tool = tool_at(running.base_url, client_id or self.client_id)
        running.platform.register(tool)
        walker = running.walker()
        walker.tool = tool
        return walker

    def says(self) -> str:
        return self.portal.words(f"{self.at}/launches")


@pytest.fixture
def trial(shared: Installation) -> Trial:
    """A fresh registration."""
    return Trial(shared)


def test_it_waits_then_turns_green_then_red_then_green(trial: Trial) -> None:
    assert "Waiting for a first launch" in trial.says()
    walker = trial.somebody()
    assert walker.walk("3", "2", "1").status_code == 303
    assert "It works" in trial.says()
    walker.login("3", "2", "1")
    assert_says(walker.launch(claim("aud", "somebody-else")), "audience", 401)
    words = trial.says()
    assert "The last launch was refused" in words
    assert "letter for letter" in words
    assert walker.walk("3", "2", "1").status_code == 303
    assert "It works" in trial.says()
    assert "Earlier refusals" in trial.says()


def test_a_page_that_has_the_newest_state_is_told_so_in_a_few_bytes(trial: Trial) -> None:
    first = trial.portal.get(f"{trial.at}/launches")
    headers = {"If-None-Match": first.headers["etag"], "HX-Request": "true", "HX-Request-Type": "partial"}
    walker = trial.portal.walker
    cookie = {"Cookie": "; ".join(f"{name}={cookie.value}" for name, cookie in walker.cookies.items())}
    url = f"{trial.portal.running.base_url}{trial.at}/launches"
    same = walker.client.get(url, headers=headers | cookie)
    assert (same.status_code, same.content) == (304, b"")
    assert trial.somebody().walk("3", "2", "1").status_code == 303
    changed = walker.client.get(url, headers=headers | cookie)
    assert changed.status_code == 200
    assert changed.text.lstrip().startswith('<section id="launches"')
    assert changed.headers["etag"] != first.headers["etag"]


def test_a_mistyped_client_id_shows_at_the_registrations_of_that_issuer(trial: Trial) -> None:
    time.sleep(1)  # one refused login of a site is written down each second
    walker = trial.somebody("mistyped-" + trial.client_id)
    assert_says(walker.login("3", "2", "1"), "platform_unknown", 400)
    assert "another client id or issuer" in trial.says()


def test_a_mistyped_issuer_shows_at_the_registrations_of_that_site(trial: Trial) -> None:
    issuer = trial.portal.running.platform.base_url + "/"
    trial.portal.post(trial.at, **_values(trial) | {"issuer": issuer})
    time.sleep(1)
    assert_says(trial.somebody().login("3", "2", "1"), "platform_unknown", 400)
    assert "another client id or issuer" in trial.says()


def test_a_registration_that_works_is_not_doubted_for_an_unknown_tool_of_the_same_site(trial: Trial) -> None:
    assert trial.somebody().walk("3", "2", "1").status_code == 303
    time.sleep(1)
    assert_says(trial.somebody("stranger-" + trial.client_id).login("3", "2", "1"), "platform_unknown", 400)
    assert "It works" in trial.says()


def _values(trial: Trial) -> dict[str, str]:
    values = trial.portal.campus_values() | {"client_id": trial.client_id, "name": "A school", "lms": "other"}
    del values["deployment_id"]
    return values


def test_what_concerns_one_visit_only_is_not_held_against_the_registration(trial: Trial) -> None:
    walker = trial.somebody()
    walker.login("3", "2", "1")
    form = walker.authorize()
    assert walker.post_form(form).status_code == 303
    assert_says(walker.post_form(form), "state_used", 401)
    assert "It works" in trial.says()


def test_of_a_refusal_only_its_code_and_time_are_kept_and_one_row_for_each_code(trial: Trial) -> None:
    for _ in range(3):
        walker = trial.somebody()
        walker.login("3", "2", "1")
        assert_says(walker.launch(claim("aud", "x")), "audience", 401)
    kept = [row for row in rows(trial.portal.running, RefusedLaunch) if isinstance(row, RefusedLaunch)]
    mine = [row for row in kept if row.registration_id == trial.registration_id]
    assert [row.code for row in mine] == ["audience"]
    assert set(RefusedLaunch.model_fields) == {"registration_id", "code", "refused_at"}


def test_a_launch_without_a_name_is_noticed_by_the_connection_test(trial: Trial) -> None:
    walker = trial.somebody()

    def nameless(claims: dict[str, object]) -> dict[str, object]:
        return {name: value for name, value in claims.items() if name not in ("name", "given_name", "family_name")}

    assert walker.walk("3", "2", "1", alter_claims(nameless)).status_code == 303
    found = trial.portal.post(f"{trial.at}/connections", 200, x="")
    assert "came without a name" in found.text
