"""Where a request comes from, as far as that can be believed. Never to be stored or logged."""

import re
from collections.abc import Iterable
from ipaddress import IPv4Address, IPv6Address, ip_address, ip_network
from typing import Final

from starlette.requests import Request

from reflect.settings import Network, Settings

Address = IPv4Address | IPv6Address

_WITH_PORT: Final = re.compile(r"\[([^]]*)\](?::\d+)?|([\d.]+):\d+")
"""Some balancers write the port behind the address (`203.0.113.9:50123`, `[2001:db8::1]:50123`)."""
FORWARDED = ("x-forwarded-for", "forwarded", "x-real-ip", "via")
"""Headers by which a proxy shows that it is one."""


def network_of(request: Request) -> str:
    """The network a request comes from (/24 of IPv4, /48 of IPv6); empty where nothing can be believed.

    Behind a proxy of `REFLECT_TRUSTED_PROXIES`, what the proxy says last (X-Forwarded-For) counts: without it, all the
    world would come from one network. What stands before the last entry, or in a header before the last, was said by
    the visitor: some proxies add a header of their own to the visitor's.
    """
    address = _read(request.client.host if request.client else "")
    if _is_in(address, _settings(request).trusted_proxies):
        told = ",".join(request.headers.getlist("x-forwarded-for")).rpartition(",")[2].strip()
        address = _read(told) if told else address
    if address is None:
        return ""
    width = 24 if isinstance(address, IPv4Address) else 48
    return str(ip_network(f"{address}/{width}", strict=False))


def _read(host: str) -> Address | None:
    """An address, with or without a port; one of IPv4 that a socket for both kinds writes as IPv6 is one of IPv4."""
    bare = _WITH_PORT.fullmatch(host)
    try:
        address = ip_address(bare[1] or bare[2] if bare else host)
    except ValueError:
        return None
    return getattr(address, "ipv4_mapped", None) or address


def is_from_here(request: Request) -> bool:
    """Whether a program of this very machine asks by itself, and no proxy for somebody else."""
    address = _read(request.client.host if request.client else "")
    return address is not None and address.is_loopback and not any(header in request.headers for header in FORWARDED)


def _is_in(address: Address | None, networks: Iterable[Network]) -> bool:
    return address is not None and any(address in network for network in networks)


def _settings(request: Request) -> Settings:
    # Not by `house_of`: the house holds rates, and rates may want to know networks.
    settings = request.app.state.house.settings
    assert isinstance(settings, Settings)
    return settings
