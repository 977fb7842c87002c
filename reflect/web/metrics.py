"""For Prometheus: what the installation does as a whole (`reflect/meters.py`), in its text format."""

import asyncio
import hmac
import logging
import time
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any

from prometheus_client import CONTENT_TYPE_PLAIN_0_0_4, generate_latest
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import Response
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from reflect import meters
from reflect.storage.services import late_scores
from reflect.web import logs
from reflect.web.errors import refuse
from reflect.web.house import House, house_of
from reflect.web.networks import is_from_here
from reflect.web.protection import SAFE, bearer_of

RESOLUTION = 15.0
"""Seconds for which what is told stays as it is: asking more often tells nobody who did what just now."""
PATIENCE = 2.0
"""Seconds to wait for the database, which may be the very thing that is wrong."""

KIND_OF = {
    "lti": "lti",
    "admin": "portal",
    "api": "api",
    "static": "static",
    "health": "operations",
    "metrics": "operations",
}
log = logging.getLogger("reflect.metrics")

# Bound once: to look children up by their labels takes longer than to count.
_COUNTS = {kind: [meters.REQUESTS.labels(kind, f"{hundred}xx") for hundred in range(2, 6)] for kind in meters.KINDS}
_SECONDS = {kind: meters.REQUEST_SECONDS.labels(kind) for kind in meters.KINDS}


class Metered:
    """Counts each request by its kind and how it ended, and begins the number that its lines in the log share."""

    def __init__(self, app: ASGIApp) -> None:
        self.app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Serve the request, and count it once it has been answered."""
        if scope["type"] != "http":
            return await self.app(scope, receive, send)
        logs.begin_request()
        began, status = time.perf_counter(), 0

        async def send_and_note(message: Message) -> None:
            nonlocal status
            if message["type"] == "http.response.start":
                status = message["status"]
            await send(message)

        try:
            await self.app(scope, receive, send_and_note)
        finally:
            if status:
                kind = kind_of(scope)
                _COUNTS[kind][status // 100 - 2].inc()
                _SECONDS[kind].observe(time.perf_counter() - began)


def kind_of(scope: Scope) -> str:
    """One of `meters.KINDS`; all changes in the app are one kind, and all its pages."""
    path = scope["path"]
    if path in {"/lti/launch", "/lti/proofs"}:
        return "launch"
    return KIND_OF.get(path[1:].partition("/")[0]) or ("page" if scope["method"] in SAFE else "change")


@asynccontextmanager
async def told(app: Starlette, house: House, resolution: float = RESOLUTION) -> AsyncIterator[None]:
    """Keep what is told up to date for as long as the application runs.

    Every worker does so at the same moments, so that asking often, or several workers, tells nothing finer.
    """
    teller = _Teller(house)
    app.state.metrics = b""
    await _renew(app, teller)
    task = asyncio.create_task(_go_on(app, teller, resolution))
    try:
        yield
    finally:
        await _end(task, teller.asking)


async def _go_on(app: Starlette, teller: "_Teller", resolution: float) -> None:
    step = min(1.0, resolution)
    while True:
        before = time.monotonic()
        await asyncio.sleep(step)
        now = time.monotonic()
        meters.LOOP_DELAY.observe(max(0.0, now - before - step))
        teller.note()
        if now // resolution > before // resolution:
            await _renew(app, teller)


async def _renew(app: Starlette, teller: "_Teller") -> None:
    # Another worker may be in the midst of making its file. What was told stays, and the server goes on, or begins.
    try:
        app.state.metrics = await teller.text()
    except Exception as error:
        log.error("metrics failed", extra={"kind": type(error).__name__})


async def _end(*tasks: "asyncio.Task[Any] | None") -> None:
    begun = [task for task in tasks if task is not None]
    for task in begun:
        task.cancel()
    await asyncio.gather(*begun, return_exceptions=True)


class _Teller:
    """Notes how this worker stands, and puts into words what all have counted."""

    def __init__(self, house: House) -> None:
        self._house, self._worker = house, meters.Worker()
        self.asking: asyncio.Task[int] | None = None

    def note(self) -> None:
        database = self._house.database
        self._worker.note(database.writes_waiting, database.reads_under_way)

    async def text(self) -> bytes:
        self.note()
        meters.DATABASE_UP.set(await self._database_answers())
        return generate_latest(meters.registry())

    async def _database_answers(self) -> bool:
        """Whether it answers in time; then also how many marks are late. A question that hangs is not put again."""
        house = self._house
        if self.asking is None:
            self.asking = asyncio.create_task(house.database.read(lambda db: late_scores(db, house.now())))
        done, _ = await asyncio.wait({self.asking}, timeout=PATIENCE)
        if not done:
            return False
        asked, self.asking = self.asking, None
        if asked.exception() is not None:
            return False
        meters.MARKS_LATE.set(asked.result())
        return True


async def show(request: Request) -> Response:
    """The metrics as of the last quarter of a minute; for whoever has the token, or for programs of this machine."""
    if not _may_read(request):
        return refuse(request, "not_allowed", "metrics: not the token, or not from this very machine")
    headers = {"Cache-Control": "no-store", "Content-Type": CONTENT_TYPE_PLAIN_0_0_4}
    return Response(request.app.state.metrics, headers=headers)


def _may_read(request: Request) -> bool:
    token = house_of(request).settings.metrics_token.get_secret_value()
    if not token:
        return is_from_here(request)
    return hmac.compare_digest((bearer_of(request.headers) or "").encode(), token.encode())
