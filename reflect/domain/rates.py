"""How often something may be done: limits that hold over all workers and machines, without keeping who did it.

A key (a network, a code, an API key's number) is stored as a hash under a key of its own for each limit and each
window, derived from the installation's secret. So no row can be joined to one of another limit or window, a copy of
the database tells nobody which network it was, and the row is deleted after the window.
"""

from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from functools import lru_cache
from hashlib import blake2b

from sqlmodel import Session

from reflect.keyring import Keyring
from reflect.storage import rates

TEN_MINUTES = timedelta(minutes=10)
HASH_SIZE = 16


@dataclass(frozen=True, slots=True)
class Limit:
    """At most so many for each key within each window; windows begin with the clock, not with the first try."""

    name: str
    most: int
    window: timedelta = TEN_MINUTES


# Whole halls and schools sit behind one address, so limits of a network are wide.
WRONG_CODES = Limit("wrong codes of a network", 30)
"""Nobody mistypes a guest's code so often, and whoever guesses gets nowhere."""
GUESTS_OF_NETWORK = Limit("guests of a network", 150)
GUESTS_OF_CODE = Limit("guests of a code", 300)
WRONG_ENTRIES = Limit("wrong entries of a network", 30)
"""Addresses to sign in or to register by that were not good."""
SIGN_INS = Limit("sign-ins of a network", 1200)
"""Each makes Reflect call the provider; a whole school comes at nine."""
API_CALLS = Limit("calls of a key", 120, timedelta(minutes=1))
"""A year of a large school in a few minutes, and no flood."""


@dataclass(frozen=True, slots=True)
class Count:
    """What one key is counted under now."""

    limit: Limit
    key_hash: bytes
    ends_at: datetime

    def is_used_up(self, db: Session) -> bool:
        """Whether no more is let through in this window."""
        return rates.counted(db, self.key_hash) >= self.limit.most

    def take(self, db: Session) -> bool:
        """Count one more; whether it is still within the limit."""
        return rates.add(db, self.key_hash, self.ends_at) <= self.limit.most

    @property
    def order(self) -> int:
        """Where a transaction takes this row (`Database.write`): before all check-ins, and everywhere in one order."""
        return -1 - int.from_bytes(self.key_hash[:7])


def count_of(keyring: Keyring, limit: Limit, key: str, now: datetime) -> Count:
    """What the key is counted under at this moment."""
    seconds = int(limit.window.total_seconds())
    number = int(now.timestamp()) // seconds
    ends_at = datetime.fromtimestamp((number + 1) * seconds, UTC)
    hashed = blake2b(key.encode(), digest_size=HASH_SIZE, key=_key_of_window(keyring, limit.name, number))
    return Count(limit, hashed.digest(), ends_at)


@lru_cache(64)
def _key_of_window(keyring: Keyring, name: str, number: int) -> bytes:
    return keyring.key_for(f"rate: {name}, {number}")
