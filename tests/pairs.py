"""RSA pairs for tests. One takes as long to make as many a test takes, so each process makes each of them once."""

from collections.abc import Iterator
from functools import cache
from itertools import count

from reflect.demo.tokens import SigningKey, new_key
from reflect.lti.keys import KeyPair, generate


def pairs() -> Iterator[KeyPair]:
    """Pairs for tools, no two of them alike; whoever asks anew gets the same ones again."""
    return map(_pair, count())


def platform_keys(number: int = 2) -> list[SigningKey]:
    """So many pairs for a platform, the same each time."""
    return [_platform_key(place) for place in range(number)]


@cache
def _pair(_place: int) -> KeyPair:
    return generate()


@cache
def _platform_key(_place: int) -> SigningKey:
    return new_key()
