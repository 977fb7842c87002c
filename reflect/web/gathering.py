"""Requests that only ask whether something has changed wait for each other a moment, and are then served in a row.

A request alone costs three times what it costs after another of its kind: by then, other work and other guests of the
machine have driven our code out of the processor's caches. Nobody notices a tenth of a second in a page that asks
again every two seconds. Whoever asks for anything else is served at once.
"""

import asyncio
from typing import Any, Final
from weakref import WeakKeyDictionary

from uvicorn.server import ServerState

from reflect.web.deadlines import PunctualProtocol

MOMENT: Final = 0.1
"""Seconds that such a request waits for others at most."""
MOST: Final = 32
"""Requests for which nobody waits any longer."""


class Gathering:
    """Connections of one server whose requests wait for each other."""

    def __init__(self, loop: asyncio.AbstractEventLoop, moment: float) -> None:
        self._loop, self._moment = loop, moment
        self._waiting: list[GatheringProtocol] = []
        self._timer: asyncio.TimerHandle | None = None

    def join(self, one: "GatheringProtocol") -> None:
        """Wait for others, or end their waiting."""
        self._waiting.append(one)
        if len(self._waiting) >= MOST:
            self._go_on()
        elif self._timer is None:
            self._timer = self._loop.call_later(self._moment, self._go_on)

    def _go_on(self) -> None:
        if self._timer is not None:
            self._timer.cancel()
        gathered, self._waiting, self._timer = self._waiting, [], None
        for one in gathered:
            one.go_on()


_OF_SERVER: WeakKeyDictionary[ServerState, Gathering] = WeakKeyDictionary()


class GatheringProtocol(PunctualProtocol):
    """uvicorn's HTTP/1.1, where conditional requests (RFC 9110 13.1.2) are gathered before anybody reads them."""

    moment = MOMENT

    def __init__(self, *args: Any, **more: Any) -> None:
        super().__init__(*args, **more)
        self._held = b""
        gathering = _OF_SERVER.get(self.server_state)
        if gathering is None:
            gathering = _OF_SERVER[self.server_state] = Gathering(self.loop, self.moment)
        self._gathering = gathering

    def data_received(self, data: bytes) -> None:
        if not self._held and self._is_idle() and _is_conditional(data):
            self._unset_keepalive_if_required()  # nobody hangs up on who has asked
            self._held = data
            self._gathering.join(self)
        else:
            self.go_on()
            super().data_received(data)

    def go_on(self) -> None:
        """Hear what was held, if anything is."""
        held, self._held = self._held, b""
        if held:
            super().data_received(held)

    def connection_lost(self, exc: Exception | None) -> None:
        self._held = b""
        super().connection_lost(exc)

    def shutdown(self) -> None:
        self.go_on()
        super().shutdown()


def _is_conditional(data: bytes) -> bool:
    """Whether it is one whole request that asks for something only if that has changed."""
    return data.startswith(b"GET ") and data.endswith(b"\r\n\r\n") and b"\r\nif-none-match:" in data.lower()
