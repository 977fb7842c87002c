"""Real servers on loopback for tests: an ASGI application in a thread, on a port that was free."""

import asyncio
import os
import socket
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from itertools import cycle, islice

import uvicorn
from starlette.types import ASGIApp

from reflect.web.deadlines import PunctualProtocol
from reflect.web.gathering import GatheringProtocol

PORTS = range(20_000, 32_000)
"""Below those that a kernel gives to whoever asks for any: what is free here stays so until its server has begun, however
many sockets are bound to any port meanwhile."""
SHARES = 12
"""Processes of one run of the tests that have ports of their own."""


def ports_of(process: str, pid: int) -> Iterator[int]:
    """The ports of a process of pytest-xdist ("gw0", "gw1"… or nothing), round and round; other runs beside this one
    begin elsewhere, by the number of their process."""
    share = int(process.removeprefix("gw") or 0) % SHARES
    own = PORTS[share::SHARES]
    return cycle([*own[pid % len(own) :], *own[: pid % len(own)]])


_OWN = ports_of(os.environ.get("PYTEST_XDIST_WORKER", ""), os.getpid())


def free_port() -> int:
    """A port that nobody listens on, and that nobody else is given before a server of ours does."""
    for port in islice(_OWN, len(PORTS)):
        with socket.socket() as probe, suppress(OSError):
            probe.bind(("127.0.0.1", port))
            return port
    raise RuntimeError("No port is free.")


def listening() -> socket.socket:
    """A socket that is bound to a free port of 127.0.0.1 already, so that no other server can take it."""
    bound = socket.socket()
    bound.bind(("127.0.0.1", 0))
    return bound


class Server(uvicorn.Server):
    """Serves as uvicorn does, and starts and stops without its tenths of seconds of waiting, which each test would pay."""

    def __init__(self, app: ASGIApp, http: type[PunctualProtocol] = GatheringProtocol) -> None:
        super().__init__(uvicorn.Config(app, log_config=None, access_log=False, ws="none", http=http))
        self.is_up = threading.Event()

    async def main_loop(self) -> None:
        """Serve until somebody calls `stop`."""
        self._loop, self._over = asyncio.get_running_loop(), asyncio.Event()
        self.is_up.set()
        while not self._over.is_set():
            await self.on_tick(0)
            with suppress(TimeoutError):
                await asyncio.wait_for(self._over.wait(), 1)

    def stop(self) -> None:
        """Stop, from any thread."""
        self._loop.call_soon_threadsafe(self._over.set)

    async def shutdown(self, sockets: list[socket.socket] | None = None) -> None:
        """Take no more, let what is being answered be answered, and let the application put itself away."""
        for server in self.servers:
            server.close()
        await asyncio.sleep(0.002)  # who was let in a moment ago becomes a connection in one of the next turns
        while self.server_state.connections or self.server_state.tasks:
            for connection in list(self.server_state.connections):
                connection.shutdown()
            await asyncio.sleep(0.002)
        await self.lifespan.shutdown()


@contextmanager
def serving(app: ASGIApp, bound: socket.socket, http: type[PunctualProtocol] = GatheringProtocol) -> Iterator[None]:
    """Serve an application on a bound socket until the block ends."""
    server = Server(app, http)
    thread = threading.Thread(target=server.run, kwargs={"sockets": [bound]}, daemon=True)
    thread.start()
    deadline = time.monotonic() + 60
    while not server.is_up.wait(0.1):
        if not thread.is_alive() or time.monotonic() > deadline:
            raise RuntimeError("The server did not start.")
    try:
        yield
    finally:
        server.stop()
        thread.join(20)
        bound.close()
