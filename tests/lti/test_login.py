import string
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from urllib.parse import parse_qsl, urlsplit

import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from reflect.lti import Handshake, LaunchRefused, LoginRequest, Platform, login

PLATFORM = Platform(
    7, "https://lms.example.org", "one", "https://lms.example.org/auth", "https://t", "https://k", None, True
)
PAIRS = [
    ("iss", PLATFORM.issuer),
    ("login_hint", "5"),
    ("target_link_uri", "https://reflect.example.org/app"),
]
REDIRECT = "https://reflect.example.org/lti/launch"


def code_of(pairs: list[tuple[str, str]]) -> str:
    with pytest.raises(LaunchRefused) as refusal:
        LoginRequest.read(pairs)
    assert "5" not in refusal.value.detail or "login_hint" not in refusal.value.detail
    return refusal.value.code


@pytest.mark.parametrize("name", ["iss", "login_hint", "target_link_uri"])
def test_a_login_needs_its_three_parameters(name: str) -> None:
    assert code_of([pair for pair in PAIRS if pair[0] != name]) == "login_param"
    assert code_of([(key, "" if key == name else value) for key, value in PAIRS]) == "login_param"


@pytest.mark.parametrize("name", ["iss", "login_hint", "lti_message_hint", "client_id", "lti_deployment_id"])
def test_a_known_parameter_given_twice_is_refused(name: str) -> None:
    rest = [pair for pair in PAIRS if pair[0] != name]
    assert code_of([*rest, (name, "x"), (name, "x")]) == "login_param"


@pytest.mark.parametrize(("name", "longest"), [("login_hint", 2048), ("client_id", 2048), ("lti_message_hint", 8192)])
def test_a_parameter_has_a_greatest_length(name: str, longest: int) -> None:
    rest = [pair for pair in PAIRS if pair[0] != name]
    LoginRequest.read([*rest, (name, "x" * longest)])
    assert code_of([*rest, (name, "x" * (longest + 1))]) == "login_param"


def test_half_a_surrogate_pair_is_no_text() -> None:
    assert code_of([*PAIRS, ("lti_message_hint", "\ud800")]) == "login_param"


def test_a_login_is_read_whole_and_unknown_parameters_are_left() -> None:
    more = [
        ("lti_message_hint", ""),
        ("client_id", "one"),
        ("lti_storage_target", "_parent"),
        ("x", "1"),
        ("x", "2"),
    ]
    request = LoginRequest.read([*PAIRS, *more, ("deployment_id", "d")])
    assert request == LoginRequest(PLATFORM.issuer, "5", "https://reflect.example.org/app", "", "one", "d", "_parent")


def test_two_deployment_hints_must_agree() -> None:
    same = LoginRequest.read([*PAIRS, ("lti_deployment_id", "d"), ("deployment_id", "d")])
    assert same.deployment_id == "d"
    assert code_of([*PAIRS, ("lti_deployment_id", "d"), ("deployment_id", "e")]) == "login_param"


TWO = [PLATFORM, replace(PLATFORM, id=8, client_id="two")]
OFF = replace(PLATFORM, enabled=False)


def choose(platforms: list[Platform], client_id: str | None, issuer: str = PLATFORM.issuer) -> Platform | str:
    request = replace(LoginRequest.read(PAIRS), client_id=client_id, issuer=issuer)
    try:
        return login.choose(request, platforms)
    except LaunchRefused as refusal:
        return refusal.code


def test_the_registration_is_found_by_issuer_and_client() -> None:
    assert choose(TWO, "two") is TWO[1]
    assert choose([PLATFORM], None) is PLATFORM
    assert choose([], "one") == "platform_unknown"
    assert choose(TWO, "three") == "platform_unknown"
    assert choose(TWO, "one", PLATFORM.issuer + "/") == "platform_unknown"
    assert choose(TWO, None) == "client_ambiguous"


def test_a_registration_that_is_off_is_refused_unless_another_fits() -> None:
    assert choose([OFF], "one") == "registration_off"
    assert choose([OFF], None) == "registration_off"
    assert choose([OFF, TWO[1]], None) is TWO[1]


class Clock:
    def __init__(self) -> None:
        self.now = 1_800_000_000.0

    def __call__(self) -> float:
        return self.now


def test_a_state_brings_back_what_the_login_knew() -> None:
    clock = Clock()
    handshake = Handshake(b"s" * 32, clock)
    begun = handshake.begin(PLATFORM, LoginRequest.read(PAIRS))
    resumed = Handshake(b"s" * 32, clock).resume(begun.state)
    assert (resumed.handle, resumed.nonce, resumed.browser_secret) == (
        begun.handle,
        begun.nonce,
        begun.browser_secret,
    )
    assert resumed.platform_id == PLATFORM.id
    assert resumed.target_digest == login.target_digest("https://reflect.example.org/app")
    assert resumed.expires_at == datetime.fromtimestamp(clock.now, UTC) + timedelta(minutes=10)


def test_the_browser_is_proven_by_its_secret_only() -> None:
    handshake = Handshake(b"s" * 32)
    begun = handshake.begin(PLATFORM, LoginRequest.read(PAIRS))
    resumed = handshake.resume(begun.state)
    assert resumed.proven_by(begun.browser_secret)
    for secret in (None, "", begun.nonce, begun.handle, resumed.id, begun.browser_secret + "x", "\ud800é"):
        assert not resumed.proven_by(secret)


