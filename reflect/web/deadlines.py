"""How long a visitor may take to say something, and how much of it the server listens to before it knows what it is.

uvicorn waits for ever for a request that has begun, and holds whatever comes of its head. Behind a proxy that reads
whole requests first nobody notices; without one, a few hundred connections that send a byte now and then would be all
that the server has. Nothing here is for one request: what the application decides has codes and pages of its own.
"""

import asyncio
from typing import Any, Final

from reflect.web.farewells import LingeringProtocol

PATIENCE: Final = 30.0
"""Seconds from the first byte (or the connection) until the whole request is there, and for which nothing of an answer
is taken: 128 kB take a tenth of it on the slowest line that a class works with."""
LARGEST_HEAD: Final = 64 * 1024
"""Bytes of a request line with its headers; a browser with eight tabs of Reflect sends 3,000."""

REFUSED: Final = {
    400: (b"Bad Request", b"form", b"This is no HTTP request."),
    408: (b"Request Timeout", b"too_slow", b"The request did not come to its end in time."),
    431: (b"Request Header Fields Too Large", b"too_large", b"The headers of this request are too large."),
}
"""What is answered before there is a request that the application could answer."""


class PunctualProtocol(LingeringProtocol):
    """uvicorn's HTTP/1.1, with an end to waiting and to headers."""

    patience = PATIENCE

    def __init__(self, *args: Any, **more: Any) -> None:
        super().__init__(*args, **more)
        self._listening: asyncio.TimerHandle | None = None
        self._telling: asyncio.TimerHandle | None = None
        self._head = 0

    def connection_made(self, transport: asyncio.Transport) -> None:  # type: ignore[override]
        super().connection_made(transport)
        self._listen()

    def connection_lost(self, exc: Exception | None) -> None:
        self._heard()
        self._told()
        super().connection_lost(exc)

    def data_received(self, data: bytes) -> None:
        if self._listening is None and self._is_idle():
            self._listen()
        self._head += len(data)
        # What has come belongs to a head until the parser says that the head is over.
        super().data_received(data)
        if self._head > LARGEST_HEAD and not self.transport.is_closing():
            self._refuse(431)

    def on_message_begin(self) -> None:
        # Also while another request is being answered, when `data_received` takes it for no new one (pipelining).
        if self._listening is None:
            self._listen()
        super().on_message_begin()

    def on_headers_complete(self) -> None:
        super().on_headers_complete()
        self._head = 0

    def on_body(self, body: bytes) -> None:
        self._head = 0
        super().on_body(body)

    def on_message_complete(self) -> None:
        self._head = 0
        self._heard()
        super().on_message_complete()

    def on_response_complete(self) -> None:
        was_queued = bool(self.pipeline)
        super().on_response_complete()
        if was_queued and self._listening is not None:
            self._heard()
            self._listen()  # only from now on is it read

    def pause_writing(self) -> None:
        super().pause_writing()
        self._told()
        self._telling = self.loop.call_later(self.patience, self.transport.abort)

    def resume_writing(self) -> None:
        self._told()
        super().resume_writing()

    def send_400_response(self, msg: str) -> None:
        self._refuse(400)

    def _is_idle(self) -> bool:
        return self.cycle is None or self.cycle.response_complete

    def _listen(self) -> None:
        self._listening = self.loop.call_later(self.patience, self._cut)

    def _heard(self) -> None:
        if self._listening is not None:
            self._listening.cancel()
            self._listening = None

    def _told(self) -> None:
        if self._telling is not None:
            self._telling.cancel()
            self._telling = None

    def _cut(self) -> None:
        if self.pipeline:
            self._listen()  # nothing is read before what came first is answered
        elif self.cycle is None and not self._head:
            self.transport.close()  # browsers open connections before they know for what
        elif not self.transport.is_closing():
            self._refuse(408)

    def _refuse(self, status: int) -> None:
        if not self._is_idle() and (self.pipeline or self.cycle.response_started or not self.cycle.more_body):
            self.transport.abort()  # before the end of another answer there is nothing to be said
            return
        reason, code, said = REFUSED[status]
        lines = (
            b"HTTP/1.1 %d %b" % (status, reason),
            b"content-type: text/plain; charset=utf-8",
            b"content-length: %d" % len(said),
            b"connection: close",
            b"cache-control: no-store",
            b"x-content-type-options: nosniff",
            b"content-security-policy: default-src 'none'; frame-ancestors 'none'",
            b"reflect-error: " + code,
        )
        self.transport.write(b"\r\n".join((*lines, b"", said)))
        self.transport.close()
