"""The login: what it asks of a platform, what it leaves with the browser, and what it refuses."""

import re
from collections.abc import Iterator
from urllib.parse import parse_qsl, urlsplit

import httpx2
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from tests.conftest import fresh_database
from tests.installation import Installation, installed
from tests.walker import FRAME, authentication_request, http_client
from tests.web.launching import (
    amend,
    assert_admitted,
    assert_refused,
    nothing_written,
    scene,
    second_site,
    second_tool,
    session_cookies,
)

METHODS = pytest.mark.parametrize("method", ["GET", "POST"])
ASKED = {"scope": "openid", "response_type": "id_token", "response_mode": "form_post", "prompt": "none"}
HINT = '{"a": "ü+ &=%20", "b": \'<">\'}'
QUICK = settings(
    max_examples=30,
    deadline=None,
    suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow],
)


@METHODS
def test_a_login_asks_the_platform_for_an_id_token(shared: Installation, method: str) -> None:
    begun = scene(shared)
    with nothing_written(shared):
        page = begun.login(method)
    assert page.status_code == 200
    asked = begun.walker.asked
    assert asked.items() >= ASKED.items()
    assert asked["client_id"] == shared.tool.client_id
    assert asked["redirect_uri"] == f"{shared.base_url}/lti/launch"
    assert asked["login_hint"] == begun.person.sub
    assert asked.keys() == ASKED.keys() | {
        "client_id", "redirect_uri", "login_hint", "lti_message_hint", "state", "nonce",
    }  # fmt: skip
    assert_admitted(begun.launch())


def test_every_login_has_a_state_a_nonce_and_a_secret_of_its_own(shared: Installation) -> None:
    begun = scene(shared)
    for _ in range(3):
        begun.login()
    assert len({cookie.value for cookie in begun.walker.cookies.values()}) == 3
    first = dict(begun.walker.asked)
    begun.login()
    assert first["state"] != begun.walker.asked["state"]
    assert first["nonce"] != begun.walker.asked["nonce"]


@pytest.fixture(scope="module")
def alone(
    backend: str, tmp_path_factory: pytest.TempPathFactory, request: pytest.FixtureRequest
) -> Iterator[Installation]:
    """An installation that knows the campus by one client id only; others on `shared` add more."""
    with installed(fresh_database(backend, tmp_path_factory.mktemp("alone"), request)) as running:
        yield running


@METHODS
@pytest.mark.parametrize(
    "left_out", [(), ("client_id",), ("lti_message_hint",), ("lti_deployment_id",), ("client_id", "lti_deployment_id")]
)
def test_what_is_optional_may_be_left_out(alone: Installation, method: str, left_out: tuple[str, ...]) -> None:
    begun = scene(alone)
    begun.login(method, **dict.fromkeys(left_out), **({"client_id": "reflect-on-campus"} if not left_out else {}))
    assert ("lti_message_hint" in begun.walker.asked) == ("lti_message_hint" not in left_out)
    assert_admitted(begun.launch())


@METHODS
def test_hints_come_back_byte_for_byte(shared: Installation, method: str) -> None:
    begun = scene(shared)
    begun.login(method, lti_message_hint=HINT, login_hint=HINT)
    assert begun.walker.asked["lti_message_hint"] == HINT
    assert begun.walker.asked["login_hint"] == HINT


def test_an_empty_message_hint_comes_back_empty(shared: Installation) -> None:
    begun = scene(shared)
    begun.login(lti_message_hint="")
    assert begun.walker.asked["lti_message_hint"] == ""


def test_canvas_may_call_the_deployment_by_its_own_name(shared: Installation) -> None:
    begun = scene(shared)
    assert begun.login(lti_deployment_id=None, deployment_id="1").status_code == 200
    assert_admitted(begun.launch())


def test_unknown_parameters_are_ignored(shared: Installation) -> None:
    begun = scene(shared)
    begun.login("GET", canvas_region="eu", extra=["1", "2"])
    assert_admitted(begun.launch())


