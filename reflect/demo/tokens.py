"""Keys and compact tokens: what the campus signs with, and how to sign what no honest platform would."""

import json
import secrets
from base64 import urlsafe_b64encode
from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from functools import cache
from typing import Any

from cryptography.hazmat.primitives.asymmetric.rsa import RSAPrivateKey, generate_private_key
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat
from jwt.algorithms import RSAAlgorithm

Claims = dict[str, Any]
Signer = Callable[[bytes], bytes]


@dataclass(frozen=True)
class SigningKey:
    """An RSA key pair and the name it goes by in a keyset."""

    kid: str
    private: RSAPrivateKey

    def sign(self, message: bytes) -> bytes:
        """Return the RS256 signature of the message."""
        return RSAAlgorithm(RSAAlgorithm.SHA256).sign(message, self.private)

    def jwk(self) -> Claims:
        """Return the public half as a JWK with kid, alg and use (RFC 7517)."""
        public = RSAAlgorithm.to_jwk(self.private.public_key(), as_dict=True)
        return {
            "kty": "RSA",
            "kid": self.kid,
            "alg": "RS256",
            "use": "sig",
            "n": public["n"],
            "e": public["e"],
        }

    def pem(self) -> bytes:
        """Return the public half as PEM."""
        return self.private.public_key().public_bytes(Encoding.PEM, PublicFormat.SubjectPublicKeyInfo)

    def der(self) -> bytes:
        """Return the public half as DER."""
        return self.private.public_key().public_bytes(Encoding.DER, PublicFormat.SubjectPublicKeyInfo)

    def named(self, kid: str) -> "SigningKey":
        """Return the same pair under another name."""
        return replace(self, kid=kid)


def new_key(bits: int = 2048) -> SigningKey:
    """Make an RSA pair of so many bits, with a random name."""
    return SigningKey(secrets.token_hex(10), generate_private_key(public_exponent=65537, key_size=bits))


@cache
def stranger() -> SigningKey:
    """Return the key pair of somebody who is no platform of ours: the forger's own."""
    return new_key().named("stranger")


@cache
def weak() -> SigningKey:
    """Return a pair of 1024 bits, which nobody should trust."""
    return new_key(1024).named("weak")


def part(raw: bytes) -> str:
    """Return bytes as one part of a compact token: base64url without padding (RFC 7515)."""
    return urlsafe_b64encode(raw).rstrip(b"=").decode()


def compact(header: Mapping[str, Any], payload: bytes, sign: Signer) -> str:
    """Return the compact token over any header and any bytes, right or wrong; nothing is checked."""
    signed = f"{part(json.dumps(header).encode())}.{part(payload)}"
    return f"{signed}.{part(sign(signed.encode()))}"
