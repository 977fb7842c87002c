"""Work that serving does by the way: what is over is deleted, once an hour, by one worker at a time."""

import asyncio
import logging
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, suppress

from sqlalchemy.exc import DBAPIError

from reflect.domain.privacy.retention import purge
from reflect.web.house import House

EVERY = 3600.0
"""Seconds between rounds; `reflect tidy` does one round for those who prefer cron."""

log = logging.getLogger("reflect.background")


@asynccontextmanager
async def tidying(house: House) -> AsyncIterator[None]:
    """Tidy in the background for as long as the application runs."""
    task = asyncio.create_task(_rounds(house))
    try:
        yield
    finally:
        task.cancel()
        with suppress(asyncio.CancelledError):
            await task


async def _rounds(house: House) -> None:
    while True:
        await asyncio.sleep(EVERY)
        try:
            # Deleting what is already gone changes nothing, so workers that tidy at once do no harm.
            report = await house.database.write(lambda db: purge(db, house.settings.retention_days, house.now()))
        except DBAPIError:
            log.error("tidying failed; the next round tries again")
        else:
            log.info("tidied", extra={"courses": report.courses, "people": report.people})