def test_a_query_of_the_platforms_own_address_stays(installation: Installation) -> None:
    amend(installation, 1, auth_url=f"{installation.platform.base_url}/authorize?tenant=7")
    page = scene(installation).login()
    address = re.search(r'rel="next" href="([^"]+)"', page.text)
    assert address
    assert parse_qsl(urlsplit(address[1].replace("&amp;", "&")).query)[0] == ("tenant", "7")


def test_a_login_leaves_its_secret_in_two_cookies_of_ten_minutes(shared: Installation) -> None:
    page = scene(shared).login()
    plain, partitioned = page.headers.get_list("set-cookie")
    assert plain.startswith("__Host-reflect-login-") and partitioned.startswith("__Host-reflect-plogin-")
    assert plain.endswith("Path=/; Max-Age=600; Secure; HttpOnly; SameSite=None")
    assert partitioned.endswith("Path=/; Max-Age=600; Secure; HttpOnly; SameSite=None; Partitioned")
    assert not session_cookies(page)
    assert page.headers["cache-control"] == "no-store"


def test_a_browser_without_script_can_go_on(shared: Installation) -> None:
    page = scene(shared).login()
    assert re.search(r'<noscript><meta http-equiv="refresh" content="0; url=http', page.text)
    assert authentication_request(page)["state"] in page.text


# --- refusals ---------------------------------------------------------------------------------------------------------


@METHODS
@pytest.mark.parametrize("value", [None, ""])
@pytest.mark.parametrize("name", ["iss", "login_hint", "target_link_uri"])
def test_a_login_without_what_it_needs_is_refused(
    shared: Installation, method: str, name: str, value: str | None
) -> None:
    with nothing_written(shared):
        page = scene(shared).login(method, **{name: value})
        assert_refused(page, "login_param")
    assert "set-cookie" not in page.headers


@METHODS
@pytest.mark.parametrize(
    "name",
    [
        "iss",
        "login_hint",
        "target_link_uri",
        "lti_message_hint",
        "client_id",
        "lti_deployment_id",
        "lti_storage_target",
    ],
)
def test_a_login_with_a_parameter_given_twice_is_refused(shared: Installation, method: str, name: str) -> None:
    assert_refused(scene(shared).login(method, **{name: ["1", "1"]}), "login_param")


def test_two_different_deployments_are_refused(shared: Installation) -> None:
    assert_refused(scene(shared).login(deployment_id="2"), "login_param")


@METHODS
def test_a_parameter_of_great_length_is_refused(shared: Installation, method: str) -> None:
    assert_refused(scene(shared).login(method, login_hint="x" * 2049), "login_param")


@pytest.mark.parametrize("change", ["unknown", "slash", "capitals", "scheme"])
def test_an_unknown_issuer_is_refused(shared: Installation, change: str) -> None:
    issuer = shared.platform.base_url
    spelt = {
        "unknown": "https://evil.example",
        "slash": f"{issuer}/",
        "capitals": issuer.upper(),
        "scheme": issuer.replace("http:", "https:"),
    }
    page = scene(shared).login(iss=spelt[change])
    assert_refused(page, "platform_unknown")
    assert spelt[change] not in page.text


def test_an_unknown_client_is_refused(shared: Installation) -> None:
    assert_refused(scene(shared).login(client_id="<b>nobody</b>"), "platform_unknown")


def test_an_issuer_with_two_clients_must_say_which(installation: Installation) -> None:
    second_tool(installation)
    undecided = scene(installation)
    assert_refused(undecided.login(client_id=None), "client_ambiguous")
    undecided.login()
    assert_admitted(undecided.launch())
    amend(installation, 2, is_enabled=False)
    undecided.login(client_id=None)
    assert_admitted(undecided.launch())


def test_a_client_of_another_issuer_is_refused(installation: Installation) -> None:
    site = second_site(installation, client_id="at-moodle")
    assert_refused(scene(installation).login(client_id="at-moodle"), "platform_unknown")
    assert_refused(scene(installation).login(iss=site.base_url), "platform_unknown")


