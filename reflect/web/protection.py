"""What every answer and every change must pass: security headers, same-origin writes, small bodies."""

import asyncio
import re
from collections.abc import Callable, Iterable
from functools import lru_cache
from typing import Final
from urllib.parse import urlsplit

from starlette.datastructures import Headers
from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import Response
from starlette.types import ASGIApp, Message, Receive, Scope, Send

Refuse = Callable[[Request, str], Response]

SAFE = frozenset({"GET", "HEAD", "OPTIONS"})
LARGEST_BODY = 128 * 1024
"""Bytes; an id_token of a very large course is a tenth of it."""

HEADERS = {
    "X-Content-Type-Options": "nosniff",
    "Referrer-Policy": "same-origin",
    "Cross-Origin-Opener-Policy": "same-origin-allow-popups",
    "Permissions-Policy": "camera=(), microphone=(), geolocation=(), browsing-topics=()",
}
OPENED = {"Cross-Origin-Opener-Policy": "unsafe-none"}
"""For the pages of a launch, without a course's data: where a browser keeps nothing, the page that opened them does."""


# What may stand in a policy without becoming another word of it; a host in other letters is sent as punycode.
_HOST: Final = re.compile(r"(?:[a-z0-9_-]+(?:\.[a-z0-9_-]+)*\.?|\[[0-9a-f:.]+\])(?::[0-9]{1,5})?", re.IGNORECASE)


NO_POLICY = (b"content-security-policy", b"default-src 'none'; frame-ancestors 'none'")
"""For answers that are no page."""


def policy(frame_ancestors: str, form_targets: str = "") -> str:
    """A Content-Security-Policy (CSP 3) without any inline script or style."""
    return (
        "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data:; connect-src 'self'; "
        f"form-action 'self'{form_targets and ' ' + form_targets}; base-uri 'none'; "
        f"frame-ancestors {frame_ancestors}"
    )


def origins(urls: Iterable[str | None]) -> str:
    """The distinct origins of some addresses, as a source list for a policy."""
    found: dict[str, None] = {}
    for url in urls:
        parts = urlsplit(url or "")
        if origin := _origin(parts.scheme, parts.netloc):
            found[origin] = None
    return " ".join(found) or "'none'"


@lru_cache(1024)
def _origin(scheme: str, netloc: str) -> str | None:
    """One origin; remembered, because a host's letters take long to spell in ASCII and hosts are few."""
    host = _in_ascii(netloc.rpartition("@")[2])
    return f"{scheme}://{host}" if scheme in {"http", "https"} and _HOST.fullmatch(host) else None


def _in_ascii(host: str) -> str:
    try:
        return host.encode("idna").decode("ascii")
    except UnicodeError:
        return ""


def bearer_of(headers: Headers) -> str | None:
    """The bearer token of a request (RFC 6750 2.1), or None."""
    scheme, _, token = headers.get("authorization", "").partition(" ")
    return token.strip() or None if scheme.lower() == "bearer" else None


class SecurityHeaders:
    """Adds the headers that all answers share; but for those that an answer brings itself."""

    def __init__(self, app: ASGIApp, is_https: bool) -> None:
        self.app = app
        headers = HEADERS | ({"Strict-Transport-Security": "max-age=31536000"} if is_https else {})
        self.headers = [*((name.lower().encode(), value.encode()) for name, value in headers.items()), NO_POLICY]

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Serve the request, and put the headers on its answer."""
        if scope["type"] != "http":
            await self.app(scope, receive, send)
            return

        async def send_with_headers(message: Message) -> None:
            if message["type"] == "http.response.start":
                headers = message["headers"]
                own = {name for name, _ in headers}
                message["headers"] = [*headers, *(header for header in self.headers if header[0] not in own)]
            await send(message)

        await self.app(scope, receive, send_with_headers)


class SmallBodies:
    """Refuses a body that is too large: at once where its length is announced, else as soon as it has grown so.

    And hears nobody who has gone while their change lay in the server's queue: they have sent it again since, and what
    they sent first must not undo what came after. Whoever reads the body gets ClientDisconnect then.
    """

    def __init__(self, app: ASGIApp, refuse: Refuse) -> None:
        self.app, self.refuse = app, refuse

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            return await self.app(scope, receive, send)
        if scope["method"] not in SAFE:
            # In the first turn of the loop the server finds the end of a connection, in the second it says so.
            await asyncio.sleep(0)
            await asyncio.sleep(0)
        announced, read = Headers(scope=scope).get("content-length", ""), 0
        if announced.isdecimal():
            # The server takes no byte more than was announced (RFC 9112 6.3).
            if int(announced) > LARGEST_BODY:
                return await self.refuse(Request(scope, receive), "too_large")(scope, receive, send)
            return await self.app(scope, receive, send)

        async def receive_and_measure() -> Message:
            nonlocal read
            message = await receive()
            read += len(message.get("body", b""))
            if read > LARGEST_BODY:
                raise HTTPException(413, "too_large")
            return message

        await self.app(scope, receive_and_measure, send)


class SameOriginWrites:
    """Refuses a change that a cookie would authorise but that the browser does not say came from our own pages.

    Fetch Metadata (Sec-Fetch-Site) decides, and Origin where a browser sends none. A change that carries its own bearer
    token cannot have been forged by another site; Basic credentials can, for browsers send those along by themselves.
    """

    def __init__(self, app: ASGIApp, origin: str, exempt: Iterable[str], refuse: Refuse) -> None:
        self.app, self.origin, self.exempt, self.refuse = app, origin, frozenset(exempt), refuse

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] == "http" and scope["method"] not in SAFE and scope["path"] not in self.exempt:
            headers = Headers(scope=scope)
            if bearer_of(headers) is None and not self._is_same_origin(headers):
                return await self.refuse(Request(scope, receive), "cross_site")(scope, receive, send)
        await self.app(scope, receive, send)

    def _is_same_origin(self, headers: Headers) -> bool:
        site = headers.get("sec-fetch-site")
        return site == "same-origin" if site else headers.get("origin") == self.origin
