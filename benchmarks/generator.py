"""The load: requests whose bytes were built beforehand, over keep-alive connections, in a closed loop."""

import asyncio
import contextlib
import gc
import re
import time
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import cast

import uvloop

PATIENCE = 120.0
"""Seconds after which a phase is cut off; what was not answered by then counts as a fault."""
_LENGTH = re.compile(rb"\r\ncontent-length: *(\d+)", re.IGNORECASE)


@dataclass(frozen=True, slots=True)
class Reply:
    """One HTTP response; `status` is 0 where the connection was lost or the phase was cut off."""

    status: int
    head: bytes
    body: bytes
    seconds: float

    def header(self, name: str) -> list[str]:
        """Every value of one header, in the order sent."""
        wanted = name.lower()
        lines = (line.partition(":") for line in self.head.decode("latin-1").split("\r\n")[1:])
        return [value.strip() for key, _, value in lines if key.lower() == wanted]


NO_REPLY = Reply(0, b"", b"", PATIENCE)


@dataclass(frozen=True, slots=True)
class Phase:
    """What came back, in the order of the requests, and the seconds from the first byte to the last."""

    replies: list[Reply]
    seconds: float


def drive(port: int, requests: Sequence[bytes], at_once: int) -> Phase:
    """Sends every request once to 127.0.0.1, `at_once` of them under way at any moment."""
    if len(requests) > 1:  # one alone is never timed, and collecting costs more than it does
        gc.collect()
    gc.disable()
    try:
        with asyncio.Runner(loop_factory=uvloop.new_event_loop) as runner:
            return runner.run(_drive(port, requests, min(at_once, len(requests))))
    finally:
        gc.enable()


async def _drive(port: int, requests: Sequence[bytes], at_once: int) -> Phase:
    load = _Load(port, requests)
    connections = [await load.connect() for _ in range(at_once)]
    began = time.perf_counter()
    for connection in connections:
        connection.send_next()
    with contextlib.suppress(TimeoutError):
        await asyncio.wait_for(load.done.wait(), PATIENCE)
    return Phase(load.replies, time.perf_counter() - began)


@dataclass
class _Load:
    port: int
    requests: Sequence[bytes]
    replies: list[Reply] = field(init=False)
    done: asyncio.Event = field(default_factory=asyncio.Event)

    def __post_init__(self) -> None:
        self.replies = [NO_REPLY] * len(self.requests)
        self.waiting = iter(range(len(self.requests)))
        self.unanswered = len(self.requests)
        self.reconnecting: set[asyncio.Task[None]] = set()

    async def connect(self) -> "_Connection":
        loop = asyncio.get_running_loop()
        _, connection = await loop.create_connection(lambda: _Connection(self), "127.0.0.1", self.port)
        return connection

    def answered(self, index: int, reply: Reply) -> None:
        self.replies[index] = reply
        self.unanswered -= 1
        if not self.unanswered:
            self.done.set()

    def reconnect(self) -> None:
        task = asyncio.ensure_future(self._go_on_with_a_new_connection())
        self.reconnecting.add(task)
        task.add_done_callback(self.reconnecting.discard)

    async def _go_on_with_a_new_connection(self) -> None:
        try:
            (await self.connect()).send_next()
        except OSError:
            self.done.set()


class _Connection(asyncio.Protocol):
    def __init__(self, load: _Load) -> None:
        self.load = load
        self.index: int | None = None
        self.received = b""
        self.sent_at = 0.0

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        self.transport = cast(asyncio.Transport, transport)

    def send_next(self) -> None:
        self.index = next(self.load.waiting, None)
        if self.index is None:
            self.transport.close()
            return
        self.received = b""
        self.sent_at = time.perf_counter()
        self.transport.write(self.load.requests[self.index])

    def data_received(self, data: bytes) -> None:
        self.received += data
        parts = complete(self.received)
        if parts is None or self.index is None:
            return
        head, body = parts
        status = int(head[9:12])
        self.load.answered(self.index, Reply(status, head, body, time.perf_counter() - self.sent_at))
        self.index = None
        if b"\r\nconnection: close" in head.lower():
            self.transport.close()
            self.load.reconnect()
        else:
            self.send_next()

    def connection_lost(self, exc: Exception | None) -> None:
        if self.index is not None:
            self.load.answered(self.index, NO_REPLY)
            self.index = None
            self.load.reconnect()


def complete(received: bytes) -> tuple[bytes, bytes] | None:
    """Head and body once the whole response is there; a chunked body is left in its chunks."""
    head, gap, body = received.partition(b"\r\n\r\n")
    if not gap:
        return None
    length = _LENGTH.search(head)
    if length is not None:
        return (head, body) if len(body) >= int(length[1]) else None
    if b"chunked" in head.lower():
        return (head, body) if body.endswith(b"0\r\n\r\n") else None
    return head, body
