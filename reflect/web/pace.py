"""Writing things down now and then: what may happen a thousand times a second must not write a thousand times."""

import time
from collections import OrderedDict
from collections.abc import Callable, Hashable
from dataclasses import dataclass, field

MOST_KEYS = 10_000


class Pace:
    """Says for each key at most once in so many seconds that it is due; each process keeps its own time."""

    def __init__(self, seconds: float, clock: Callable[[], float] = time.monotonic) -> None:
        self._seconds = seconds
        self._clock = clock
        self._last: OrderedDict[Hashable, float] = OrderedDict()

    def is_due(self, key: Hashable) -> bool:
        """Whether it is time again; the time counts from a Yes."""
        if self.was_done(key):
            return False
        self.done(key)
        return True

    def was_done(self, key: Hashable) -> bool:
        """Whether it is not time yet."""
        last = self._last.get(key)
        return last is not None and self._clock() - last < self._seconds

    def done(self, key: Hashable) -> None:
        """The time counts from now: for what must have been done, and not only begun, before somebody goes on."""
        self._last[key] = self._clock()
        self._last.move_to_end(key)
        if len(self._last) > MOST_KEYS:
            self._last.popitem(last=False)

    def forget(self) -> None:
        """Make every key due at once."""
        self._last.clear()


@dataclass(frozen=True, slots=True)
class Notes:
    """When launches that went well (by deployment), refusals (by registration and code), readers of named answers (by
    check-in, reader and hour) and a clock that nobody believes (by what is not done) are written down again; and when
    platforms are asked for the time."""

    launches: Pace = field(default_factory=lambda: Pace(1))
    refusals: Pace = field(default_factory=lambda: Pace(1))
    accesses: Pace = field(default_factory=lambda: Pace(3600))
    clock: Pace = field(default_factory=lambda: Pace(3600))
    witnesses: Pace = field(default_factory=lambda: Pace(3600))
