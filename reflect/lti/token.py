"""Strict reading of a signed id_token (RFC 7515, RFC 7519; 1EdTech security framework 5.1.3).

The compact form is split, checked and decoded here exactly once; the signature itself is PyJWT's RSA
algorithm object. Algorithm and key kind are constants of this module, so nothing a token says about
them (`alg`, `jku`, `x5u`, `x5c`, `jwk`) can ever choose how it is verified.
"""

import binascii
import json
from dataclasses import dataclass
from functools import lru_cache
from typing import Any, Final, NoReturn

from cryptography.hazmat.primitives.asymmetric.rsa import RSAPublicKey
from jwt.algorithms import RSAAlgorithm

from reflect.lti.refusals import refused, shown

MAX_CHARACTERS: Final = 128 * 1024
ALGORITHM: Final = "RS256"
_RS256: Final = RSAAlgorithm(RSAAlgorithm.SHA256)
# From the URL's letters to those of base64, whose own two and the padding are letters of neither here.
_URL_SAFE: Final = bytes.maketrans(b"-_+/=", b"+/!!!")
# Letters that may stand last in a group of 1, 2 or 3, because they leave no bit over.
_LAST_LETTERS: Final = (b"", b"", b"AQgw", b"AEIMQUYcgkosw048")


def _unique(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    found = dict(pairs)
    if len(found) != len(pairs):
        raise ValueError("duplicate key")
    return found


def _no_constant(name: str) -> NoReturn:
    raise ValueError(name)


_JSON: Final = json.JSONDecoder(object_pairs_hook=_unique, parse_constant=_no_constant)


@dataclass(frozen=True, slots=True)
class Token:
    """A well-formed RS256 token, not yet verified."""

    kid: str
    signing_input: bytes
    payload: bytes
    signature: bytes

    def claims(self, key: RSAPublicKey) -> dict[str, Any]:
        """The payload, once the signature is verified by `key`; refuses `signature`, `token_malformed`."""
        if not _RS256.verify(self.signing_input, key, self.signature):
            raise refused("signature", f"the signature does not verify with key {shown(self.kid)}")
        return parse(self.payload)


def read(id_token: str) -> Token:
    """Takes the compact form apart; refuses `too_large`, `token_malformed`, `alg`, `kid_missing`."""
    if len(id_token) > MAX_CHARACTERS:
        raise refused("too_large", f"the id_token has {len(id_token)} characters")
    try:
        parts = id_token.encode("ascii").split(b".")
    except UnicodeEncodeError:
        raise refused("token_malformed", "the id_token is not ASCII") from None
    if len(parts) != 3:
        raise refused("token_malformed", f"the id_token has {len(parts)} parts, not 3")
    header, payload, signature = parts
    kid = _familiar_kid(header) if len(header) <= _SHORT_HEADER else _kid(header)
    return Token(kid, header + b"." + payload, _decoded(payload, "payload"), _decoded(signature, "signature"))


def parse(part: bytes) -> dict[str, Any]:
    """A JSON object with no duplicate key, no NaN and nothing that is not Unicode; else `token_malformed`."""
    try:
        parsed = _JSON.decode(part.decode("utf-8"))
        if b"\\ud" in part or b"\\uD" in part:
            # An escape may smuggle in half a surrogate pair, which no database or page can hold.
            json.dumps(parsed, ensure_ascii=False).encode("utf-8")
    except (ValueError, RecursionError):
        raise refused("token_malformed", "a part of the id_token is not acceptable JSON") from None
    if not isinstance(parsed, dict):
        raise refused("token_malformed", "a part of the id_token is not a JSON object")
    return parsed


def _decoded(part: bytes, name: str) -> bytes:
    """Canonical base64url without padding (RFC 4648 3.5, 5): what does not encode back to itself is refused."""
    rest = len(part) % 4
    try:
        if rest and part[-1] not in _LAST_LETTERS[rest]:
            raise ValueError("bits to spare")
        return binascii.a2b_base64(part.translate(_URL_SAFE) + b"=" * (-rest % 4), strict_mode=True)
    except ValueError:
        raise refused("token_malformed", f"the {name} of the id_token is not base64url") from None


def _kid(part: bytes) -> str:
    header = parse(_decoded(part, "header"))
    if not isinstance(header.get("alg"), str):
        raise refused("token_malformed", "the header names no algorithm")
    if header["alg"] != ALGORITHM:
        raise refused("alg", f"the algorithm is {shown(header['alg'])}, not {ALGORITHM}")
    if "crit" in header or "b64" in header:
        raise refused("token_malformed", "the header asks for an extension (crit, b64)")
    kid = header.get("kid")
    if kid is None or kid == "":
        raise refused("kid_missing", "the header names no key")
    if not isinstance(kid, str) or len(kid) > 255:
        raise refused("token_malformed", "the key id is not a string of 1 to 255 characters")
    return kid


_SHORT_HEADER: Final = 512
_familiar_kid: Final = lru_cache(256)(_kid)
"""The same for headers of usual length: all tokens that a platform signs with one key begin with the same letters."""
