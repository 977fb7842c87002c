"""What time it is where the platforms are: asked only while our own clock is doubted."""

import asyncio
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime
from typing import Final

from reflect.lti import Outbound
from reflect.lti.outbound import Answer, OutboundFailed, OutboundRefused
from reflect.storage import registrations
from reflect.web.house import House

MOST: Final = 20
"""Platforms that are asked."""
OUT_OF_DATE: Final = datetime.min.replace(tzinfo=UTC)
"""A moment that is not ours, whatever our clock says."""
_OUT_OF_DATE: Final = ("certificate has expired", "certificate is not yet valid")
"""OpenSSL's words."""


async def told(house: House) -> list[datetime]:
    """The moments that platforms tell just now by the Date of an answer (RFC 9110 6.6.1); of some that answer."""
    asked = await house.database.read(lambda db: registrations.keyset_urls(db, MOST))
    answers = await asyncio.gather(*(moment_at(house.outbound, url) for url in asked))
    return [moment for moment in answers if moment is not None]


async def moment_at(outbound: Outbound, url: str) -> datetime | None:
    """What time it is at an address; `OUT_OF_DATE` if by our clock its certificate is, and None if nobody says."""
    try:
        return moment_of(await outbound.get(url))
    except OutboundRefused:
        return None
    except OutboundFailed as fault:
        # To a clock that is far off every certificate looks so, and nothing else of the platform gets through.
        return OUT_OF_DATE if any(words in fault.detail for words in _OUT_OF_DATE) else None


def moment_of(answer: Answer) -> datetime | None:
    """When an answer was made, by the clock of who made it; None where it does not say."""
    try:
        moment = parsedate_to_datetime(answer.headers["date"])
    except (KeyError, ValueError, TypeError):
        return None
    return moment if moment.tzinfo else moment.replace(tzinfo=UTC)
