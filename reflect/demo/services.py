"""What the campus's services share: who may ask (1EdTech Security 4.1), pages of a list, and how they say no."""

import secrets
from collections.abc import Sequence
from dataclasses import dataclass
from typing import TypeVar
from urllib.parse import urlencode

from starlette.requests import Request
from starlette.responses import JSONResponse, Response

from reflect.demo.faults import FAULTS, Answer
from reflect.demo.people import NobodyMissing
from reflect.demo.platform import CampusPlatform

T = TypeVar("T")
PAGE_SIZE = 5
"""Small, so that even a small class comes in several pages."""


class ServiceRefusal(Exception):
    """A service's plain no: a status and a word about it."""

    def __init__(self, status: int, error: str) -> None:
        super().__init__(error)
        self.status, self.error = status, error


@dataclass(frozen=True)
class Grant:
    """What an access token allows a tool."""

    client_id: str
    scopes: frozenset[str]


class Grants:
    """The access tokens that are out."""

    def __init__(self) -> None:
        self._given: dict[str, Grant] = {}

    def give(self, client_id: str, scopes: frozenset[str]) -> str:
        """Return a new token for a tool."""
        token = secrets.token_urlsafe(24)
        self._given[token] = Grant(client_id, scopes)
        return token

    def take_back(self) -> None:
        """Let no token be good any more, as after a restart of a platform."""
        self._given.clear()

    def must_allow(self, request: Request, *scopes: str) -> Grant:
        """Return the grant that a request shows; raises ServiceRefusal without a token for one of the scopes."""
        kind, _, token = request.headers.get("authorization", "").partition(" ")
        grant = self._given.get(token) if kind == "Bearer" else None
        if grant is None:
            raise ServiceRefusal(401, "invalid_token")
        if grant.scopes.isdisjoint(scopes):
            raise ServiceRefusal(403, "insufficient_scope")
        return grant


def service(platform: CampusPlatform, name: str, answer: Answer) -> Answer:
    """Return the endpoint that counts who asks, answers refusals, and has the fault that a test switched on."""

    async def right(request: Request) -> Response:
        try:
            return await answer(request)
        except ServiceRefusal as refusal:
            return JSONResponse({"error": refusal.error}, refusal.status)
        except NobodyMissing as missing:
            return JSONResponse({"error": missing.code}, 404)

    async def serve(request: Request) -> Response:
        platform.requests[name] += 1
        fault = FAULTS.get(platform.faults.get(name, ""))
        return await (fault(request, right) if fault else right(request))

    return serve


def paged(request: Request, things: Sequence[T]) -> tuple[Sequence[T], dict[str, str]]:
    """Return the page of a list that was asked for, and the header that leads to the next (RFC 8288)."""
    try:
        start, limit = (int(request.query_params.get(name) or 0) for name in ("from", "limit"))
    except ValueError:
        raise ServiceRefusal(400, "limit") from None
    size = min(limit or PAGE_SIZE, PAGE_SIZE)
    if start + size >= len(things):
        return things[start:], {}
    query = dict(request.query_params) | {"limit": str(size), "from": str(start + size)}
    following = f"{request.url.replace(query='')}?{urlencode(query)}"
    return things[start : start + size], {"Link": f'<{following}>; rel="next"'}


def must_accept(request: Request, media_type: str) -> None:
    """Raise ServiceRefusal unless the media type is asked for, as Moodle wants it."""
    if media_type not in request.headers.get("accept", ""):
        raise ServiceRefusal(400, "accept")


async def sent(request: Request, media_type: str) -> dict[str, object]:
    """Return the JSON object that came; raises ServiceRefusal for anything else or another content type."""
    if request.headers.get("content-type", "").partition(";")[0] != media_type:
        raise ServiceRefusal(400, "content_type")
    try:
        body = await request.json()
    except ValueError:
        body = None
    if not isinstance(body, dict):
        raise ServiceRefusal(400, "body")
    return body
