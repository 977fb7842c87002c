"""Publishing for leaders, in the background: the weeks of courses that are over, and how talks were followed up."""

import logging

from reflect.domain import talk_periods, weeks
from reflect.web.house import House

log = logging.getLogger("reflect.publications")


async def publish_due(house: House) -> int:
    """Publish the weeks that are over, each in a transaction of its own, so that nobody waits for all; how many."""
    k, now = house.settings.min_group_size, house.now()
    published = 0
    for week in await house.database.read(lambda db: weeks.due(db, now)):
        published += await house.database.write(
            lambda db, week=week: weeks.publish(db, week, k, now),  # type: ignore[misc]
            order=week.checkin_ids[0],
        )
    await house.database.write(lambda db: talk_periods.renew(db, k, now))
    if published:
        log.info("published", extra={"weeks": published})
    return published