def state_code(handshake: Handshake, state: str | None) -> str:
    with pytest.raises(LaunchRefused) as refusal:
        handshake.resume(state)
    return refusal.value.code


def test_a_state_lives_ten_minutes() -> None:
    clock = Clock()
    handshake = Handshake(b"s" * 32, clock)
    state = handshake.begin(PLATFORM, LoginRequest.read(PAIRS)).state
    clock.now += 600
    handshake.resume(state)
    clock.now += 1
    assert state_code(handshake, state) == "state_expired"


def test_a_state_of_a_worker_whose_clock_runs_ahead_is_good() -> None:
    clock = Clock()
    handshake = Handshake(b"s" * 32, clock)
    state = handshake.begin(PLATFORM, LoginRequest.read(PAIRS)).state
    clock.now -= 5
    assert handshake.resume(state).platform_id == PLATFORM.id


def test_a_state_that_is_missing_or_not_ours_is_refused() -> None:
    handshake = Handshake(b"s" * 32)
    state = handshake.begin(PLATFORM, LoginRequest.read(PAIRS)).state
    assert state_code(handshake, None) == "state_missing"
    assert state_code(handshake, "") == "state_missing"
    assert state_code(Handshake(b"t" * 32), state) == "state_unknown"
    assert state_code(handshake, "x" * 10_000) == "state_unknown"


@given(position=st.integers(0, 10_000), letter=st.characters())
def test_a_state_altered_anywhere_is_refused(position: int, letter: str) -> None:
    handshake = Handshake(b"s" * 32)
    state = handshake.begin(PLATFORM, LoginRequest.read(PAIRS)).state
    position %= len(state)
    altered = state[:position] + letter + state[position + 1 :]
    assume(altered != state)
    assert state_code(handshake, altered) == "state_unknown"


def test_a_second_spelling_of_the_signature_is_refused() -> None:
    handshake = Handshake(b"s" * 32)
    state = handshake.begin(PLATFORM, LoginRequest.read(PAIRS)).state
    alphabet = string.ascii_uppercase + string.ascii_lowercase + string.digits + "-_"
    for letter in set(alphabet) - {state[-1]}:
        assert state_code(handshake, state[:-1] + letter) == "state_unknown"


@given(st.text(st.characters(exclude_categories=())))
def test_any_text_for_a_state_is_refused_and_nothing_else_happens(state: str) -> None:
    assert state_code(Handshake(b"s" * 32), state) in {"state_missing", "state_unknown"}


@given(platform_id=st.integers(0, 2**63 - 1), target=st.text(min_size=1))
def test_every_platform_and_target_survive_the_round_trip(platform_id: int, target: str) -> None:
    handshake = Handshake(b"s" * 32)
    request = replace(LoginRequest.read(PAIRS), target_link_uri=target)
    begun = handshake.begin(replace(PLATFORM, id=platform_id), request)
    resumed = handshake.resume(begun.state)
    assert (resumed.platform_id, resumed.target_digest) == (platform_id, login.target_digest(target))


def test_no_two_logins_share_anything() -> None:
    handshake = Handshake(b"s" * 32)
    begun = [handshake.begin(PLATFORM, LoginRequest.read(PAIRS)) for _ in range(50)]
    for values in zip(*((b.state, b.handle, b.nonce, b.browser_secret) for b in begun), strict=True):
        assert len(set(values)) == 50


def asked(platform: Platform, request: LoginRequest) -> tuple[str, list[tuple[str, str]]]:
    begun = Handshake(b"s" * 32).begin(platform, request)
    url = login.authentication_request(platform, request, begun, REDIRECT)
    assert (dict(parse_qsl(urlsplit(url).query)))["nonce"] == begun.nonce
    return url, parse_qsl(urlsplit(url).query, keep_blank_values=True)


def test_the_authentication_request_holds_what_the_specification_asks() -> None:
    url, query = asked(PLATFORM, LoginRequest.read(PAIRS))
    assert url.startswith(PLATFORM.auth_url + "?")
    assert dict(query).items() >= {
        ("scope", "openid"),
        ("response_type", "id_token"),
        ("response_mode", "form_post"),
        ("prompt", "none"),
        ("client_id", "one"),
        ("redirect_uri", REDIRECT),
        ("login_hint", "5"),
    }
    assert [name for name, _ in query if name in {"lti_message_hint", "repost"}] == []


def test_the_query_an_authentication_address_has_is_kept() -> None:
    url, query = asked(
        replace(PLATFORM, auth_url="https://lms.example.org/auth?tenant=a%2Fb#x"), LoginRequest.read(PAIRS)
    )
    assert url.startswith("https://lms.example.org/auth?tenant=a%2Fb&scope=openid&")
    assert "#" not in url
    assert query[0] == ("tenant", "a/b")


@given(st.text(max_size=200), st.text(min_size=1, max_size=200))
def test_hints_are_echoed_to_the_letter(message_hint: str, login_hint: str) -> None:
    request = replace(LoginRequest.read(PAIRS), message_hint=message_hint, login_hint=login_hint)
    _, query = asked(PLATFORM, request)
    assert dict(query)["lti_message_hint"] == message_hint
    assert dict(query)["login_hint"] == login_hint
