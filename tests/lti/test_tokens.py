import asyncio
from dataclasses import replace
from datetime import timedelta

import pytest

from reflect.lti import Outbound, Platform
from reflect.lti.service_refusals import ServiceRefused
from reflect.lti.tokens import AccessToken, Tokens, assertion_claims, may_receive

from .service_platform import HTML, MISBEHAVIOUR, Clock, ServicePlatform, recorded, reply

ROSTER, SCORES = "https://purl.example.org/roster", "https://purl.example.org/score"
HOME = Platform(
    *(7, "https://lms.example.org/moodle", "client-1", "https://sso.example.org/auth"),
    *("https://api.example.org:8443/token", "https://keys.example.org/jwks", None, True),
)


@pytest.fixture
def clock() -> Clock:
    return Clock()


@pytest.fixture
def tokens(services: ServicePlatform, clock: Clock) -> Tokens:
    return Tokens(Outbound([services.server.host]), clock)


def get(tokens: Tokens, services: ServicePlatform, *scopes: str, deployment_id: str = "deployment-1") -> AccessToken:
    return asyncio.run(tokens.get(services.platform, deployment_id, services.pair, scopes))


def refused(tokens: Tokens, services: ServicePlatform) -> ServiceRefused:
    with pytest.raises(ServiceRefused) as raised:
        get(tokens, services, ROSTER)
    assert raised.value.detail.isprintable()
    return raised.value


def test_a_token_is_got_by_a_signed_assertion(tokens: Tokens, services: ServicePlatform, clock: Clock) -> None:
    token = get(tokens, services, SCORES, ROSTER)
    assert token.value == "token-1" and token.scopes == {ROSTER, SCORES}
    assert token.expires_at == clock.now + timedelta(hours=1)
    (_, _, headers, body) = services.calls("/token")[0]
    assert headers["Content-Type"] == "application/x-www-form-urlencoded"
    assert f"scope={ROSTER.replace(':', '%3A').replace('/', '%2F')}+" in body.decode()
    assertion = services.assertions[0]
    assert assertion["iat"] == int(clock.now.timestamp()) - 30
    assert 0 < assertion["exp"] - assertion["iat"] <= 300
    assert "token-1" not in repr(token)


def test_the_audience_is_the_registrations_own_or_else_the_token_url() -> None:
    now = Clock().now
    assert assertion_claims(HOME, "1", now)["aud"] == HOME.token_url
    audience = "https://api.brightspace.com/auth/token"
    claims = assertion_claims(replace(HOME, token_audience=audience), "1", now)
    assert claims["aud"] == audience
    assert claims["jti"] != assertion_claims(HOME, "1", now)["jti"]


def test_a_token_is_kept_until_a_minute_before_it_expires(
    tokens: Tokens, services: ServicePlatform, clock: Clock
) -> None:
    assert get(tokens, services, ROSTER) == get(tokens, services, ROSTER)
    clock.now += timedelta(seconds=3539)
    assert get(tokens, services, ROSTER).value == "token-1"
    clock.now += timedelta(seconds=1)
    assert get(tokens, services, ROSTER).value == "token-2"
    assert services.assertions[0]["jti"] != services.assertions[1]["jti"]


def test_a_token_of_a_short_life_is_kept_for_most_of_it(
    tokens: Tokens, services: ServicePlatform, clock: Clock
) -> None:
    services.lifetime = 40
    get(tokens, services, ROSTER)
    clock.now += timedelta(seconds=29)
    assert get(tokens, services, ROSTER).value == "token-1"
    clock.now += timedelta(seconds=1)
    assert get(tokens, services, ROSTER).value == "token-2"


@pytest.mark.parametrize(
    ("stated", "seconds"),
    [
        *((3600, 3600), ("3600", 3600), (1.5, 1.5), (10**30, 86_400), ("9" * 5000, 86_400)),
        *((None, 300), (0, 300), (-1, 300), (True, 300), ("soon", 300), ([], 300)),
    ],
)
def test_a_lifetime_is_read_as_it_comes(
    tokens: Tokens, services: ServicePlatform, clock: Clock, stated: object, seconds: float
) -> None:
    services.lifetime = stated
    assert get(tokens, services, ROSTER).expires_at == clock.now + timedelta(seconds=seconds)


