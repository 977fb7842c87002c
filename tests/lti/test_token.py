import json
import time
from collections.abc import Callable

import jwt
import pytest
from cryptography.hazmat.primitives.asymmetric import ec, rsa
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat
from hypothesis import given
from hypothesis import strategies as st

from reflect.lti import LaunchRefused, keys, token

from .campus import base64url, compact, private_key


def public(pair: keys.KeyPair) -> rsa.RSAPublicKey:
    return private_key(pair.private_pem).public_key()


def code_of(id_token: str, pair: keys.KeyPair) -> str:
    with pytest.raises(LaunchRefused) as refusal:
        token.read(id_token).claims(public(pair))
    assert id_token == "" or id_token not in str(refusal.value)
    return refusal.value.code


def test_a_token_signed_by_another_library_is_read(pair: keys.KeyPair) -> None:
    claims = {"name": "Ada \U0001f642 الأحمد", "list": [1, 2.5, None, True]}
    read = token.read(keys.sign(claims, pair))
    assert read.kid == pair.kid
    assert read.claims(public(pair)) == claims


@pytest.mark.parametrize("algorithm", ["none", "None", "NONE", "", "rs256", "RS384", "PS256", "ES256", "HS256"])
def test_no_algorithm_but_rs256_is_taken(algorithm: str, pair: keys.KeyPair) -> None:
    header = {"alg": algorithm, "kid": pair.kid}
    assert code_of(compact(header, {}, pair.private_pem), pair) == "alg"
    unsigned = f"{base64url(json.dumps(header).encode())}.{base64url(b'{}')}."
    assert code_of(unsigned, pair) == "alg"


def test_a_public_key_used_as_a_shared_secret_is_refused(pair: keys.KeyPair) -> None:
    pem = public(pair).public_bytes(Encoding.PEM, PublicFormat.SubjectPublicKeyInfo)
    hs256 = jwt.algorithms.HMACAlgorithm(jwt.algorithms.HMACAlgorithm.SHA256)
    for secret in (pem, json.dumps(pair.public_jwk).encode()):
        signing_input = f"{base64url(json.dumps({'alg': 'HS256', 'kid': pair.kid}).encode())}.{base64url(b'{}')}"
        forged = f"{signing_input}.{base64url(hs256.sign(signing_input.encode(), secret))}"
        assert code_of(forged, pair) == "alg"
        relabelled = forged.replace(
            forged.split(".", maxsplit=1)[0],
            base64url(json.dumps({"alg": "RS256", "kid": pair.kid}).encode()),
        )
        assert code_of(relabelled, pair) == "signature"


def test_tokens_rightly_signed_by_other_algorithms_are_refused(pair: keys.KeyPair) -> None:
    private = private_key(pair.private_pem)
    for algorithm in ("RS384", "RS512", "PS256"):
        assert code_of(jwt.encode({}, private, algorithm, {"kid": pair.kid}), pair) == "alg"
    elliptic = ec.generate_private_key(ec.SECP256R1())
    assert code_of(jwt.encode({}, elliptic, "ES256", {"kid": pair.kid}), pair) == "alg"


@pytest.mark.parametrize(
    ("header", "code"),
    [
        ({}, "token_malformed"),
        ({"kid": "k"}, "token_malformed"),
        ({"alg": None, "kid": "k"}, "token_malformed"),
        ({"alg": ["RS256"], "kid": "k"}, "token_malformed"),
        ({"alg": "RS256"}, "kid_missing"),
        ({"alg": "RS256", "kid": None}, "kid_missing"),
        ({"alg": "RS256", "kid": ""}, "kid_missing"),
        ({"alg": "RS256", "kid": 7}, "token_malformed"),
        ({"alg": "RS256", "kid": ["k"]}, "token_malformed"),
        ({"alg": "RS256", "kid": "k" * 256}, "token_malformed"),
        ({"alg": "RS256", "kid": "k" * 10_000}, "token_malformed"),
        ({"alg": "RS256", "kid": "k", "crit": ["exp"]}, "token_malformed"),
        ({"alg": "RS256", "kid": "k", "crit": ["b64"], "b64": False}, "token_malformed"),
        ({"alg": "RS256", "kid": "k", "b64": True}, "token_malformed"),
        ([], "token_malformed"),
        ("RS256", "token_malformed"),
        (None, "token_malformed"),
        (b"", "token_malformed"),
        (b'{"alg":"RS256","alg":"RS256","kid":"k"}', "token_malformed"),
        (b'{"alg":"none","kid":"k","alg":"RS256"}', "token_malformed"),
        (b"\xff", "token_malformed"),
    ],
)
def test_a_header_that_is_not_plain_is_refused(header: object, code: str, pair: keys.KeyPair) -> None:
    if header is None:
        header = b"null"
    assert code_of(compact(header, {}, pair.private_pem), pair) == code


def test_key_references_in_the_header_are_ignored(pair: keys.KeyPair, other_pair: keys.KeyPair) -> None:
    header = {
        "alg": "RS256",
        "kid": pair.kid,
        "jwk": other_pair.public_jwk,
        "jku": "https://evil.example/jwks",
        "x5u": "https://evil.example/x5u",
        "x5c": ["AAAA"],
    }
    assert token.read(compact(header, {"a": 1}, pair.private_pem)).claims(public(pair)) == {"a": 1}
    assert code_of(compact(header, {"a": 1}, other_pair.private_pem), pair) == "signature"


