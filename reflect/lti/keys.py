"""Our own keys: one RSA pair per registration, published as a JSON Web Key Set (RFC 7517)."""

import base64
import hashlib
import json
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any, Final

import jwt
from cryptography.hazmat.primitives.asymmetric import rsa
from cryptography.hazmat.primitives.serialization import (
    Encoding,
    NoEncryption,
    PrivateFormat,
    load_pem_private_key,
)

BITS: Final = 2048
_EXPONENT: Final = 65537


@dataclass(frozen=True, slots=True)
class KeyPair:
    """A signing key: `private_pem` is PKCS#8 in the clear, to be encrypted wherever it rests."""

    kid: str
    private_pem: bytes
    public_jwk: dict[str, str]

    def __repr__(self) -> str:
        return f"KeyPair(kid={self.kid!r})"


def generate() -> KeyPair:
    """A new RSA-2048 pair; its `kid` is its own thumbprint (RFC 7638), so it can never be reused."""
    private = rsa.generate_private_key(_EXPONENT, BITS)
    numbers = private.public_key().public_numbers()
    members = {"e": _base64url(numbers.e), "kty": "RSA", "n": _base64url(numbers.n)}
    canonical = json.dumps(members, separators=(",", ":"), sort_keys=True).encode()
    kid = base64.urlsafe_b64encode(hashlib.sha256(canonical).digest()).rstrip(b"=").decode()
    pem = private.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption())
    return KeyPair(kid, pem, members | {"kid": kid, "alg": "RS256", "use": "sig"})


def keyset(public_jwks: Iterable[Mapping[str, str]]) -> dict[str, list[dict[str, str]]]:
    """The key set to publish. Moodle needs `alg` in each key; private members never pass."""
    return {
        "keys": [
            {"kty": "RSA", "kid": jwk["kid"], "alg": "RS256", "use": "sig", "n": jwk["n"], "e": jwk["e"]}
            for jwk in public_jwks
        ]
    }


def sign(claims: Mapping[str, Any], pair: KeyPair) -> str:
    """A compact RS256 token with the pair's `kid`; about 1 ms, most of it RSA."""
    # The key is one we made; proving its primes again would cost 20 times the signature.
    private = load_pem_private_key(pair.private_pem, None, unsafe_skip_rsa_key_validation=True)
    if not isinstance(private, rsa.RSAPrivateKey):
        raise TypeError(f"key {pair.kid} is not an RSA key")
    return jwt.encode(dict(claims), private, algorithm="RS256", headers={"kid": pair.kid})


def _base64url(number: int) -> str:
    return base64.urlsafe_b64encode(number.to_bytes((number.bit_length() + 7) // 8, "big")).rstrip(b"=").decode()
