"""What a page can do without while the database is away or held by another."""

import asyncio
from collections.abc import Awaitable
from contextlib import suppress

from reflect.storage.commits import was_committed
from reflect.storage.database import Database
from reflect.storage.outages import AWAY

PATIENCE = 0.5
"""Seconds that a page waits for what it writes down beside, at most."""
ASKING, PAUSE = 8.0, 0.2
"""Seconds for which a database that was away is asked what became of a transaction, and between two questions."""


async def in_passing(work: Awaitable[object]) -> None:
    """Do the work if that can be done at once; else it is given up: nobody waits or is refused for its sake."""
    with suppress(*AWAY, TimeoutError):
        async with asyncio.timeout(PATIENCE):
            await work


async def fate(database: Database, number: str) -> bool | None:
    """Whether a transaction was committed that ended in Unsure; None where the database does not say so in time."""
    with suppress(TimeoutError):
        async with asyncio.timeout(ASKING):
            while True:
                with suppress(*AWAY):
                    if (found := await database.read(lambda db: was_committed(db, number))) is not None:
                        return found
                await asyncio.sleep(PAUSE)
    return None
