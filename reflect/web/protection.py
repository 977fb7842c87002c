"""What every answer and every change must pass: security headers, same-origin writes, small bodies."""

from collections.abc import Callable, Iterable
from urllib.parse import urlsplit

from starlette.datastructures import Headers, MutableHeaders
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
        if parts.scheme in {"http", "https"} and parts.hostname and ";" not in parts.netloc:
            found[f"{parts.scheme}://{parts.netloc.rpartition('@')[2]}"] = None
    return " ".join(found) or "'none'"


class SecurityHeaders:
    """Adds the headers that all answers share; a page brings its own Content-Security-Policy."""

    def __init__(self, app: ASGIApp, is_https: bool) -> None:
        self.app = app
        self.headers = dict(HEADERS)
        if is_https:
            self.headers["Strict-Transport-Security"] = "max-age=31536000"

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            return await self.app(scope, receive, send)

        async def send_with_headers(message: Message) -> None:
            if message["type"] == "http.response.start":
                headers = MutableHeaders(scope=message)
                for name, value in self.headers.items():
                    headers.setdefault(name, value)
                headers.setdefault("Content-Security-Policy", "default-src 'none'; frame-ancestors 'none'")
            await send(message)

        await self.app(scope, receive, send_with_headers)


class SmallBodies:
    """Refuses a body that is too large: at once where its length is announced, else as soon as it has grown so."""

    def __init__(self, app: ASGIApp, refuse: Refuse) -> None:
        self.app, self.refuse = app, refuse

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            return await self.app(scope, receive, send)
        announced, read = Headers(scope=scope).get("content-length", ""), 0
        if announced.isdecimal() and int(announced) > LARGEST_BODY:
            return await self.refuse(Request(scope, receive), "too_large")(scope, receive, send)

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

    Fetch Metadata (Sec-Fetch-Site) decides, and Origin where a browser sends none. A change that carries its own
    Authorization header cannot have been forged by another site.
    """

    def __init__(self, app: ASGIApp, origin: str, exempt: Iterable[str], refuse: Refuse) -> None:
        self.app, self.origin, self.exempt, self.refuse = app, origin, frozenset(exempt), refuse

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] == "http" and scope["method"] not in SAFE and scope["path"] not in self.exempt:
            headers = Headers(scope=scope)
            if "authorization" not in headers and not self._is_same_origin(headers):
                return await self.refuse(Request(scope, receive), "cross_site")(scope, receive, send)
        await self.app(scope, receive, send)

    def _is_same_origin(self, headers: Headers) -> bool:
        site = headers.get("sec-fetch-site")
        return site == "same-origin" if site else headers.get("origin") == self.origin
