"""Live results ask every two seconds whether there is anything new, and nearly always there is not.

Hundreds of pages that each wake the whole application for that would cost more than a class that answers. So all who
ask in one turn of the event loop are asked about together, and whoever has seen everything is told so at once. Anything
else is for the application to say, which decides as if nobody had looked before.
"""

import asyncio
import re
from collections.abc import Sequence
from typing import Any, Final

from starlette.requests import Request
from starlette.types import ASGIApp, Receive, Scope, Send

from reflect.domain import looks
from reflect.domain.looks import Look
from reflect.domain.sessions import Viewer
from reflect.storage.outages import AWAY
from reflect.web.house import House, house_of
from reflect.web.pages import wants_part
from reflect.web.results import etag_of, unchanged
from reflect.web.sessions import credentials_of

Found = tuple[Viewer, Any] | None
_RESULTS: Final = re.compile(r"/checkins/([0-9]{1,9})(?:/results)?")


class Looks:
    """Answers those with 304 who look again and have seen everything; all others pass."""

    def __init__(self, app: ASGIApp) -> None:
        self.app = app
        self._waiting: list[tuple[Look, asyncio.Future[Found]]] = []

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Serve the request."""
        if scope["type"] == "http" and (at := _RESULTS.fullmatch(scope["path"])):
            request = Request(scope)
            if (etag := await self._seen(request, int(at[1]))) is not None:
                return await unchanged(etag)(scope, receive, send)
        await self.app(scope, receive, send)

    async def _seen(self, request: Request, checkin_id: int) -> str | None:
        """The name of the state that whoever asks has seen, if there is no newer one."""
        known = request.headers.get("if-none-match")
        if not known or request.method != "GET" or not wants_part(request):
            return None
        house = house_of(request)
        # Where the likeliest token does not do, the application tries the others.
        token = next(iter(credentials_of(request).tokens), "")
        try:
            found = await self._together(house, Look(token, checkin_id, house.now()))
        except AWAY:
            return None
        return known if found is not None and known == etag_of(found[1], found[0]) else None

    def _together(self, house: House, look: Look) -> "asyncio.Future[Found]":
        loop = asyncio.get_running_loop()
        if not self._waiting:
            loop.call_soon(self._begin, house)
        future: asyncio.Future[Found] = loop.create_future()
        self._waiting.append((look, future))
        return future

    def _begin(self, house: House) -> None:
        waiting, self._waiting = self._waiting, []
        house.errands.begin(_look_for_all(house, waiting))


async def _look_for_all(house: House, waiting: Sequence[tuple[Look, "asyncio.Future[Found]"]]) -> None:
    asked = [look for look, _ in waiting]
    futures = [future for _, future in waiting]
    try:
        found = await house.database.glance(lambda db: looks.at_each(db, asked))
    except Exception as error:
        for future in futures:
            future.set_exception(error)
    else:
        for future, one in zip(futures, found, strict=True):
            future.set_result(one)