def test_tokens_are_apart_by_scopes_deployment_and_registration(tokens: Tokens, services: ServicePlatform) -> None:
    async def values() -> list[str]:
        platform, pair = services.platform, services.pair
        edited = replace(platform, keyset_url=platform.keyset_url + "2")
        got = [
            await tokens.get(platform, "deployment-1", pair, [ROSTER]),
            await tokens.get(platform, "deployment-1", pair, [SCORES]),
            await tokens.get(edited, "deployment-1", pair, [ROSTER]),
            await tokens.get(platform, "deployment-1", pair, {ROSTER}),
        ]
        return [token.value for token in got]

    assert asyncio.run(values()) == ["token-1", "token-2", "token-3", "token-1"]
    services.token = reply({"access_token": "another", "token_type": "bearer", "expires_in": 60})
    assert get(tokens, services, ROSTER, deployment_id="deployment-2").value == "another"
    assert get(tokens, services, ROSTER).value == "token-1"


def test_all_who_wait_share_one_request(tokens: Tokens, services: ServicePlatform) -> None:
    async def together() -> set[str]:
        calls = (tokens.get(services.platform, "deployment-1", services.pair, [ROSTER]) for _ in range(50))
        return {token.value for token in await asyncio.gather(*calls)}

    assert asyncio.run(together()) == {"token-1"}
    assert len(services.calls("/token")) == 1


def test_who_gives_up_waiting_leaves_the_request_to_the_others(tokens: Tokens, services: ServicePlatform) -> None:
    async def two() -> str:
        first, second = (
            asyncio.create_task(tokens.get(services.platform, "deployment-1", services.pair, [ROSTER]))
            for _ in range(2)
        )
        await asyncio.sleep(0)
        first.cancel()
        return (await second).value

    assert asyncio.run(two()) == "token-1"


def test_a_failure_is_told_to_all_who_wait_and_not_kept(tokens: Tokens, services: ServicePlatform) -> None:
    async def together() -> list[AccessToken | BaseException]:
        calls = (tokens.get(services.platform, "deployment-1", services.pair, [ROSTER]) for _ in range(3))
        return await asyncio.gather(*calls, return_exceptions=True)

    services.token = reply("", 500)
    assert all(isinstance(outcome, ServiceRefused) for outcome in asyncio.run(together()))
    services.token = None
    assert get(tokens, services, ROSTER).value == "token-1"


def test_a_forgotten_token_is_not_given_again(tokens: Tokens, services: ServicePlatform) -> None:
    old = get(tokens, services, ROSTER)
    tokens.forget(old)
    new = get(tokens, services, ROSTER)
    assert (old.value, new.value) == ("token-1", "token-2")
    tokens.forget(old)
    assert get(tokens, services, ROSTER) == new


def test_fewer_scopes_than_asked_for_are_told(tokens: Tokens, services: ServicePlatform) -> None:
    services.granted = SCORES
    assert get(tokens, services, ROSTER, SCORES).scopes == {SCORES}
    services.token = reply({"access_token": "x", "expires_in": 3600})
    assert get(tokens, services, ROSTER).scopes == {ROSTER}


def test_none_of_the_scopes_is_no_token(tokens: Tokens, services: ServicePlatform) -> None:
    services.granted = "https://purl.example.org/other"
    assert refused(tokens, services).code == "scope_missing"
    with pytest.raises(ServiceRefused, match="scope_missing"):
        get(tokens, services)
    assert len(services.calls("/token")) == 1


def test_a_token_of_moodle_is_read_although_it_calls_itself_html(tokens: Tokens, services: ServicePlatform) -> None:
    services.token = recorded("token")
    token = asyncio.run(
        tokens.get(
            services.platform,
            "1",
            services.pair,
            ["https://purl.imsglobal.org/spec/lti-ags/scope/score", "https://purl.example.org/unknown"],
        )
    )
    assert token.value == "recorded-token" and len(token.scopes) == 5


@pytest.mark.parametrize(
    ("recording", "said"),
    [
        ("token_unknown_scope", "invalid_scope"),
        ("token_unknown_kid", '""kid" invalid, unable to lookup correct key"'),
        ("token_from_the_future", "Cannot handle token with iat prior to"),
    ],
)
def test_moodles_refusal_is_told_even_where_it_is_no_json(
    tokens: Tokens, services: ServicePlatform, recording: str, said: str
) -> None:
    services.token = recorded(recording)
    refusal = refused(tokens, services)
    assert refusal.code == "token_refused" and said in refusal.detail


