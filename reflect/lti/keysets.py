"""The platforms' public keys: fetched once, kept, and asked for again only when there is reason.

`Keysets` answers from memory; it goes out when a key set is an hour old or a token names a key we have not
seen, once for all who wait, and not more than every half minute for keys that turn out not to exist.
"""

import asyncio
import time
from collections import OrderedDict
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any, Final

from cryptography.hazmat.primitives.asymmetric.rsa import RSAPublicKey
from jwt import PyJWTError
from jwt.algorithms import RSAAlgorithm

from reflect.lti import token
from reflect.lti.outbound import Outbound, OutboundFailed, OutboundRefused
from reflect.lti.platform import Platform
from reflect.lti.refusals import LaunchRefused, refused, shown

LIFETIME: Final = 60 * 60.0
UNKNOWN_KEY_COOLDOWN: Final = 30.0
FAILURE_COOLDOWN: Final = 1.0
# One second less than the promise that a refusal takes no longer than five.
_FETCH_SECONDS: Final = 4.0
_MOST_KEYSETS: Final = 1000
_MOST_KEYS: Final = 100
_KEY_BITS: Final = range(2048, 8192 + 1)


@dataclass(slots=True)
class _Keyset:
    """What we hold of one address; moments are the clock's seconds, None is never."""

    keys: Mapping[str, RSAPublicKey] = field(default_factory=dict)
    unusable: frozenset[str] = frozenset()
    fetched_at: float | None = None
    failed_at: float | None = None
    failure: str = ""
    missed_at: float | None = None
    fetch: asyncio.Task[None] | None = None


class Keysets:
    """The key of a platform by its `kid`; safe for any number of launches at once on one event loop."""

    def __init__(self, outbound: Outbound, clock: Callable[[], float] = time.monotonic) -> None:
        self._outbound = outbound
        self._clock = clock
        self._keysets: OrderedDict[str, _Keyset] = OrderedDict()

    async def key(self, platform: Platform, kid: str) -> RSAPublicKey:
        """The RSA key, 2048 bits or more, that `platform` publishes as `kid`.

        Refuses `kid_unknown`, or `keys_unavailable` when there is no key set within five seconds. A key
        we had before goes on being good while the platform's address does not answer.
        """
        keyset = self._keyset(platform.keyset_url)
        if self._is_worth_fetching(keyset, kid):
            await self._fetched(keyset, platform.keyset_url)
            if kid not in keyset.keys and keyset.failed_at is None:
                keyset.missed_at = self._clock()
        if (found := keyset.keys.get(kid)) is not None:
            return found
        if keyset.failed_at is not None:
            raise refused("keys_unavailable", f"key set of registration {platform.id}: {keyset.failure}")
        if kid in keyset.unusable:
            raise refused("keys_unavailable", f"key {shown(kid)} is published but is no RS256 key of 2048 bits")
        raise refused("kid_unknown", f"the key set of registration {platform.id} has no key {shown(kid)}")

    def _keyset(self, url: str) -> _Keyset:
        keyset = self._keysets.setdefault(url, _Keyset())
        self._keysets.move_to_end(url)
        if len(self._keysets) > _MOST_KEYSETS:
            self._keysets.popitem(last=False)
        return keyset

    def _is_worth_fetching(self, keyset: _Keyset, kid: str) -> bool:
        if keyset.fetch is not None:
            return kid not in keyset.keys
        if self._within(FAILURE_COOLDOWN, keyset.failed_at):
            return False
        if not self._within(LIFETIME, keyset.fetched_at):
            return True
        return kid not in keyset.keys and not self._within(UNKNOWN_KEY_COOLDOWN, keyset.missed_at)

    def _within(self, seconds: float, moment: float | None) -> bool:
        return moment is not None and self._clock() - moment < seconds

    async def _fetched(self, keyset: _Keyset, url: str) -> None:
        """Waits for the one fetch that is under way, or starts it; who gives up leaves it to the others."""
        if keyset.fetch is None:
            keyset.fetch = asyncio.create_task(self._fetch(keyset, url))
        await asyncio.shield(keyset.fetch)

    async def _fetch(self, keyset: _Keyset, url: str) -> None:
        try:
            answer = await self._outbound.get(url, {"Accept": "application/json"}, seconds=_FETCH_SECONDS)
            if answer.status != 200:
                raise OutboundFailed("status", f"the answer's status is {answer.status}")
            keyset.keys, keyset.unusable = usable_keys(answer.body)
        except (OutboundRefused, OutboundFailed) as fault:
            keyset.failed_at, keyset.failure = self._clock(), str(fault)
        else:
            keyset.fetched_at, keyset.failed_at = self._clock(), None
        finally:
            keyset.fetch = None


def usable_keys(body: bytes) -> tuple[Mapping[str, RSAPublicKey], frozenset[str]]:
    """The keys to verify RS256 with, and the ids of the others; `OutboundFailed` if there is none to use."""
    try:
        published = token.parse(body).get("keys")
    except LaunchRefused:
        raise OutboundFailed("keyset", "the answer is not a JSON object") from None
    jwks = [jwk for jwk in published if isinstance(jwk, dict)] if isinstance(published, list) else []
    parsed = {jwk["kid"]: _parsed(jwk) for jwk in jwks[:_MOST_KEYS] if isinstance(jwk.get("kid"), str)}
    keys = {kid: key for kid, key in parsed.items() if key is not None}
    if not keys:
        raise OutboundFailed("keyset", "the key set holds no RS256 key of 2048 bits with an id")
    return keys, frozenset(parsed.keys() - keys.keys())


def _parsed(jwk: Mapping[str, Any]) -> RSAPublicKey | None:
    """The key, or None: other kinds, other uses, other algorithms, weak ones, private ones and nonsense."""
    if jwk.get("kty") != "RSA" or jwk.get("use", "sig") != "sig" or jwk.get("alg", "RS256") != "RS256" or "d" in jwk:
        return None
    if not all(isinstance(jwk.get(member), str) and len(jwk[member]) <= 2048 for member in ("n", "e")):
        return None
    try:
        key = RSAAlgorithm.from_jwk({"kty": "RSA", "n": jwk["n"], "e": jwk["e"]})
    except (PyJWTError, ValueError):
        return None
    return key if isinstance(key, RSAPublicKey) and key.key_size in _KEY_BITS else None
