import asyncio
import threading
import time
from collections.abc import Callable, Coroutine
from dataclasses import replace
from http.server import BaseHTTPRequestHandler
from typing import Any

import jwt
import pytest
from cryptography.hazmat.primitives.asymmetric import ec, rsa

from reflect.lti import Keysets, LaunchRefused, Outbound, Platform, keys, keysets

from .campus import Server, json_reply


class Clock:
    now = 1000.0

    def __call__(self) -> float:
        return self.now


@pytest.fixture
def clock() -> Clock:
    return Clock()


@pytest.fixture
def platform(server: Server) -> Platform:
    return Platform(7, "https://lms.example.org", "one", "https://a", "https://t", server.url, None, True)


@pytest.fixture
def held(server: Server, clock: Clock) -> Keysets:
    return Keysets(Outbound([server.host]), clock)


def outcome(asking: Coroutine[Any, Any, rsa.RSAPublicKey]) -> str:
    """The code of the refusal, or "" for a key."""

    async def asked() -> str:
        try:
            assert (await asking).key_size >= 2048
        except LaunchRefused as refusal:
            return refusal.code
        return ""

    return asyncio.run(asked())


def published(*pairs: keys.KeyPair) -> Callable[[BaseHTTPRequestHandler], None]:
    return json_reply(keys.keyset([pair.public_jwk for pair in pairs]))


def test_a_key_set_is_fetched_once_and_kept_for_an_hour(
    server: Server, held: Keysets, platform: Platform, clock: Clock, pair: keys.KeyPair
) -> None:
    server.reply = published(pair)
    for _ in range(3):
        assert outcome(held.key(platform, pair.kid)) == ""
    clock.now += 3599
    assert outcome(held.key(platform, pair.kid)) == ""
    assert len(server.requests) == 1
    clock.now += 1
    assert outcome(held.key(platform, pair.kid)) == ""
    assert len(server.requests) == 2


def test_many_launches_at_once_cause_one_fetch(
    server: Server, held: Keysets, platform: Platform, pair: keys.KeyPair
) -> None:
    def slowly(handler: BaseHTTPRequestHandler) -> None:
        time.sleep(0.1)
        published(pair)(handler)

    server.reply = slowly

    async def many() -> list[rsa.RSAPublicKey]:
        return await asyncio.gather(*(held.key(platform, pair.kid) for _ in range(50)))

    assert len(asyncio.run(many())) == 50
    assert len(server.requests) == 1


def test_one_who_gives_up_leaves_the_fetch_to_the_others(
    server: Server, held: Keysets, platform: Platform, pair: keys.KeyPair
) -> None:
    asked, go_on = threading.Event(), threading.Event()

    def slowly(handler: BaseHTTPRequestHandler) -> None:
        asked.set()
        go_on.wait(20)
        published(pair)(handler)

    server.reply = slowly

    async def two() -> None:
        first = asyncio.create_task(held.key(platform, pair.kid))
        second = asyncio.create_task(held.key(platform, pair.kid))
        assert await asyncio.to_thread(asked.wait, 20)
        first.cancel()
        await asyncio.sleep(0)  # so that it is cancelled before there is an answer
        go_on.set()
        assert (await second).key_size == 2048
        assert first.cancelled()

    asyncio.run(two())
    assert len(server.requests) == 1


def test_an_unknown_key_causes_one_refetch_and_none_in_the_cooldown(
    server: Server, held: Keysets, platform: Platform, clock: Clock, pair: keys.KeyPair
) -> None:
    server.reply = published(pair)
    assert outcome(held.key(platform, pair.kid)) == ""
    for kid in ("unknown", "unknown", "another"):
        assert outcome(held.key(platform, kid)) == "kid_unknown"
    assert len(server.requests) == 2
    assert outcome(held.key(platform, pair.kid)) == ""
    clock.now += 30
    assert outcome(held.key(platform, "unknown")) == "kid_unknown"
    assert len(server.requests) == 3


def test_an_unknown_key_at_the_very_first_fetch_starts_the_cooldown_too(
    server: Server, held: Keysets, platform: Platform, pair: keys.KeyPair
) -> None:
    server.reply = published(pair)
    assert outcome(held.key(platform, "unknown")) == "kid_unknown"
    assert outcome(held.key(platform, "unknown")) == "kid_unknown"
    assert len(server.requests) == 1


def test_a_rotated_key_is_taken_at_once_and_a_withdrawn_one_no_longer(
    server: Server, held: Keysets, platform: Platform, pair: keys.KeyPair, other_pair: keys.KeyPair
) -> None:
    server.reply = published(pair)
    assert outcome(held.key(platform, pair.kid)) == ""
    server.reply = published(other_pair)
    assert outcome(held.key(platform, other_pair.kid)) == ""
    assert len(server.requests) == 2
    assert outcome(held.key(platform, pair.kid)) == "kid_unknown"


def small_jwk() -> dict[str, str]:
    small = rsa.generate_private_key(65537, 1024).public_key()
    return {**jwt.algorithms.RSAAlgorithm.to_jwk(small, as_dict=True), "kid": "k"}


def elliptic_jwk() -> dict[str, str]:
    key = ec.generate_private_key(ec.SECP256R1()).public_key()
    return {**jwt.algorithms.ECAlgorithm.to_jwk(key, as_dict=True), "kid": "k"}


def hang(handler: BaseHTTPRequestHandler) -> None:
    time.sleep(20)


def redirect(handler: BaseHTTPRequestHandler) -> None:
    handler.send_response(302)
    handler.send_header("Location", "/jwks?again")
    handler.send_header("Content-Length", "0")
    handler.end_headers()


