"""Where a host name leads: its addresses, and which of them are on the public internet."""

import asyncio
import ipaddress
import socket
from collections.abc import Sequence
from functools import lru_cache
from typing import Final

IPAddress = ipaddress.IPv4Address | ipaddress.IPv6Address
# Only this part of IPv6 is handed out to the public internet (RFC 4291 2.4) ...
_GLOBAL_UNICAST: Final = ipaddress.IPv6Network("2000::/3")
# ... and these parts of it (Teredo, 6to4) carry an IPv4 address inside, which may be anybody's.
_CARRYING_IPV4: Final = (ipaddress.IPv6Network("2001::/32"), ipaddress.IPv6Network("2002::/16"))


def is_public(address: IPAddress) -> bool:
    """Whether a server at this address is one that anybody may call."""
    if not address.is_global or address.is_multicast or address.is_reserved:
        return False
    if address.version == 4:
        return True
    return address in _GLOBAL_UNICAST and not any(address in network for network in _CARRYING_IPV4)


def literal(host: str) -> IPAddress | None:
    """The address a host is written as, if it is one; `host` without brackets."""
    try:
        return ipaddress.ip_address(host)
    except ValueError:
        return None


def is_odd_number(host: str) -> bool:
    """Whether a resolver would take `host` for an IPv4 address in disguise, such as 2130706433 or 0x7f.1."""
    last = host.rstrip(".").rpartition(".")[2]
    numeric = last.isdigit() or last.startswith("0x")
    return numeric and literal(host) is None


@lru_cache(1024)
def is_loopback_name(host: str) -> bool:
    """Whether `host` is this machine by its very name (RFC 6761 6.3)."""
    address = literal(host)
    return host == "localhost" or host.endswith(".localhost") or (address is not None and address.is_loopback)


async def addresses(host: str, port: int) -> Sequence[IPAddress]:
    """All addresses of a host, in the resolver's order; raises OSError if there are none."""
    loop = asyncio.get_running_loop()
    found = await loop.getaddrinfo(host, port, type=socket.SOCK_STREAM)
    return list(dict.fromkeys(ipaddress.ip_address(entry[4][0]) for entry in found))
