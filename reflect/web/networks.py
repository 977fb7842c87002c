"""Where a request comes from, as far as that can be believed. Never to be stored or logged."""

from collections.abc import Iterable
from ipaddress import IPv4Address, ip_address, ip_network

from starlette.requests import Request

from reflect.settings import Network, Settings

FORWARDED = ("x-forwarded-for", "forwarded", "x-real-ip", "via")
"""Headers by which a proxy shows that it is one."""


def network_of(request: Request) -> str:
    """The network a request comes from (/24 of IPv4, /48 of IPv6); empty where nothing can be believed.

    Behind a proxy of `REFLECT_TRUSTED_PROXIES`, what the proxy says last (X-Forwarded-For) counts: without it, all the
    world would come from one network. What stands before the last entry was said by the visitor.
    """
    host = request.client.host if request.client else ""
    if _is_in(host, _settings(request).trusted_proxies):
        host = request.headers.get("x-forwarded-for", "").rpartition(",")[2].strip() or host
    try:
        address = ip_address(host)
    except ValueError:
        return ""
    width = 24 if isinstance(address, IPv4Address) else 48
    return str(ip_network(f"{address}/{width}", strict=False))


def is_from_here(request: Request) -> bool:
    """Whether a program of this very machine asks by itself, and no proxy for somebody else."""
    try:
        is_loopback = ip_address(request.client.host if request.client else "").is_loopback
    except ValueError:
        return False
    return is_loopback and not any(header in request.headers for header in FORWARDED)


def _is_in(host: str, networks: Iterable[Network]) -> bool:
    try:
        address = ip_address(host)
    except ValueError:
        return False
    return any(address in network for network in networks)


def _settings(request: Request) -> Settings:
    # Not by `house_of`: the house holds rates, and rates may want to know networks.
    settings = request.app.state.house.settings
    assert isinstance(settings, Settings)
    return settings