@pytest.mark.parametrize(
    "payload",
    [
        b"",
        b"null",
        b"[]",
        b'"text"',
        b"1",
        b'{"exp":NaN}',
        b'{"exp":Infinity}',
        b'{"exp":-Infinity}',
        b'{"iss":"a","iss":"b"}',
        b'{"context":{"id":"1","id":"2"}}',
        b'{"a":' * 15_000 + b"1" + b"}" * 15_000,
        b"[" * 90_000 + b"]" * 2_000,
        b'{"name":"\\ud800"}',
        b'{"\\uDFFF":1}',
        b'{"n":' + b"9" * 5_000 + b"}",
        b'{"name":"\xff"}',
        b'\xef\xbb\xbf{"a":1}',
        b'{"a":1} x',
        "{}".encode("utf-16"),
    ],
)
def test_a_signed_payload_that_is_not_one_plain_object_is_malformed(payload: bytes, pair: keys.KeyPair) -> None:
    header = {"alg": "RS256", "kid": pair.kid}
    id_token = compact(header, payload, pair.private_pem)
    assert code_of(id_token, pair) == "token_malformed"
    large = compact(header, {"list": ["x"] * 18_000}, pair.private_pem)
    reading = quickest(lambda: token.read(large).claims(public(pair)))
    assert quickest(lambda: code_of(id_token, pair)) < 20 * reading, "it costs more than what is rightly read"


def quickest(work: Callable[[], object]) -> float:
    """Seconds of the processor that a work takes where nothing comes in between."""
    took = []
    for _ in range(5):
        began = time.thread_time()
        work()
        took.append(time.thread_time() - began)
    return min(took)


def test_whole_surrogate_pairs_are_text(pair: keys.KeyPair) -> None:
    payload = b'{"name":"\\ud83d\\ude42"}'
    id_token = compact({"alg": "RS256", "kid": pair.kid}, payload, pair.private_pem)
    assert token.read(id_token).claims(public(pair)) == {"name": "\U0001f642"}


def test_every_single_flipped_bit_is_refused(pair: keys.KeyPair) -> None:
    id_token = keys.sign({"a": 1}, pair)
    start = id_token.index(".") + 1
    for position in range(start, len(id_token)):
        flipped = chr(ord(id_token[position]) ^ 1)
        altered = id_token[:position] + flipped + id_token[position + 1 :]
        assert code_of(altered, pair) in {"signature", "token_malformed"}
    payload, signature = id_token.split(".")[1:]
    other = "A" if signature[10] != "A" else "B"
    assert code_of(id_token.replace(signature, signature[:10] + other + signature[11:]), pair) == "signature"
    assert code_of(id_token.replace(payload, base64url(b'{"a":2}')), pair) == "signature"


def test_the_parts_are_three_and_canonical(pair: keys.KeyPair) -> None:
    header, payload, signature = keys.sign({"a": 1}, pair).split(".")
    for id_token in (
        "",
        ".",
        "..",
        "no token",
        f"{header}.{payload}",
        f"{header}.{payload}.{signature}.{signature}",
        f"{header}.{payload}.{signature}..",
        f"{header}.{payload}=.{signature}",
        f"{header}.{payload}.{signature}==",
        f"{header}.{payload}\n.{signature}",
        f" {header}.{payload}.{signature}",
        f"{header}.{payload}.{signature[:-1]}",
        f"{header}.{payload}.+/{signature[2:]}",
        f"{header}.{payload}.é{signature[1:]}",
    ):
        assert code_of(id_token, pair) == "token_malformed"
    assert code_of(f"{header}.{payload}.", pair) == "signature"


def test_a_token_has_a_greatest_length(pair: keys.KeyPair) -> None:
    assert code_of("a" * (128 * 1024 + 1), pair) == "too_large"


@given(st.text(st.characters(exclude_categories=())) | st.lists(st.text("eyJ09-_=. {}")).map(".".join))
def test_arbitrary_text_is_refused_and_nothing_else_happens(id_token: str) -> None:
    with pytest.raises(LaunchRefused):
        token.read(id_token)


JSON = st.recursive(
    st.none() | st.booleans() | st.floats() | st.integers() | st.text(),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=5), inner, max_size=3),
    max_leaves=8,
)


@given(header=JSON | st.fixed_dictionaries({"alg": st.just("RS256") | JSON, "kid": st.text() | JSON}))
def test_an_arbitrary_header_is_read_or_refused(header: object) -> None:
    id_token = f"{base64url(json.dumps(header).encode())}.e30.AA"
    try:
        assert 1 <= len(token.read(id_token).kid) <= 255
    except LaunchRefused as refusal:
        assert refusal.code in {"token_malformed", "alg", "kid_missing"}


@given(st.binary() | JSON.map(lambda value: json.dumps(value).encode()))
def test_arbitrary_bytes_parse_to_a_clean_object_or_are_refused(part: bytes) -> None:
    try:
        parsed = token.parse(part)
    except LaunchRefused as refusal:
        assert refusal.code == "token_malformed"
    else:
        json.dumps(parsed, ensure_ascii=False).encode()
