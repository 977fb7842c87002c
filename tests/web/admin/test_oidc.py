"""Signing in by OpenID Connect with a real provider: only who is an administrator, verified, in the same browser."""

import re
import shutil
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path
from urllib.parse import parse_qs, urlsplit

import pytest

from reflect.domain import admins
from reflect.domain.admins import Appointment
from reflect.storage.admins import Role
from reflect.web.admin.oidc import COOKIE
from tests.conftest import fresh_database
from tests.installation import Installation, installed
from tests.oidc.running import consented, provider
from tests.servers import free_port, listening
from tests.walker import Walker
from tests.web.admin.portal import assert_says, invitation, signed_in

pytestmark = [pytest.mark.slow, pytest.mark.skipif(not shutil.which("npm"), reason="the provider is an npm package")]

ADMIN = "ada@fablehill.example"


@pytest.fixture(scope="module")
def here(
    backend: str, tmp_path_factory: pytest.TempPathFactory, request: pytest.FixtureRequest
) -> Iterator[Installation]:
    """An installation whose administrators may sign in with a provider."""
    folder: Path = tmp_path_factory.mktemp("oidc")
    port, own = free_port(), listening()
    with (
        provider(port, f"http://localhost:{own.getsockname()[1]}/admin/oidc/callback") as issuer,
        installed(
            fresh_database(backend, folder, request),
            bound=own,
            private_hosts="127.0.0.1",
            oidc_issuer=issuer,
            oidc_client_id="reflect",
            oidc_client_secret="a secret of the tests",
        ) as running,
    ):
        signed_in(running, ADMIN)
        yield running


def begun(walker: Walker) -> str:
    """Where the sign-in page's button leads."""
    page = walker.get("/admin/sign-in")
    link = re.search(r'href="(/admin/oidc/new)"', page.text)
    assert link
    led = walker.get(link[1])
    assert led.status_code == 303
    return str(led.headers["location"])


def test_an_administrator_signs_in(here: Installation) -> None:
    walker = here.walker()
    address = begun(walker)
    asked = parse_qs(urlsplit(address).query)
    assert asked["response_type"] == ["code"]
    assert asked["code_challenge_method"] == ["S256"]
    assert {"nonce", "state", "code_challenge"} <= set(asked)
    back = walker.get(consented(address, ADMIN, here.base_url))
    assert (back.status_code, back.headers.get("location")) == (303, "/admin"), back.text
    assert COOKIE not in walker.cookies
    assert walker.get("/admin/registrations").status_code == 200


def test_who_is_no_administrator_is_not_made_one(here: Installation) -> None:
    walker = here.walker()
    back = walker.get(consented(begun(walker), "stranger@fablehill.example", here.base_url))
    assert_says(back, "admin_unknown", 403)
    assert_says(walker.get("/admin/registrations"), "admin_session_missing", 401)


def test_an_address_that_is_not_verified_is_nobodys(here: Installation) -> None:
    invitation(here, "unverified@fablehill.example")
    walker = here.walker()
    assert_says(walker.get(consented(begun(walker), "unverified@fablehill.example", here.base_url)), "oidc", 401)


def test_an_answer_is_only_taken_by_the_browser_that_asked(here: Installation) -> None:
    victim, attacker = here.walker(), here.walker()
    back = consented(begun(attacker), ADMIN, here.base_url)
    assert_says(victim.get(back), "oidc", 401)
    begun(victim)
    assert_says(victim.get(back), "oidc", 401)
    assert_says(victim.get("/admin/registrations"), "admin_session_missing", 401)


def test_an_answer_is_taken_once(here: Installation) -> None:
    walker = here.walker()
    back = consented(begun(walker), ADMIN, here.base_url)
    kept = walker.cookies[COOKIE]
    assert walker.get(back).status_code == 303
    walker.cookies[COOKIE] = kept
    assert_says(walker.get(back), "oidc", 401)


@pytest.mark.parametrize(
    "change",
    [("code", "made-up"), ("code", None), ("state", "made-up"), ("state", None), ("iss", "https://evil.example")],
)
def test_a_changed_answer_signs_nobody_in(here: Installation, change: tuple[str, str | None]) -> None:
    walker = here.walker()
    back = urlsplit(consented(begun(walker), ADMIN, here.base_url))
    given = {name: values[0] for name, values in parse_qs(back.query).items()} | {change[0]: change[1]}
    query = "&".join(f"{name}={value}" for name, value in given.items() if value is not None)
    assert_says(walker.get(f"{back.path}?{query}"), "oidc", 401)


def test_the_providers_refusal_signs_nobody_in(here: Installation) -> None:
    walker = here.walker()
    state = parse_qs(urlsplit(begun(walker)).query)["state"][0]
    assert_says(walker.get(f"/admin/oidc/callback?error=access_denied&state={state}"), "oidc", 401)


def test_a_provider_that_is_down_is_said_to_be(backend: str, tmp_path: Path, request: pytest.FixtureRequest) -> None:
    down = {"oidc_issuer": f"http://127.0.0.1:{free_port()}", "oidc_client_id": "x", "oidc_client_secret": "x"}
    with installed(fresh_database(backend, tmp_path, request), private_hosts="127.0.0.1", **down) as running:
        assert_says(running.walker().get("/admin/oidc/new"), "oidc_unavailable", 503)


def test_a_leader_signs_in_too(here: Installation) -> None:
    leader = Appointment(Role.LEADER)
    here.database.write_now(lambda db: admins.invite(db, "owl@fablehill.example", "reflect", datetime.now(UTC), leader))
    walker = here.walker()
    assert walker.get(consented(begun(walker), "owl@fablehill.example", here.base_url)).status_code == 303
    assert walker.get("/admin").headers["location"] == "/admin/insights"
    assert_says(walker.get("/admin/registrations"), "leader_only_reads", 403)
