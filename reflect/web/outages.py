"""What a page can do without while the database is away or held by another."""

import asyncio
from collections.abc import Awaitable
from contextlib import suppress

from reflect.storage.outages import AWAY

PATIENCE = 0.5
"""Seconds that a page waits for what it writes down beside, at most."""


async def in_passing(work: Awaitable[object]) -> None:
    """Do the work if that can be done at once; else it is given up: nobody waits or is refused for its sake."""
    with suppress(*AWAY, TimeoutError):
        async with asyncio.timeout(PATIENCE):
            await work
