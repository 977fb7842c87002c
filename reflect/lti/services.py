"""Calling a platform's services: the right token to the right host, one more try when a token is stale."""

import json
from collections.abc import Collection, Mapping
from dataclasses import dataclass
from typing import Any, Final

from reflect.lti.addresses import origin
from reflect.lti.keys import KeyPair
from reflect.lti.outbound import Answer, Outbound
from reflect.lti.platform import Platform
from reflect.lti.service_refusals import ServiceRefused, answered, of_status
from reflect.lti.tokens import AccessToken, Tokens, may_receive

NAMES_AND_ROLES: Final = "https://purl.imsglobal.org/spec/lti-nrps/scope/contextmembership.readonly"
CONTEXT_GROUPS: Final = "https://purl.imsglobal.org/spec/lti-gs/scope/contextgroup.readonly"
LINE_ITEM: Final = "https://purl.imsglobal.org/spec/lti-ags/scope/lineitem"
LINE_ITEM_READONLY: Final = "https://purl.imsglobal.org/spec/lti-ags/scope/lineitem.readonly"
SCORE: Final = "https://purl.imsglobal.org/spec/lti-ags/scope/score"


@dataclass(frozen=True, slots=True)
class Connection:
    """Us at one deployment of a platform: whom we call, as whom, signing with which key.

    `hosts` are the `host` or `host:port` that may get our tokens besides the registration's own addresses;
    `seconds` is the time for one call. Every call asks for any of `scopes` and raises `ServiceRefused`
    unless it succeeds.
    """

    outbound: Outbound
    tokens: Tokens
    platform: Platform
    deployment_id: str
    pair: KeyPair
    hosts: frozenset[str] = frozenset()
    seconds: float = 10.0

    async def get(self, url: str, *, accept: str, scopes: Collection[str]) -> Answer:
        """The successful answer to a GET of `url`."""
        return await self._call(url, scopes, {"Accept": accept}, None)

    async def post(self, url: str, value: Mapping[str, Any], *, media_type: str, scopes: Collection[str]) -> Answer:
        """The successful answer to a POST of `value` as JSON to `url`."""
        headers = {"Accept": media_type, "Content-Type": media_type}
        return await self._call(url, scopes, headers, json.dumps(value).encode())

    async def _call(self, url: str, scopes: Collection[str], headers: Mapping[str, str], body: bytes | None) -> Answer:
        there = origin(url)
        host = there.host if there is not None else "an address that is none"
        if not may_receive(self.platform, url, self.hosts):
            raise ServiceRefused("host_unbound", f"{host} does not belong to registration {self.platform.id}")
        token = await self._token(scopes)
        answer = await self._sent(url, token, headers, body)
        if answer.status == 401:
            self.tokens.forget(token)
            answer = await self._sent(url, await self._token(scopes), headers, body)
        if not 200 <= answer.status < 300:
            raise of_status(answer, host)
        return answer

    async def _token(self, scopes: Collection[str]) -> AccessToken:
        return await self.tokens.get(self.platform, self.deployment_id, self.pair, scopes)

    async def _sent(self, url: str, token: AccessToken, headers: Mapping[str, str], body: bytes | None) -> Answer:
        all_headers = {**headers, "Authorization": f"Bearer {token.value}"}
        if body is None:
            return await answered(self.outbound.get(url, all_headers, seconds=self.seconds))
        return await answered(self.outbound.post(url, body, all_headers, seconds=self.seconds))
