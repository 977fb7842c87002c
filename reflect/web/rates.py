"""How often something may be done from one place, without keeping who did it.

A place is a network (the first part of an address), hashed under a salt that lives for one period in this process's
memory only. Each process keeps its own count, so several workers together let through several times as much.
"""

import secrets
import time
from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass, field
from hashlib import blake2b

PERIOD = 600.0
MOST_KEYS = 50_000


class Rate:
    """Counts up to a limit for each key, and begins anew (with another salt) every so many seconds."""

    def __init__(self, limit: int, seconds: float = PERIOD, clock: Callable[[], float] = time.monotonic) -> None:
        self._limit, self._seconds, self._clock = limit, seconds, clock
        self._begin()

    def _begin(self) -> None:
        self._ends, self._salt = self._clock() + self._seconds, secrets.token_bytes(16)
        self._counts: Counter[bytes] = Counter()

    def _hashed(self, key: str) -> bytes:
        # A full house begins anew rather than growing: whoever fills it has many networks to do it from anyway.
        if self._clock() >= self._ends or len(self._counts) >= MOST_KEYS:
            self._begin()
        return blake2b(key.encode(), digest_size=12, key=self._salt).digest()

    def is_used_up(self, key: str) -> bool:
        """Whether the key has reached the limit in this period."""
        return self._counts[self._hashed(key)] >= self._limit if self._counts else False

    def note(self, key: str) -> None:
        """Count one more for the key."""
        self._counts[self._hashed(key)] += 1

    @property
    def seconds_left(self) -> int:
        """Until it begins anew."""
        return max(1, int(self._ends - self._clock()))


@dataclass(frozen=True, slots=True)
class GuestRates:
    """What guests may do within ten minutes. A whole hall may sit behind one address, so the limits are wide."""

    wrong_codes: Rate = field(default_factory=lambda: Rate(30))
    """From one network: nobody mistypes so often, and whoever guesses gets nowhere."""
    answers_of_network: Rate = field(default_factory=lambda: Rate(150))
    answers_of_code: Rate = field(default_factory=lambda: Rate(300))


def api_rate() -> Rate:
    """How often a key may call within a minute: a year of a large school in a few minutes, and no flood."""
    return Rate(120, 60.0)
