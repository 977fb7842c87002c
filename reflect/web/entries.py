"""Ways in that somebody may try at random: single-use addresses, and sign-ins that make Reflect call a provider.

Who comes with a good address gets in, whatever else came from their network; what is limited is trying wrong ones.
"""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

from starlette.requests import Request

from reflect.domain.rates import SIGN_INS, WRONG_ENTRIES
from reflect.domain.refusals import Refused
from reflect.web.house import house_of
from reflect.web.networks import network_of

WRONG = frozenset({"invitation_unknown", "invitation_used", "invitation_expired"})


@asynccontextmanager
async def counted(request: Request) -> AsyncIterator[None]:
    """Count an address that does not let in, and let the refusal pass; raises 429 `too_many_tries` beyond the limit."""
    house = house_of(request)
    try:
        yield
    except Refused as refusal:
        if refusal.code in WRONG:
            await house.rates.take(house.now(), WRONG_ENTRIES, network_of(request))
        raise


async def take_sign_in(request: Request) -> None:
    """Count a call of the provider; raises 429 `too_many_tries` beyond what a network may cause."""
    house = house_of(request)
    await house.rates.take(house.now(), SIGN_INS, network_of(request))