def endless(handler: BaseHTTPRequestHandler) -> None:
    handler.send_response(200)
    handler.end_headers()
    for _ in range(800):
        handler.wfile.write(b" " * 65536)


BROKEN = {
    "error 500": json_reply({}, 500),
    "HTML": json_reply(b"<!doctype html><title>Sign in</title>"),
    "a list": json_reply([]),
    "no keys": json_reply({}),
    "empty": json_reply({"keys": []}),
    "keys no list": json_reply({"keys": {"kid": "k"}}),
    "keys no objects": json_reply({"keys": [None, 1, "k"]}),
    "deep": json_reply(b'{"keys":' * 50_000),
    "redirect": redirect,
    "50 MB": endless,
    "hangs": hang,
    "1024 bits": json_reply({"keys": [small_jwk()]}),
    "elliptic": json_reply({"keys": [elliptic_jwk()]}),
    "shared secret": json_reply({"keys": [{"kty": "oct", "k": "AAAA", "kid": "k", "alg": "HS256"}]}),
    "nonsense key": json_reply({"keys": [{"kty": "RSA", "n": "!", "e": "AQAB", "kid": "k"}]}),
    "null key": json_reply({"keys": [{"kty": "RSA", "n": None, "e": 3, "kid": "k"}]}),
}


@pytest.mark.parametrize("reply", BROKEN.values(), ids=BROKEN.keys())
def test_a_broken_key_set_is_unavailable_and_the_last_good_keys_stay(
    server: Server,
    held: Keysets,
    platform: Platform,
    clock: Clock,
    pair: keys.KeyPair,
    reply: Callable[[BaseHTTPRequestHandler], None],
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    def answers(its_reply: Callable[[BaseHTTPRequestHandler], None], seconds: float = 4.0) -> None:
        server.reply = its_reply
        monkeypatch.setattr(keysets, "_FETCH_SECONDS", seconds)

    answers(reply, 0.3 if reply is hang else 4.0)
    assert outcome(held.key(platform, "k")) == "keys_unavailable"
    answers(published(pair))
    clock.now += 1
    assert outcome(held.key(platform, pair.kid)) == ""
    answers(reply, 0.3 if reply is hang else 4.0)
    clock.now += 3600
    assert outcome(held.key(platform, pair.kid)) == ""
    assert outcome(held.key(platform, "k")) == "keys_unavailable"


def test_a_key_set_that_fails_is_not_asked_again_within_a_second(
    server: Server, held: Keysets, platform: Platform, clock: Clock, pair: keys.KeyPair
) -> None:
    server.reply = json_reply({}, 500)
    for _ in range(3):
        assert outcome(held.key(platform, "k")) == "keys_unavailable"
    assert len(server.requests) == 1
    server.reply = published(pair)
    clock.now += 1
    assert outcome(held.key(platform, pair.kid)) == ""
    assert len(server.requests) == 2


def test_a_fault_does_not_start_the_cooldown_for_unknown_keys(
    server: Server,
    held: Keysets,
    platform: Platform,
    clock: Clock,
    pair: keys.KeyPair,
    other_pair: keys.KeyPair,
) -> None:
    server.reply = published(pair)
    assert outcome(held.key(platform, pair.kid)) == ""
    server.reply = json_reply({}, 500)
    assert outcome(held.key(platform, other_pair.kid)) == "keys_unavailable"
    server.reply = published(pair, other_pair)
    clock.now += 1
    assert outcome(held.key(platform, other_pair.kid)) == ""


def test_a_platform_that_does_not_answer_is_given_up_within_five_seconds() -> None:
    assert keysets._FETCH_SECONDS < 5


def test_an_address_we_may_not_call_is_unavailable(platform: Platform) -> None:
    inside = replace(platform, keyset_url="https://169.254.169.254/jwks")
    assert outcome(Keysets(Outbound()).key(inside, "k")) == "keys_unavailable"


@pytest.mark.parametrize(
    "change",
    [
        {"use": "enc"},
        {"alg": "RS384"},
        {"alg": "PS256"},
        {"kty": "rsa"},
        {"kty": "oct"},
        {"d": "AQAB"},
        {"e": "AA"},
        {"n": "x" * 4000},
    ],
)
def test_keys_for_other_ends_are_left_aside(
    server: Server,
    held: Keysets,
    platform: Platform,
    pair: keys.KeyPair,
    other_pair: keys.KeyPair,
    change: dict[str, str],
) -> None:
    unusable = other_pair.public_jwk | change
    nameless = {key: value for key, value in other_pair.public_jwk.items() if key != "kid"}
    server.reply = json_reply({"keys": [unusable, nameless, {**nameless, "kid": 7}, pair.public_jwk]})
    assert outcome(held.key(platform, pair.kid)) == ""
    assert outcome(held.key(platform, other_pair.kid)) == "keys_unavailable"
    assert outcome(held.key(platform, "7")) == "kid_unknown"


def test_a_key_may_leave_out_use_and_algorithm(
    server: Server, held: Keysets, platform: Platform, pair: keys.KeyPair
) -> None:
    bare = {name: pair.public_jwk[name] for name in ("kty", "n", "e", "kid")}
    server.reply = json_reply({"keys": [bare]})
    assert outcome(held.key(platform, pair.kid)) == ""


def test_only_so_many_key_sets_are_kept(
    server: Server, held: Keysets, platform: Platform, pair: keys.KeyPair, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(keysets, "_MOST_KEYSETS", 2)
    server.reply = published(pair)
    for number in (1, 2, 3, 3, 1):
        assert outcome(held.key(replace(platform, keyset_url=f"{server.url}?{number}"), pair.kid)) == ""
    assert [path for _, path, _, _ in server.requests] == ["/jwks?1", "/jwks?2", "/jwks?3", "/jwks?1"]
