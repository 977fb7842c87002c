"""How often something may be done, without keeping who did it: refused with 429 and with how long to wait.

What must hold over all workers and machines is counted in the database (`domain.rates`); what one person changes, and
what one platform sends, is counted in each worker's memory, for a database that is asked on every answer would cost
more than the flood. A place is a network (the first part of an address).
"""

import time
from collections import Counter
from collections.abc import Callable, Hashable
from datetime import datetime, timedelta
from math import ceil

from starlette.exceptions import HTTPException

from reflect.domain.rates import Count, Limit, count_of
from reflect.keyring import Keyring
from reflect.storage.database import Database
from reflect.storage.outages import DatabaseAway, Unsure

MINUTE = 60.0
MOST_KEYS = 50_000
CHANGES_OF_PERSON = 300
"""Within a minute, in each worker: a form that saves itself after every word does a fifth of it."""
LAUNCHES_OF_PLATFORM = 30_000
"""Within a minute, in each worker: about half of what it can do, so that the other half is left to the others. A
platform that is alone here is never refused."""
REFUSALS_OF_NETWORK = 600
"""Within a minute, in each worker: launches beyond it are refused with fewer words and no line in the log."""


def too_many(code: str, seconds: float) -> HTTPException:
    """The refusal of what came too often; `seconds` until it is taken again."""
    return HTTPException(429, code, headers={"Retry-After": str(max(1, ceil(seconds)))})


class Rates:
    """What all workers and machines count together."""

    def __init__(self, database: Database, keyring: Keyring) -> None:
        self._database, self._keyring = database, keyring
        self._used_up: dict[bytes, datetime] = {}
        """What this worker knows to be used up, and until when: a flood does not reach the database."""

    async def must_be_left(self, now: datetime, limit: Limit, key: str) -> None:
        """Look whether the key has something left; raises 429 `too_many_tries`."""
        count = count_of(self._keyring, limit, key, now)
        self._must_not_be_known(count, now, "too_many_tries")
        if wait := await self._database.look_up(count.wait):
            raise self._refused(count, now, wait, "too_many_tries")

    async def take(self, now: datetime, limit: Limit, key: str, code: str = "too_many_tries") -> None:
        """Count one more for the key; raises 429 with the code beyond the limit, DatabaseAway where it cannot."""
        count = count_of(self._keyring, limit, key, now)
        self._must_not_be_known(count, now, code)
        try:
            # Should the power fail, a few are not counted.
            wait = await self._database.write(count.take, is_durable=False, order=count.order)
        except Unsure as error:
            raise DatabaseAway from error  # counted or not: what it is counted for is not done
        if wait:
            raise self._refused(count, now, wait, code)

    def _must_not_be_known(self, count: Count, now: datetime, code: str) -> None:
        until = self._used_up.get(count.key_hash, now)
        if until > now:
            raise too_many(code, (until - now).total_seconds())

    def _refused(self, count: Count, now: datetime, wait: float, code: str) -> HTTPException:
        if len(self._used_up) >= MOST_KEYS:
            self._used_up.clear()
        self._used_up[count.key_hash] = now + timedelta(seconds=wait)
        return too_many(code, wait)


class Rate:
    """Counts up to a limit for each key in this worker's memory, and begins anew every minute.

    Of a key nothing stays but its hash, which no other process would give it (`PYTHONHASHSEED`).
    """

    def __init__(self, limit: int, clock: Callable[[], float] = time.monotonic) -> None:
        self._limit, self._clock = limit, clock
        self._ends, self._counts = 0.0, Counter[int]()

    def is_used_up(self, key: Hashable) -> bool:
        """Whether the key has reached the limit in this minute."""
        self._go_on()
        return hash(key) in self._counts and self._counts[hash(key)] >= self._limit

    def note(self, key: Hashable) -> None:
        """Count one more for the key."""
        self._go_on()
        self._counts[hash(key)] += 1

    def use_up(self, key: Hashable) -> None:
        """Let the key have nothing left in this minute."""
        self._go_on()
        self._counts[hash(key)] = self._limit

    def is_alone(self, key: Hashable) -> bool:
        """Whether nothing else was counted in this minute."""
        self._go_on()
        return all(other == hash(key) for other in self._counts)

    @property
    def seconds_left(self) -> float:
        """Until it begins anew."""
        return max(1.0, self._ends - self._clock())

    def _go_on(self) -> None:
        # A full house begins anew rather than growing: whoever fills it has many places to do it from anyway.
        if self._clock() >= self._ends or len(self._counts) >= MOST_KEYS:
            self._ends = self._clock() + MINUTE
            self._counts.clear()


class Changes:
    """What one person changes within a minute, in this worker.

    A session's token is looked at before any work; who it belongs to is known after. Once a person is through, so are
    all the sessions that they come with.
    """

    def __init__(self, limit: int, clock: Callable[[], float] = time.monotonic) -> None:
        self._rate = Rate(limit, clock)

    def take(self, token: str) -> None:
        """Count a try of a session; raises 429 `too_fast`."""
        if self._rate.is_used_up(token):
            raise too_many("too_fast", self._rate.seconds_left)
        self._rate.note(token)

    def was_of(self, token: str, person_id: int) -> None:
        """Count a change of a person, who is known by now."""
        self._rate.note(("person", person_id))
        if self._rate.is_used_up(("person", person_id)):
            self._rate.use_up(token)


class Launches:
    """What platforms send within a minute, in this worker: none can keep it from the others."""

    def __init__(self, limit: int, clock: Callable[[], float] = time.monotonic) -> None:
        self._rate = Rate(limit, clock)

    def take(self, registration_id: int) -> None:
        """Count a launch; raises 429 `too_fast` beyond the limit, if other platforms launch in the same minute."""
        if self._rate.is_used_up(registration_id) and not self._rate.is_alone(registration_id):
            raise too_many("too_fast", self._rate.seconds_left)
        self._rate.note(registration_id)
