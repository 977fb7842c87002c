"""Work that serving does by the way: marks are delivered, check-ins opened and closed every few seconds, and every hour
weeks are published for leaders and what is over is deleted.

Many workers may do it at once: a mark is leased before it is sent, a week is looked at once, and deleting what is gone
already changes nothing.
`reflect tidy` does one round of everything for those who prefer cron.
"""

import asyncio
import logging
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from functools import wraps

from reflect import meters
from reflect.domain.privacy.retention import PurgeReport, purge
from reflect.storage import health
from reflect.web import platform_clocks
from reflect.web.closures import close_due
from reflect.web.gradebooks import deliver
from reflect.web.house import House
from reflect.web.openings import open_due
from reflect.web.publications import publish_due

DELIVERY, HOURLY = 5.0, 3600.0
"""Seconds between rounds."""

log = logging.getLogger("reflect.background")


@asynccontextmanager
async def background(house: House) -> AsyncIterator[None]:
    """Work in the background for as long as the application runs."""
    tasks = [
        asyncio.create_task(_rounds(DELIVERY, deliver, house)),
        *(asyncio.create_task(_rounds(DELIVERY, by_clock(work), house)) for work in (open_due, close_due)),
        *(asyncio.create_task(_rounds(HOURLY, by_clock(work), house)) for work in (publish_due, forget)),
    ]
    try:
        yield
    finally:
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)
        await house.errands.end()


async def forget(house: House) -> PurgeReport:
    """Carry out retention, and let nothing that was destroyed linger in the database's log."""
    report = await house.database.write(lambda db: purge(db, house.settings.retention_days, house.now()))
    if not await asyncio.to_thread(house.database.settle):
        log.warning("the database's log could not be emptied")
    if report.courses or report.people:
        log.info("forgotten", extra={"courses": report.courses, "people": report.people})
    return report


def by_clock(work: Callable[[House], Awaitable[object]]) -> Callable[[House], Awaitable[object]]:
    """Work that is due at its time and cannot be undone; nothing is done, and False returned, while the clock cannot be
    believed."""

    @wraps(work)  # logs and /metrics name the work
    async def carefully(house: House) -> bool:
        if await is_believed(house):
            await work(house)
            return True
        if house.notes.clock.is_due(work):
            log.error("the clock cannot be believed", extra={"work": work.__name__, "clock": house.now().isoformat()})
        return False

    return carefully


async def is_believed(house: House) -> bool:
    """Whether the clock has gone on as time did, or a launch has shown it to be right; once an hour the platforms are
    asked, too, what time it is."""
    if house.trust.goes_on(house.now()):
        return True
    launched_at = await house.database.read(health.last_launch_at)
    if house.trust.is_confirmed(house.now(), launched_at):
        return True
    if not house.notes.witnesses.is_due(()):
        return False
    told = await platform_clocks.told(house)
    return house.trust.is_steady(house.now(), told)


async def _rounds(seconds: float, work: Callable[[House], Awaitable[object]], house: House) -> None:
    # Told from the beginning, as 0: what was never done would else be missing from /metrics, where no alert sees it.
    done, failed = meters.ROUND_DONE.labels(work.__name__), meters.ROUND_FAILED.labels(work.__name__)
    while True:
        await asyncio.sleep(seconds)
        try:
            if await work(house) is not False:
                done.set_to_current_time()
        except Exception as error:
            # Whatever it was, the next round tries again; the message may hold what somebody typed.
            failed.inc()
            log.error("a round failed", extra={"work": work.__name__, "kind": type(error).__name__})
