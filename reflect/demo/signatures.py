"""A forger's hand at headers and signatures: the ways a token can be signed wrongly."""

import json
import secrets
from base64 import b64encode, urlsafe_b64decode
from collections.abc import Callable
from dataclasses import replace
from typing import Any

from cryptography.hazmat.primitives.asymmetric.ec import SECP256R1, generate_private_key
from jwt.algorithms import ECAlgorithm, HMACAlgorithm, RSAAlgorithm, RSAPSSAlgorithm

from reflect.demo.forging import Draft, Forge
from reflect.demo.tokens import Claims, Signer, SigningKey, compact, part, stranger


def by(key: SigningKey) -> Forge:
    """Return the forge that signs with another key, under that key's name."""
    return lambda draft: replace(draft, header=draft.header | {"kid": key.kid}).signed(key.sign)


def by_newcomer(draft: Draft) -> str:
    """Sign with a key that is in no keyset, under a name never heard before."""
    return by(stranger().named(secrets.token_hex(10)))(draft)


def under(algorithm: str, signer: Callable[[Draft], Signer]) -> Forge:
    """Return the forge that names another algorithm and signs by it."""
    return lambda draft: replace(draft, header=draft.header | {"alg": algorithm}).signed(signer(draft))


def unsigned(algorithm: str) -> Forge:
    """Return the forge that names no algorithm and leaves the signature empty."""
    return under(algorithm, lambda draft: lambda message: b"")


def hmac(secret: Callable[[SigningKey], bytes]) -> Forge:
    """Return the forge that takes something public about the key as the secret of an HS256 signature."""
    hs256 = HMACAlgorithm(HMACAlgorithm.SHA256)
    return under("HS256", lambda draft: lambda message: hs256.sign(message, secret(draft.key)))


def jwk_bytes(key: SigningKey) -> bytes:
    """Return the public JWK as it may be read off the keyset."""
    return json.dumps(key.jwk()).encode()


def rs384(draft: Draft) -> str:
    """Sign rightly by RS384."""
    algorithm = RSAAlgorithm(RSAAlgorithm.SHA384)
    return under("RS384", lambda right: lambda message: algorithm.sign(message, right.key.private))(draft)


def ps256(draft: Draft) -> str:
    """Sign rightly by PS256."""
    algorithm = RSAPSSAlgorithm(RSAPSSAlgorithm.SHA256)
    return under("PS256", lambda right: lambda message: algorithm.sign(message, right.key.private))(draft)


def es256(draft: Draft) -> str:
    """Sign rightly by ES256, with an elliptic key."""
    algorithm, key = ECAlgorithm(ECAlgorithm.SHA256), generate_private_key(SECP256R1())
    return under("ES256", lambda right: lambda message: algorithm.sign(message, key))(draft)


def bare(draft: Draft) -> str:
    """Sign an empty header and a payload that is no launch, as the certification suite does."""
    return compact({}, b'{"name": "badltilaunch"}', draft.key.sign)


def unencoded(draft: Draft) -> str:
    """Send the payload as it is and sign it so (RFC 7797)."""
    header = part(json.dumps(draft.header | {"b64": False, "crit": ["b64"]}).encode())
    payload = json.dumps(draft.claims, separators=(",", ":")).replace(".", "\\u002e")
    return f"{header}.{payload}.{part(draft.key.sign(f'{header}.{payload}'.encode()))}"


def said_twice(name: str, first: object) -> Forge:
    """Return the forge whose payload has a claim twice: first a false value, then the right one."""

    def forge(draft: Draft) -> str:
        false = f"{{{json.dumps(name)}: {json.dumps(first)}, "
        return compact(draft.header, (false + json.dumps(draft.claims)[1:]).encode(), draft.key.sign)

    return forge


def nested(depth: int) -> Forge:
    """Return the forge whose payload holds an array in an array, so many deep."""
    return lambda draft: compact(draft.header, b'{"deep": ' + b"[" * depth + b"]" * depth + b"}", draft.key.sign)


def flip_signature(token: str) -> str:
    """Flip the lowest bit of the signature's first byte."""
    signed, _, signature = token.rpartition(".")
    raw = _bytes(signature)
    return f"{signed}.{part(bytes([raw[0] ^ 1]) + raw[1:])}"


def flip_payload(token: str) -> str:
    """Flip one bit of the payload so that it stays JSON: the last digit of exp."""
    header, payload, signature = token.split(".")
    claims: dict[str, Any] = json.loads(_bytes(payload))
    before = str(claims["exp"]).encode()
    flipped = before[:-1] + bytes([before[-1] ^ 1])
    return f"{header}.{part(_bytes(payload).replace(before, flipped))}.{signature}"


def offering(field: str) -> Forge:
    """Return the forge whose header says where to find its key (jku, x5u), or brings it along (x5c, jwk)."""

    def forge(draft: Draft) -> str:
        offers: Claims = {
            "jku": draft.bait,
            "x5u": draft.bait,
            "x5c": [b64encode(stranger().der()).decode()],
            "jwk": stranger().jwk(),
        }
        return by(stranger())(replace(draft, header=draft.header | {field: offers[field]}))

    return forge


def _bytes(text: str) -> bytes:
    return urlsafe_b64decode(text + "=" * (-len(text) % 4))
