"""What time it is where the platforms are: asked only while our own clock is doubted."""

import asyncio
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime
from typing import Final

from sqlmodel import Session

from reflect.lti.outbound import Answer, OutboundFailed, OutboundRefused
from reflect.storage import registrations
from reflect.web.house import House

MOST: Final = 20
"""Platforms that are asked."""


async def told(house: House) -> list[datetime]:
    """The moments that platforms tell just now by the Date of an answer (RFC 9110 6.6.1); of some that answer."""

    def addresses(db: Session) -> list[str]:
        return registrations.keyset_urls(db, MOST)

    asked = await house.database.read(addresses)
    answers = await asyncio.gather(*(_moment(house, url) for url in asked))
    return [moment for moment in answers if moment is not None]


async def _moment(house: House, url: str) -> datetime | None:
    try:
        return moment_of(await house.outbound.get(url))
    except (OutboundRefused, OutboundFailed):
        return None


def moment_of(answer: Answer) -> datetime | None:
    """When an answer was made, by the clock of who made it; None where it does not say."""
    try:
        moment = parsedate_to_datetime(answer.headers["date"])
    except (KeyError, ValueError, TypeError):
        return None
    return moment if moment.tzinfo else moment.replace(tzinfo=UTC)
