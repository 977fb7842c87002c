"""Whether Reflect's own address is on the public internet, as far as names and numbers tell."""

import asyncio

import pytest

from reflect.web.own_addresses import LIFETIME, OwnAddress


@pytest.mark.parametrize(
    ("url", "network"),
    [
        ("http://localhost:8000", "private"),
        ("https://10.20.30.40", "private"),
        ("https://[fd00::1]:8443", "private"),
        ("https://192.168.1.7", "private"),
        ("https://8.8.8.8", "public"),
        ("https://[2001:4860:4860::8888]", "public"),
        ("https://nobody.invalid", "unknown"),
        ("not an address", "unknown"),
    ],
)
def test_an_address_is_public_private_or_nobody_says(url: str, network: str) -> None:
    assert asyncio.run(OwnAddress(url).network()) == network


def test_the_resolver_is_asked_once_an_hour() -> None:
    class Counted(OwnAddress):
        asked = 0

        async def _ask(self) -> str:
            self.asked += 1
            return await super()._ask()

    moments = [0.0]
    address = Counted("https://10.0.0.1", lambda: moments[0])
    for moment, asked in ((1.0, 1), (LIFETIME - 1, 1), (LIFETIME + 1, 2)):
        moments[0] = moment
        assert asyncio.run(address.network()) == "private"
        assert address.asked == asked
