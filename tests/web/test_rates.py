from typing import Any

import pytest
from starlette.requests import Request

from reflect.web.rates import Rate, network_of


class Clock:
    now = 0.0

    def __call__(self) -> float:
        return self.now


def test_a_key_is_used_up_at_its_limit_and_others_are_not() -> None:
    rate = Rate(2)
    for _ in range(2):
        assert not rate.is_used_up("here")
        rate.note("here")
    assert rate.is_used_up("here")
    assert not rate.is_used_up("there")


def test_every_period_begins_anew_with_another_salt() -> None:
    clock = Clock()
    rate = Rate(1, 600, clock)
    rate.note("here")
    salt = rate._salt
    clock.now = 599
    assert rate.is_used_up("here")
    clock.now = 600
    assert not rate.is_used_up("here") or rate._salt != salt
    rate.note("there")
    assert not rate.is_used_up("here")
    assert rate._salt != salt


def test_what_is_kept_is_no_address() -> None:
    rate = Rate(1)
    rate.note("203.0.113.0/24")
    assert "203.0.113" not in str(vars(rate))


def request(host: str | None, forwarded: str = "") -> Request:
    headers = [(b"x-forwarded-for", forwarded.encode())] if forwarded else []
    scope: dict[str, Any] = {"type": "http", "client": (host, 1) if host else None, "headers": headers}
    return Request(scope)


@pytest.mark.parametrize(
    ("host", "forwarded", "network"),
    [
        ("81.2.69.9", "", "81.2.69.0/24"),
        ("81.2.69.9", "198.51.100.1", "81.2.69.0/24"),
        ("2a02:6b8:1:2::3", "", "2a02:6b8:1::/48"),
        ("127.0.0.1", "203.0.113.9", "203.0.113.0/24"),
        ("10.0.0.1", "192.0.2.1, 198.51.100.7", "198.51.100.0/24"),
        ("127.0.0.1", "", "127.0.0.0/24"),
        ("127.0.0.1", "nonsense", ""),
        (None, "", ""),
    ],
)
def test_a_network_is_the_first_part_of_an_address_that_can_be_believed(
    host: str | None, forwarded: str, network: str
) -> None:
    assert network_of(request(host, forwarded)) == network
