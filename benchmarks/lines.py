"""Connections of many browsers at once, each of which asks when its person does and not when another is done."""

import asyncio
import gc
import time
from collections.abc import Callable, Coroutine
from typing import Any, TypeVar, cast

import uvloop

from benchmarks.generator import NO_REPLY, Reply, complete

Result = TypeVar("Result")
PATIENCE = 60.0
"""Seconds after which a browser gives up."""


class Line(asyncio.Protocol):
    """One browser's connection: opened when it is first needed, and again after the server has let it go."""

    def __init__(self, port: int) -> None:
        self._port = port
        self._transport: asyncio.Transport | None = None
        self._waiting: asyncio.Future[tuple[bytes, bytes] | None] | None = None
        self._received = b""

    async def ask(self, request: bytes, due: float | None = None) -> Reply:
        """The reply; its time counts from the moment it was due, where that has passed already."""
        began = time.perf_counter() if due is None else due
        try:
            async with asyncio.timeout(PATIENCE):
                parts = await self._exchange(request) or await self._exchange(request)
        except (OSError, TimeoutError):
            return NO_REPLY
        if parts is None:
            return NO_REPLY
        head, body = parts
        if b"\r\nconnection: close" in head.lower():
            self.close()
        return Reply(int(head[9:12]), head, body, time.perf_counter() - began)

    async def _exchange(self, request: bytes) -> tuple[bytes, bytes] | None:
        """Head and body; None where the server had closed a connection that was kept, as browsers find out, too."""
        loop = asyncio.get_running_loop()
        if self._transport is None:
            await loop.create_connection(lambda: self, "127.0.0.1", self._port)
        assert self._transport is not None
        self._received, self._waiting = b"", loop.create_future()
        self._transport.write(request)
        return await self._waiting

    def close(self) -> None:
        """Hang up."""
        if self._transport is not None:
            self._transport.close()
            self._transport = None

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        """Ready to ask."""
        self._transport = cast(asyncio.Transport, transport)

    def data_received(self, data: bytes) -> None:
        """Take what comes until the response is whole."""
        self._received += data
        parts = complete(self._received)
        if parts is not None and self._waiting is not None and not self._waiting.done():
            self._waiting.set_result(parts)

    def connection_lost(self, exc: Exception | None) -> None:
        """Whoever waits is told."""
        self._transport = None
        if self._waiting is not None and not self._waiting.done():
            self._waiting.set_result(None)


def run(work: Callable[[], Coroutine[Any, Any, Result]]) -> Result:
    """Do it on a loop of its own, undisturbed by the collector."""
    gc.collect()
    gc.disable()
    try:
        with asyncio.Runner(loop_factory=uvloop.new_event_loop) as runner:
            return runner.run(work())
    finally:
        gc.enable()


async def at(moment: float) -> None:
    """Wait for a moment of `time.perf_counter`."""
    await asyncio.sleep(max(0.0, moment - time.perf_counter()))
