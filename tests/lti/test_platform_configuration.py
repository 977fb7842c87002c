import asyncio
from typing import Any

import pytest

from reflect.lti import Outbound, platform_configuration
from reflect.lti.platform_configuration import PLATFORM, PlatformConfiguration, RegistrationRefused, read

from .campus import Server
from .service_platform import HTML, MISBEHAVIOUR, RECORDED, recorded, reply

URL = "https://lms.example.org/mod/lti/openid-configuration.php?x=1"
MOODLE = "https://moodle.test:8443/mod/lti/openid-configuration.php"
HOSTS = {"issuer": "", "authorization_endpoint": "/auth", "token_endpoint": "/token", "jwks_uri": "/jwks"}
SSO = "https://sso.canvaslms.com"


def document(base: str = "https://lms.example.org", /, **altered: object) -> dict[str, Any]:
    found: dict[str, Any] = {name: base + path for name, path in HOSTS.items()}
    found |= {"registration_endpoint": base + "/register"}
    return {name: value for name, value in (found | altered).items() if value is not None}


def configuration(found: dict[str, Any], url: str = URL) -> PlatformConfiguration:
    return read(found, url, lambda url: False)


def refused(found: dict[str, Any], url: str = URL) -> str:
    with pytest.raises(RegistrationRefused) as raised:
        configuration(found, url)
    assert raised.value.detail
    return raised.value.code


def fetch(server: Server, token: str | None = None) -> PlatformConfiguration:
    return asyncio.run(platform_configuration.fetch(Outbound([server.host]), server.url, token))


def failure(server: Server, token: str | None = None) -> RegistrationRefused:
    with pytest.raises(RegistrationRefused) as raised:
        fetch(server, token)
    return raised.value


def test_the_configuration_of_a_real_moodle_is_read() -> None:
    found = configuration(RECORDED["configuration"]["body"], MOODLE)
    assert (found.issuer, found.family) == ("https://moodle.test:8443", "moodle")
    assert found.token_url == "https://moodle.test:8443/mod/lti/token.php"
    assert found.auth_url == "https://moodle.test:8443/mod/lti/auth.php"
    assert found.keyset_url == "https://moodle.test:8443/mod/lti/certs.php"
    assert found.registration_url == "https://moodle.test:8443/mod/lti/openid-registration.php"
    assert found.version is not None and found.version.startswith("4.5")
    assert found.token_audience is None and len(found.scopes) == 8
    assert set(found.messages) == {"LtiResourceLinkRequest", "LtiDeepLinkingRequest"}


def test_what_a_platform_does_not_say_is_empty() -> None:
    found = configuration(document())
    assert (found.family, found.version, found.token_audience) == (None, None, None)
    assert (found.scopes, found.messages) == (frozenset(), {})
    odd = configuration(document(**{PLATFORM: {"messages_supported": ["x", {"type": 5}], "version": 4}}))
    assert (odd.version, odd.messages) == (None, {})


def test_the_audience_for_tokens_is_read() -> None:
    audience = "https://api.brightspace.com/auth/token"
    assert configuration(document(authorization_server=audience)).token_audience == audience


def test_messages_are_read_with_their_placements() -> None:
    listed = [{"type": "A", "placements": ["x", 5, "y"]}, {"type": "B"}, {"type": "C", "placements": {"x": 1}}]
    found = configuration(document(**{PLATFORM: {"messages_supported": listed}}))
    assert found.messages == {"A": {"x", "y"}, "B": frozenset(), "C": frozenset()}


@pytest.mark.parametrize(
    "server", ["sso.canvaslms.com", "school.instructure.com", "http://lms.example.org/token", "/token", "", 5, None]
)
def test_an_audience_that_is_no_address_is_as_good_as_not_said(server: object) -> None:
    assert configuration(document(authorization_server=server)).token_audience is None


def test_an_audience_may_be_plain_http_where_the_endpoints_may() -> None:
    here = "http://127.0.0.1:8000"
    found = read(document(here, authorization_server=here), here, lambda url: url.startswith(here))
    assert found.token_audience == here


def test_endpoints_may_be_on_another_host_than_the_issuer() -> None:
    assert configuration(document(token_endpoint="https://auth.example.net/token")).token_url.endswith(".net/token")


