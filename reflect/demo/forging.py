"""How a right launch is made into a wrong one: exactly one thing of it is altered."""

import json
from collections.abc import Callable
from dataclasses import dataclass, field, replace
from typing import Any

from reflect.demo.claims import LTI
from reflect.demo.tokens import Claims, Signer, SigningKey, compact
from reflect.demo.tools import Tool

REGISTERED = frozenset({"iss", "aud", "azp", "sub", "iat", "exp", "nonce"})


@dataclass(frozen=True)
class Draft:
    """A right id_token before it is signed, and what a forger may lay hands on.

    `key` is the platform's own, `other` another tool (or another deployment) of the same platform, and
    `bait` an address that serves a keyset of the forger's.
    """

    header: Claims
    claims: Claims
    key: SigningKey
    other: Tool
    bait: str

    def token(self) -> str:
        """Return the id_token as an honest platform sends it."""
        return self.signed(self.key.sign)

    def signed(self, sign: Signer) -> str:
        """Return the id_token signed by another hand."""
        return compact(self.header, json.dumps(self.claims).encode(), sign)


Forge = Callable[[Draft], str]


@dataclass(frozen=True)
class Forgery:
    """A launch that is wrong in one way; `codes` are the refusals it may meet, none where it is taken.

    `keyset_fault` names a fault of reflect.demo.keysets that the keyset has from this launch until the next.
    """

    label: str = "a launch as it should be"
    codes: tuple[str, ...] = ()
    forge: Forge = field(default=Draft.token, repr=False)
    keyset_fault: str = ""


def alter_header(change: Callable[[Claims], Claims]) -> Forge:
    """Return the forge that signs rightly over a changed header."""
    return lambda draft: replace(draft, header=change(draft.header)).token()


def alter_claims(change: Callable[[Claims], Claims]) -> Forge:
    """Return the forge that signs rightly over changed claims."""
    return lambda draft: replace(draft, claims=change(draft.claims)).token()


def alter_token(change: Callable[[str], str]) -> Forge:
    """Return the forge that changes the token after it was signed."""
    return lambda draft: change(draft.token())


def full_name(claim: str) -> str:
    """Return a claim's name as it stands in a token: LTI's own with their prefix."""
    return claim if claim in REGISTERED else LTI + claim


def claim(name: str, value: object) -> Forge:
    """Return the forge that gives one claim another value."""
    return alter_claims(lambda claims: claims | {full_name(name): value})


def without(*names: str) -> Forge:
    """Return the forge that leaves claims out."""
    gone = set(map(full_name, names))
    return alter_claims(lambda claims: {name: value for name, value in claims.items() if name not in gone})


def changed(name: str, change: Callable[[Any], object]) -> Forge:
    """Return the forge that makes a claim's new value from its old one."""
    return alter_claims(lambda claims: claims | {full_name(name): change(claims[full_name(name)])})


def shifted(issued: int, expires: int) -> Forge:
    """Return the forge whose iat and exp are so many seconds off those of a right token."""
    return alter_claims(lambda c: c | {"iat": c["iat"] + issued, "exp": c["exp"] + expires})


def header(**changes: object) -> Forge:
    """Return the forge that adds to the header, or changes it."""
    return alter_header(lambda right: right | changes)