def test_a_refusal_that_repeats_our_assertion_does_not_bring_it_into_the_log(
    tokens: Tokens, services: ServicePlatform
) -> None:
    def echo(handler: object) -> None:
        reply(services.calls("/token")[-1][3].replace(b"&", b" "), 401)(handler)  # type: ignore[arg-type]

    services.token = echo
    detail = refused(tokens, services).detail
    assert "client_assertion=…" in detail and "eyJ" not in detail


@pytest.mark.parametrize("name", sorted(MISBEHAVIOUR.keys() - {"403", "canvas_429", "half_a_surrogate"}))
def test_a_token_service_that_misbehaves_is_refused(tokens: Tokens, services: ServicePlatform, name: str) -> None:
    services.token, code = MISBEHAVIOUR[name]
    refusal = refused(tokens, services)
    assert refusal.code == code and refusal.is_of_platform


@pytest.mark.parametrize(
    "answer",
    [
        *({}, [], {"access_token": ""}, {"access_token": 5}, {"access_token": "a\r\nX:y"}, {"access_token": "a b"}),
        *({"access_token": "ü"}, {"access_token": "a", "token_type": "mac"}, {"access_token": "a", "token_type": 1}),
    ],
)
def test_an_answer_without_a_bearer_token_is_refused(tokens: Tokens, services: ServicePlatform, answer: object) -> None:
    services.token = reply(answer)
    assert refused(tokens, services).code == "answer_malformed"


def test_busy_says_when_to_come_again(tokens: Tokens, services: ServicePlatform) -> None:
    services.token = reply("", 429, {"Retry-After": "7"})
    refusal = refused(tokens, services)
    assert (refusal.code, refusal.retry_after, refusal.is_passing) == ("busy", 7.0, True)


def test_a_token_url_inside_our_network_is_not_called(services: ServicePlatform) -> None:
    assert refused(Tokens(Outbound()), services).code == "address_scheme"
    assert services.calls("/token") == []


@pytest.mark.parametrize(
    ("url", "may"),
    [
        *(("https://lms.example.org/any?x=1", True), ("https://LMS.example.org:443/", True)),
        *(("https://sso.example.org/x", True), ("https://api.example.org:8443/", True)),
        *(("https://keys.example.org/", True), ("https://api.example.org/", False)),
        *(("http://lms.example.org/", False), ("https://lms.example.org.evil.example/", False)),
        *(("https://lms.example.org@evil.example/", False), ("https://evil.example/lms.example.org", False)),
        *(("//lms.example.org/", False), ("", False), ("https://lms.example.org\\@evil.example/", False)),
        *(("https://school.example.net/api", True), ("https://school.example.net:8443/api", True)),
        *(("https://other.example.net:444/", True), ("https://other.example.net/", False)),
        *(("https://[2001:db8::1]/", True), ("https://[2001:db8::2]/", False)),
    ],
)
def test_a_token_goes_only_where_the_registration_is_at_home(url: str, may: bool) -> None:
    hosts = {"School.example.net", "other.example.net:444", "[2001:db8::1]"}
    assert may_receive(HOME, url, hosts) is may


def test_no_listed_host_leaves_the_registrations_own() -> None:
    assert may_receive(HOME, "https://lms.example.org/services")
    assert not may_receive(HOME, "https://school.example.net/api")
    assert not may_receive(replace(HOME, issuer="urn:lms"), "urn:lms")


def test_only_so_many_tokens_are_kept(services: ServicePlatform, clock: Clock, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("reflect.lti.tokens._MOST_TOKENS", 2)
    tokens = Tokens(Outbound([services.server.host]), clock)
    for scope in ("a", "b", "a", "c", "a", "b"):
        get(tokens, services, scope)
    assert services.given == ["token-1", "token-2", "token-3", "token-4"]


def test_a_page_with_status_200_is_no_token(tokens: Tokens, services: ServicePlatform) -> None:
    services.token = HTML
    assert refused(tokens, services).code == "answer_malformed"