def test_a_registration_that_is_switched_off_is_refused(installation: Installation) -> None:
    amend(installation, 1, is_enabled=False)
    page = scene(installation).login()
    assert_refused(page, "registration_off")
    assert "set-cookie" not in page.headers


@pytest.mark.parametrize("content_type", ["application/json", "text/plain", "multipart/form-data; boundary=x"])
def test_a_login_in_another_content_type_is_refused(shared: Installation, content_type: str) -> None:
    with http_client() as client:
        headers = FRAME | {"Content-Type": content_type}
        assert_refused(client.post(f"{shared.base_url}/lti/login", content=b"{}", headers=headers), "content_type")


# --- what cannot be talked into anything ------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "headers",
    [
        {"Host": "evil.example"},
        {"X-Forwarded-Host": "evil.example", "X-Forwarded-Proto": "https"},
        {"Forwarded": "host=evil.example;proto=https"},
        {"X-Forwarded-Prefix": "/evil"},
    ],
)
def test_the_redirect_uri_is_the_configured_one_whatever_a_request_says_of_its_host(
    shared: Installation, headers: dict[str, str]
) -> None:
    begun = scene(shared)
    initiation = shared.platform.begin(begun.occasion)
    with http_client() as client:
        page = client.post(f"{shared.base_url}/lti/login", data=initiation, headers=FRAME | headers)
    assert authentication_request(page)["redirect_uri"] == f"{shared.base_url}/lti/launch"
    assert "evil" not in page.text
    assert "evil" not in str(page.headers)


@pytest.mark.parametrize("target", ["https://evil.example/app", "javascript:alert(1)", "//evil.example", "x"])
def test_the_unsigned_target_of_a_login_leads_nowhere(shared: Installation, target: str) -> None:
    begun = scene(shared)
    begun.login(target_link_uri=target)
    assert_refused(begun.launch(), "target_mismatch")


def test_what_a_login_says_is_escaped_in_its_page(shared: Installation) -> None:
    evil = '"><script>alert(1)</script>'
    page = scene(shared).login(lti_storage_target=evil, lti_message_hint=evil, login_hint=evil, target_link_uri=evil)
    assert page.status_code == 200
    assert "<script>alert" not in page.text


@QUICK
@given(
    given_parameters=st.lists(
        st.tuples(
            st.sampled_from(
                [
                    "iss",
                    "login_hint",
                    "target_link_uri",
                    "lti_message_hint",
                    "client_id",
                    "lti_deployment_id",
                    "deployment_id",
                    "lti_storage_target",
                ]
            )
            | st.text(max_size=5),
            st.text(max_size=40),
        ),
        max_size=8,
    ),
    method=st.sampled_from(["GET", "POST"]),
    is_ours=st.booleans(),
)
def test_no_parameters_break_the_login(
    shared: Installation, given_parameters: list[tuple[str, str]], method: str, is_ours: bool
) -> None:
    pairs = [*given_parameters, *([("iss", shared.platform.base_url)] if is_ours else [])]
    encoded = str(httpx2.QueryParams(pairs)).encode()
    headers = FRAME | {"Content-Type": "application/x-www-form-urlencoded"}
    with http_client() as client:
        address = f"{shared.base_url}/lti/login"
        if method == "GET":
            response = client.get(f"{address}?{encoded.decode()}", headers=FRAME)
        else:
            response = client.post(address, content=encoded, headers=headers)
    if response.status_code != 200:
        assert 400 <= response.status_code < 500
        assert_refused(response, response.headers["reflect-error"])


@QUICK
@given(query=st.text(st.characters(min_codepoint=33, max_codepoint=126, exclude_characters="#"), max_size=80))
def test_no_query_breaks_the_login(shared: Installation, query: str) -> None:
    with http_client() as client:
        response = client.get(f"{shared.base_url}/lti/login?{query}", headers=FRAME)
    assert_refused(response, "login_param")
