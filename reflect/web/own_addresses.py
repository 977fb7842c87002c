"""Where this installation's own address leads: browsers may not let a public page frame one on a private network."""

import asyncio
import time
from collections.abc import Callable

from reflect.lti import networks
from reflect.lti.addresses import origin

LIFETIME = 3600.0
"""Seconds until the resolver is asked again."""
PATIENCE = 1.0


class OwnAddress:
    """Whether the address that people reach this installation under is on the public internet."""

    def __init__(self, url: str, clock: Callable[[], float] = time.monotonic) -> None:
        self._origin, self._clock = origin(url), clock
        self._network, self._ends = "unknown", clock()

    async def network(self) -> str:
        """`public`, `private`, or `unknown` where no resolver says."""
        if self._clock() >= self._ends:
            # Meanwhile nobody else asks.
            self._ends = self._clock() + LIFETIME
            self._network = await self._ask()
        return self._network

    async def _ask(self) -> str:
        if self._origin is None or networks.is_loopback_name(self._origin.host):
            return "private" if self._origin else "unknown"
        try:
            async with asyncio.timeout(PATIENCE):
                found = await networks.addresses(self._origin.host, self._origin.port)
        except (OSError, TimeoutError, UnicodeError):
            return "unknown"
        return "public" if all(map(networks.is_public, found)) else "private"
