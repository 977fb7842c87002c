from types import SimpleNamespace
from typing import Any

import pytest
from starlette.requests import Request

from reflect.settings import Settings
from reflect.web.networks import is_from_here, network_of


def request(host: str | None, *forwarded: str, headers: dict[str, str] | None = None, **settings: str) -> Request:
    told = [("x-forwarded-for", it) for it in forwarded if it] + list((headers or {}).items())
    house = SimpleNamespace(settings=Settings(_env_file=None, **settings))
    scope: dict[str, Any] = {
        "type": "http",
        "client": (host, 1) if host else None,
        "headers": [(name.encode(), value.encode()) for name, value in told],
        "app": SimpleNamespace(state=SimpleNamespace(house=house)),
    }
    return Request(scope)


@pytest.mark.parametrize(
    ("host", "forwarded", "network"),
    [
        ("81.2.69.9", "", "81.2.69.0/24"),
        ("81.2.69.9", "198.51.100.1", "81.2.69.0/24"),
        ("2a02:6b8:1:2::3", "", "2a02:6b8:1::/48"),
        ("127.0.0.1", "203.0.113.9", "203.0.113.0/24"),
        ("10.0.0.1", "192.0.2.1, 198.51.100.7", "198.51.100.0/24"),
        ("fd00::5", "198.51.100.7", "198.51.100.0/24"),
        ("127.0.0.1", "", "127.0.0.0/24"),
        ("127.0.0.1", "nonsense", ""),
        ("127.0.0.1", "203.0.113.9:50123", "203.0.113.0/24"),
        ("127.0.0.1", "[2a02:6b8:1:2::3]:50123", "2a02:6b8:1::/48"),
        ("127.0.0.1", "[2a02:6b8:1:2::3]", "2a02:6b8:1::/48"),
        ("127.0.0.1", "203.0.113.9:", ""),
        ("::ffff:81.2.69.9", "", "81.2.69.0/24"),
        ("::ffff:10.0.0.1", "::ffff:203.0.113.9", "203.0.113.0/24"),
        ("fe80::1%eth0", "", "fe80::/48"),
        ("socket", "203.0.113.9", ""),
        (None, "", ""),
    ],
)
def test_a_network_is_the_first_part_of_an_address_that_can_be_believed(
    host: str | None, forwarded: str, network: str
) -> None:
    assert network_of(request(host, forwarded)) == network


@pytest.mark.parametrize("said", ["198.51.100.1", "198.51.100.1, 198.51.100.2", ""])
def test_a_header_that_the_proxy_adds_counts_and_not_the_visitors_own(said: str) -> None:
    """HAProxy and others leave the visitor's header, and add one."""
    assert network_of(request("127.0.0.1", said, "203.0.113.9")) == "203.0.113.0/24"


@pytest.mark.parametrize(
    ("proxies", "host", "network"),
    [
        ("81.2.69.0/24", "81.2.69.9", "203.0.113.0/24"),
        ("81.2.69.9, 2001:db8::/32", "81.2.69.9", "203.0.113.0/24"),
        ("81.2.69.9, 2001:db8::/32", "2001:db8::1", "203.0.113.0/24"),
        ("81.2.69.9", "10.0.0.1", "10.0.0.0/24"),
        ("", "127.0.0.1", "127.0.0.0/24"),
    ],
)
def test_only_the_proxies_that_are_named_are_believed(proxies: str, host: str, network: str) -> None:
    assert network_of(request(host, "203.0.113.9", trusted_proxies=proxies)) == network


def test_a_program_of_this_machine_is_told_from_a_proxy() -> None:
    assert is_from_here(request("127.0.0.1"))
    assert is_from_here(request("::ffff:127.0.0.1"))
    assert is_from_here(request("::1", headers={"host": "reflect.school.example"}))
    assert not is_from_here(request("10.0.0.1"))
    assert not is_from_here(request(None))
    for header in ("x-forwarded-for", "forwarded", "x-real-ip", "via"):
        assert not is_from_here(request("127.0.0.1", headers={header: "127.0.0.1"}))
