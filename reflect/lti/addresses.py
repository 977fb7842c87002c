"""Strict reading of web addresses that came from outside: what is odd is no address."""

from collections.abc import Callable
from functools import lru_cache
from typing import Final, NamedTuple
from urllib.parse import urlsplit

LONGEST: Final = 4096
_DEFAULT_PORTS: Final = {"http": 80, "https": 443}


class Origin(NamedTuple):
    """Scheme, host and port as a browser compares them (RFC 6454); host in lower case, without brackets."""

    scheme: str
    host: str
    port: int


@lru_cache(2048)
def origin(url: str) -> Origin | None:
    """The origin of an absolute http(s) URL; None for any other scheme, a user part or an odd spelling."""
    if len(url) > LONGEST or not url.isprintable() or " " in url or "\\" in url:
        return None
    try:
        parts = urlsplit(url)
        host, port = parts.hostname, parts.port
    except ValueError:
        return None
    default = _DEFAULT_PORTS.get(parts.scheme)
    if default is None or not host or "@" in parts.netloc or not url[len(parts.scheme) :].startswith("://"):
        return None
    return Origin(parts.scheme, host, default if port is None else port)


def is_secure(url: str, plain_http: Callable[[str], bool]) -> bool:
    """Whether `url` is https, or http where `plain_http(url)` says that is fine."""
    found = origin(url)
    return found is not None and (found.scheme == "https" or plain_http(url))