def test_an_issuer_may_have_a_path() -> None:
    assert configuration(document(issuer="https://lms.example.org/moodle")).issuer == "https://lms.example.org/moodle"


@pytest.mark.parametrize(
    "issuer",
    [
        *("https://other.example.org", "https://lms.example.org.evil.example", "https://lms.example.org:8443"),
        *("http://lms.example.org", "https://example.org", "https://sso.canvaslms.com"),
    ],
)
def test_a_configuration_speaks_only_for_its_own_host(issuer: str) -> None:
    assert refused(document(issuer=issuer)) == "issuer_mismatch"


@pytest.mark.parametrize("there", [SSO, "https://school.instructure.com", "https://canvas.school.example.edu"])
def test_canvas_may_speak_for_its_vendor(there: str) -> None:
    issuer = "https://canvas.instructure.com"
    url = there + "/api/lti/security/openid-configuration"
    for keys_at in (SSO, there):
        found = configuration(document(keys_at, issuer=issuer, registration_endpoint=there + "/api"), url)
        assert (found.issuer, found.keyset_url) == (issuer, keys_at + "/jwks")


@pytest.mark.parametrize("endpoint", ["authorization_endpoint", "token_endpoint", "jwks_uri"])
def test_a_canvas_with_somebody_elses_keys_is_refused(endpoint: str) -> None:
    issuer, url = "https://canvas.instructure.com", "https://school.instructure.com/api"
    found = document(SSO, issuer=issuer, **{endpoint: "https://evil.example/x"})
    assert refused(found, url) == "endpoint_elsewhere"
    assert refused(document("https://sso.beta.canvaslms.com", issuer=issuer), url) == "endpoint_elsewhere"


@pytest.mark.parametrize("name", [*HOSTS, "registration_endpoint"])
@pytest.mark.parametrize("value", [None, 5, "", "/relative", "javascript:x", "https://a@lms.example.org/"])
def test_an_address_that_is_missing_or_none_is_refused(name: str, value: object) -> None:
    assert refused(document(**{name: value})) == "configuration_malformed"


@pytest.mark.parametrize("name", ["authorization_endpoint", "token_endpoint", "jwks_uri", "registration_endpoint"])
def test_an_address_without_tls_is_refused(name: str) -> None:
    assert refused(document(**{name: "http://lms.example.org/x"})) == "endpoint_insecure"


def test_a_configuration_is_fetched_with_the_token_that_canvas_wants_to_see(server: Server) -> None:
    server.reply = reply(document("http://" + server.host), headers={"Content-Type": "text/html"})
    assert fetch(server, "one-time.token").issuer == "http://" + server.host
    assert server.requests[0][2]["Authorization"] == "Bearer one-time.token"
    assert fetch(server).issuer == "http://" + server.host
    assert "Authorization" not in server.requests[1][2]


@pytest.mark.parametrize("token", ["", "a\r\nX-Evil: 1", "é", "a\x00"])
def test_a_token_that_is_no_header_is_not_sent(server: Server, token: str) -> None:
    assert failure(server, token).code == "registration_token"
    assert server.requests == []


def test_an_address_inside_our_network_is_not_fetched(server: Server) -> None:
    with pytest.raises(RegistrationRefused, match="configuration_unavailable: address_scheme"):
        asyncio.run(platform_configuration.fetch(Outbound(), server.url, None))
    assert server.requests == []


@pytest.mark.parametrize("name", sorted(MISBEHAVIOUR))
def test_a_platform_that_misbehaves_is_refused(server: Server, name: str) -> None:
    server.reply, code = MISBEHAVIOUR[name]
    malformed = code == "answer_malformed"
    assert failure(server).code == ("configuration_malformed" if malformed else "configuration_unavailable")


def test_the_platforms_words_are_kept_without_the_token(server: Server) -> None:
    server.reply = reply("<h1>No</h1><p>Token one-time.token used</p>", 401)
    refusal = failure(server, "one-time.token")
    assert (refusal.code, refusal.said) == ("configuration_unavailable", "No  Token … used")


def test_a_page_is_no_configuration(server: Server) -> None:
    server.reply = HTML
    assert failure(server).code == "configuration_malformed"
    server.reply = recorded("line_items")
    assert failure(server).code == "configuration_malformed"
