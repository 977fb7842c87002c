"""How often something may be done: limits that hold over all workers and machines, without keeping who did it.

A key (a network, a code, an API key's number) is stored as a hash under a key of its own for each limit and each
window, derived from the installation's secret. So no row can be joined to one of another limit or window, a copy of
the database tells nobody which network it was, and the row is deleted when it counts no more.

What was counted in the window before counts for as much as its part that is not yet a whole window ago. So a limit
does not begin anew where a window ends, and nothing finer than windows is kept for it.
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
    """At most so many for each key within a window; windows begin with the clock, not with the first try."""

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
    hash_before: bytes
    """What it was counted under in the window before."""
    began: float
    """How much of the window is over, from 0 to 1."""
    forgotten_at: datetime
    """When what is counted now counts no more."""

    def wait(self, db: Session) -> float:
        """Seconds until one more is let through; 0 if it is now."""
        return self._wait(rates.counted(db, self.hash_before), rates.counted(db, self.key_hash))

    def take(self, db: Session) -> float:
        """Count one more if it is within the limit; seconds to wait if it is not."""
        # Counted first: whoever comes at the same time waits for this row.
        counted = rates.add(db, self.key_hash, self.forgotten_at)
        wait = self._wait(rates.counted(db, self.hash_before), counted - 1)
        if wait:
            rates.take_back(db, self.key_hash)
        return wait

    @property
    def order(self) -> int:
        """Where a transaction takes this row (`Database.write`): before all check-ins, and everywhere in one order."""
        return -1 - int.from_bytes(self.key_hash[:7])

    def _wait(self, before: int, counted: int) -> float:
        most, seconds = self.limit.most, self.limit.window.total_seconds()
        before, room = min(before, most), most - 1 - counted
        if before * (1 - self.began) <= room:
            return 0.0
        if room >= 0:
            return seconds * (1 - room / before - self.began)
        # Not in this window any more; in the next, these here are those before.
        return seconds * (1 - self.began + 1 / most)


def count_of(keyring: Keyring, limit: Limit, key: str, now: datetime) -> Count:
    """What the key is counted under at this moment."""
    seconds = limit.window.total_seconds()
    number, passed = divmod(now.timestamp(), seconds)
    return Count(
        limit,
        key_hash=_hash(keyring, limit, key, int(number)),
        hash_before=_hash(keyring, limit, key, int(number) - 1),
        began=passed / seconds,
        forgotten_at=datetime.fromtimestamp((int(number) + 2) * seconds, UTC),
    )


def _hash(keyring: Keyring, limit: Limit, key: str, number: int) -> bytes:
    return blake2b(key.encode(), digest_size=HASH_SIZE, key=_key_of_window(keyring, limit.name, number)).digest()


@lru_cache(64)
def _key_of_window(keyring: Keyring, name: str, number: int) -> bytes:
    return keyring.key_for(f"rate: {name}, {number}")
