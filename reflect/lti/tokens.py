"""Access tokens for a platform's services (1EdTech security framework 4.1; RFC 7523 private_key_jwt).

A token is kept until shortly before it expires, asked for once for all who wait, and sent to nobody but
the hosts that belong to the registration: `may_receive`.
"""

import asyncio
import secrets
from collections import OrderedDict
from collections.abc import Callable, Collection
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import Any, Final, NamedTuple
from urllib.parse import urlencode

from reflect.lti import claims as names
from reflect.lti import keys
from reflect.lti.addresses import origin
from reflect.lti.issuance import issued
from reflect.lti.outbound import Answer, Outbound
from reflect.lti.platform import Platform
from reflect.lti.service_answers import json_object
from reflect.lti.service_refusals import NoToken, ServiceRefused, answered, of_status, words

MARGIN: Final = timedelta(seconds=60)
# Where the platform does not say how long a token is good, or says forever.
_UNSTATED: Final = timedelta(minutes=5)
_LONGEST: Final = timedelta(days=1)
_SECONDS: Final = 10.0
_MOST_TOKENS: Final = 1000
_REFUSING: Final = frozenset({400, 401, 403})
_ASSERTION_TYPE: Final = "urn:ietf:params:oauth:client-assertion-type:jwt-bearer"


@dataclass(frozen=True, slots=True)
class AccessToken:
    """A bearer token; `scopes` are those granted, which may be fewer than were asked for."""

    value: str = field(repr=False)
    scopes: frozenset[str]
    expires_at: datetime


class _Wanted(NamedTuple):
    platform: Platform
    deployment_id: str
    scopes: frozenset[str]


class _Held(NamedTuple):
    token: AccessToken
    until: datetime


def may_receive(platform: Platform, url: str, hosts: Collection[str] = ()) -> bool:
    """Whether a token of `platform` may go to `url`: the origin of one of its own addresses, or a listed host.

    `hosts` holds further `host` or `host:port` that belong to the registration; IPv6 literals in brackets.
    """
    target = origin(url)
    if target is None:
        return False
    own = (platform.issuer, platform.token_url, platform.auth_url, platform.keyset_url)
    if target in (origin(address) for address in own):
        return True
    host = f"[{target.host}]" if ":" in target.host else target.host
    return not {host, f"{host}:{target.port}"}.isdisjoint(listed.strip().lower() for listed in hosts)


def _now() -> datetime:
    return datetime.now(UTC)


class Tokens:
    """The access tokens of all registrations; safe for any number of callers on one event loop."""

    def __init__(self, outbound: Outbound, clock: Callable[[], datetime] = _now) -> None:
        self._outbound = outbound
        self._clock = clock
        self._held: OrderedDict[_Wanted, _Held] = OrderedDict()
        self._fetches: dict[_Wanted, asyncio.Task[AccessToken]] = {}

    async def get(
        self, platform: Platform, deployment_id: str, pair: keys.KeyPair, scopes: Collection[str]
    ) -> AccessToken:
        """A token for at least one of `scopes`, signed for with `pair`; raises `ServiceRefused`, `NoToken` where the
        token service was asked."""
        wanted = _Wanted(platform, deployment_id, frozenset(scopes))
        if not wanted.scopes:
            raise ServiceRefused("scope_missing", "the platform offers this service without any scope")
        held = self._held.get(wanted)
        if held is not None and self._clock() < held.until:
            self._held.move_to_end(wanted)
            return held.token
        if (fetch := self._fetches.get(wanted)) is None:
            fetch = self._fetches[wanted] = asyncio.create_task(self._fetch(wanted, pair))
            # Everybody who waited may have gone by the time it fails.
            fetch.add_done_callback(lambda done: done.cancelled() or done.exception())
        return await asyncio.shield(fetch)

    def forget(self, token: AccessToken) -> None:
        """Never gives `token` again, because a service did not take it."""
        for wanted in [wanted for wanted, held in self._held.items() if held.token == token]:
            del self._held[wanted]

    async def _fetch(self, wanted: _Wanted, pair: keys.KeyPair) -> AccessToken:
        try:
            asked_at = self._clock()
            token = await self._asked(wanted, pair, asked_at)
            lifetime = token.expires_at - asked_at
            self._held[wanted] = _Held(token, token.expires_at - min(MARGIN, lifetime / 4))
            self._held.move_to_end(wanted)
            if len(self._held) > _MOST_TOKENS:
                self._held.popitem(last=False)
            return token
        except ServiceRefused as refused:
            raise NoToken(refused.code, refused.detail, refused.retry_after) from refused
        finally:
            del self._fetches[wanted]

    async def _asked(self, wanted: _Wanted, pair: keys.KeyPair, now: datetime) -> AccessToken:
        assertion = keys.sign(assertion_claims(wanted.platform, wanted.deployment_id, now), pair)
        form = {
            "grant_type": "client_credentials",
            "client_assertion_type": _ASSERTION_TYPE,
            "client_assertion": assertion,
            "scope": " ".join(sorted(wanted.scopes)),
        }
        headers = {"Content-Type": "application/x-www-form-urlencoded", "Accept": "application/json"}
        answer = await answered(
            self._outbound.post(wanted.platform.token_url, urlencode(form).encode(), headers, seconds=_SECONDS)
        )
        if answer.status in _REFUSING:
            said = words(answer.body, hidden=assertion)
            raise ServiceRefused("token_refused", f"the token service answered {answer.status}: {said}")
        if answer.status != 200:
            raise of_status(answer, "the token service")
        return _read(answer, wanted.scopes, now)


def assertion_claims(platform: Platform, deployment_id: str, now: datetime) -> dict[str, Any]:
    """What we sign to prove that we are the client (security framework 4.1.1; core 6.2.1 for the deployment)."""
    return {
        "iss": platform.client_id,
        "sub": platform.client_id,
        "aud": platform.token_audience or platform.token_url,
        "jti": secrets.token_urlsafe(24),
        names.DEPLOYMENT_ID: deployment_id,
        **issued(now),
    }


def _read(answer: Answer, asked: frozenset[str], now: datetime) -> AccessToken:
    """The token of a successful answer (RFC 6749 5.1), whatever type the answer says it has."""
    found = json_object(answer, "the token service")
    value, kind, scope = found.get("access_token"), found.get("token_type", "Bearer"), found.get("scope")
    if not isinstance(value, str) or not value.isascii() or not value.isprintable() or not value or " " in value:
        raise ServiceRefused("answer_malformed", "the token service gave no access token")
    if not isinstance(kind, str) or kind.lower() != "bearer":
        raise ServiceRefused("answer_malformed", "the token service gave another kind of token than Bearer")
    granted = frozenset(scope.split()) if isinstance(scope, str) else asked
    if granted.isdisjoint(asked):
        raise ServiceRefused("scope_missing", "the token service granted nothing of what was asked for")
    return AccessToken(value, granted, now + _lifetime(found.get("expires_in")))


def _lifetime(stated: object) -> timedelta:
    if isinstance(stated, str) and stated.isascii() and stated.isdigit():
        stated = int(stated[:12])
    if isinstance(stated, bool) or not isinstance(stated, int | float) or stated <= 0:
        return _UNSTATED
    return timedelta(seconds=min(stated, _LONGEST.total_seconds()))
