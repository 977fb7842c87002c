"""The one way out: https to public addresses, checked and pinned, no redirects, little time, little data.

A host on a private network is called only if it is listed; a listed loopback host by plain http too.
A listed host is called directly, any other through the proxy that the environment names, if it names one
(`HTTPS_PROXY`, `NO_PROXY`); the proxy then resolves the name, so only its spelling can be checked here.
"""

import asyncio
import ssl
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from typing import Final
from urllib.request import getproxies, proxy_bypass

import httpx2

from reflect.lti import networks
from reflect.lti.addresses import Origin, origin

TOTAL_SECONDS: Final = 5.0
MAX_BYTES: Final = 1024 * 1024
# Short enough to try a second address of a host within the five seconds.
_TIMEOUT: Final = httpx2.Timeout(TOTAL_SECONDS, connect=2.0).as_dict()
# Knows no certificate, and so believes none: for calls that go without.
_NO_TLS: Final = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)


class _OutboundFault(Exception):
    def __init__(self, code: str, detail: str) -> None:
        super().__init__(f"{code}: {detail}")
        self.code = code
        self.detail = detail


class OutboundRefused(_OutboundFault):
    """We will not call this address; codes `address_malformed`, `address_scheme`, `address_private`."""


class OutboundFailed(_OutboundFault):
    """The call came to nothing; codes `unresolved`, `unreachable`, `timeout`, `too_large`, `encoded`."""


@dataclass(frozen=True, slots=True)
class Answer:
    """A complete answer of whatever status; header names in lower case, at most 1 MiB of body."""

    status: int
    headers: Mapping[str, str]
    body: bytes


class Outbound:
    """The outbound HTTP client. `private_hosts` lists `host` or `host:port`; IPv6 literals in brackets."""

    def __init__(self, private_hosts: Collection[str] = (), user_agent: str = "Reflect") -> None:
        self._private = frozenset(host.strip().lower() for host in private_hosts)
        self._user_agent = user_agent
        self._tls: ssl.SSLContext | None = None

    async def get(
        self, url: str, headers: Mapping[str, str] | None = None, *, seconds: float = TOTAL_SECONDS
    ) -> Answer:
        """GETs `url` within `seconds` in all; raises `OutboundRefused`, `OutboundFailed`."""
        return await self._call("GET", url, headers, None, seconds)

    async def post(
        self,
        url: str,
        body: bytes,
        headers: Mapping[str, str] | None = None,
        *,
        seconds: float = TOTAL_SECONDS,
    ) -> Answer:
        """POSTs `body` to `url` within `seconds` in all; raises `OutboundRefused`, `OutboundFailed`."""
        return await self._call("POST", url, headers, body, seconds)

    def allows_plain_http(self, url: str) -> bool:
        """Whether `url` is on a listed loopback host, where http is as good as https."""
        target = origin(url)
        return target is not None and self._is_listed(target) and networks.is_loopback_name(target.host)

    async def _call(
        self, method: str, url: str, headers: Mapping[str, str] | None, body: bytes | None, seconds: float
    ) -> Answer:
        target = self._permitted(url)
        own = {"Accept-Encoding": "identity", "User-Agent": self._user_agent}
        request = httpx2.Request(
            method, url, headers={**own, **(headers or {})}, content=body, extensions={"timeout": _TIMEOUT}
        )
        try:
            async with asyncio.timeout(seconds):
                return await self._send(request, target)
        except TimeoutError:
            raise OutboundFailed("timeout", f"{target.host}: no full answer in {seconds:g} s") from None
        except (httpx2.ReadTimeout, httpx2.WriteTimeout) as fault:
            raise OutboundFailed("timeout", f"{target.host}: silent for {TOTAL_SECONDS:g} s") from fault
        except httpx2.HTTPError as fault:
            raise OutboundFailed("unreachable", f"{target.host}: {type(fault).__name__} {fault}") from fault

    async def _send(self, request: httpx2.Request, target: Origin) -> Answer:
        proxy = None if self._is_listed(target) else _proxy_for(target)
        tls = self._certificates() if target.scheme == "https" else _NO_TLS
        async with httpx2.AsyncHTTPTransport(verify=tls, proxy=proxy) as transport:
            if proxy is not None:
                return await _exchange(transport, request)
            *others, last = await self._permitted_addresses(target)
            for address in others:
                try:
                    return await _exchange(transport, _pinned(request, address))
                except (httpx2.ConnectError, httpx2.ConnectTimeout):
                    continue
            return await _exchange(transport, _pinned(request, last))

    def _permitted(self, url: str) -> Origin:
        """What can be said before any name is resolved."""
        target = origin(url)
        if target is None or not target.host.isascii() or networks.is_odd_number(target.host):
            raise OutboundRefused("address_malformed", "not a plain absolute http(s) address")
        if target.scheme != "https" and not self.allows_plain_http(url):
            raise OutboundRefused("address_scheme", f"{target.host}: only https addresses are called")
        written = networks.literal(target.host)
        local = networks.is_loopback_name(target.host) or (written and not networks.is_public(written))
        if local and not self._is_listed(target):
            raise OutboundRefused("address_private", f"{target.host} is on a private network")
        return target

    async def _permitted_addresses(self, target: Origin) -> Sequence[networks.IPAddress]:
        """Every address of the host; all must be fine, for a mixed answer is a trap."""
        try:
            found = await networks.addresses(target.host, target.port)
        except (OSError, UnicodeError) as fault:
            raise OutboundFailed("unresolved", f"{target.host} has no address") from fault
        if target.scheme == "http" and not all(address.is_loopback for address in found):
            raise OutboundRefused("address_scheme", f"{target.host} does not lead to this machine")
        if not self._is_listed(target) and not all(map(networks.is_public, found)):
            raise OutboundRefused("address_private", f"{target.host} is on a private network")
        return found

    def _is_listed(self, target: Origin) -> bool:
        host = f"[{target.host}]" if ":" in target.host else target.host
        return host in self._private or f"{host}:{target.port}" in self._private

    def _certificates(self) -> ssl.SSLContext:
        # Read once, and not before they are needed: the machine's store costs tens of milliseconds.
        if self._tls is None:
            self._tls = httpx2.create_ssl_context()
        return self._tls


def _proxy_for(target: Origin) -> str | None:
    proxies = getproxies()
    proxy = proxies.get(target.scheme) or proxies.get("all")
    if not proxy or proxy_bypass(f"{target.host}:{target.port}"):
        return None
    return proxy if "://" in proxy else f"http://{proxy}"


def _pinned(request: httpx2.Request, address: networks.IPAddress) -> httpx2.Request:
    """The same request to the address that was checked, while TLS still proves the name."""
    return httpx2.Request(
        request.method,
        request.url.copy_with(host=str(address)),
        headers=request.headers,
        stream=request.stream,
        extensions={**request.extensions, "sni_hostname": request.url.host},
    )


async def _exchange(transport: httpx2.AsyncHTTPTransport, request: httpx2.Request) -> Answer:
    response = await transport.handle_async_request(request)
    try:
        # We asked for none: a packed answer could unfold to gigabytes.
        if response.headers.get("content-encoding", "identity") != "identity":
            raise OutboundFailed("encoded", f"{request.url.host} answered in an encoding nobody asked for")
        body = bytearray()
        async for chunk in response.aiter_raw():
            body += chunk
            if len(body) > MAX_BYTES:
                raise OutboundFailed("too_large", f"{request.url.host} answered more than {MAX_BYTES} bytes")
        return Answer(response.status_code, dict(response.headers), bytes(body))
    finally:
        await response.aclose()
