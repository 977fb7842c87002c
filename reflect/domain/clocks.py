"""Whether the clock can be believed before something is done that cannot be undone.

A machine that comes up with a wrong clock would find everything overdue: all courses to be deleted, all check-ins to
be closed. Two things speak for a clock: that it went on as time did since it was last believed, and a launch that went
well lately, since one only does where a platform's clock says the same (its token is refused otherwise). What people
or programs wrote down here by the same clock is no witness.
"""

import time
from collections.abc import Callable
from datetime import datetime, timedelta

QUIET = timedelta(days=100)
"""For so long there may be no launch at all: the longest holidays and some weeks."""
LEAP = timedelta(hours=1)
"""So much a clock may be set forward; a second in a month is usual."""


def _since_boot() -> float:
    """Seconds that nobody can set, those of a machine's sleep included where the system counts them."""
    boot = getattr(time, "CLOCK_BOOTTIME", None)
    return time.monotonic() if boot is None else time.clock_gettime(boot)


class Trust:
    """What one process knows of its clock."""

    def __init__(self, elapsed: Callable[[], float] = _since_boot) -> None:
        self._elapsed = elapsed
        self._believed: tuple[datetime, float] | None = None

    def goes_on(self, now: datetime) -> bool:
        """Whether the clock was believed before, and has gone on as time did. A clock that was set back is believed:
        by it nothing is due that was not due before."""
        expected = self._expected()
        return expected is not None and now - expected <= LEAP and self._believe(now)

    def is_confirmed(self, now: datetime, launched_at: datetime | None) -> bool:
        """The same, with the last launch as a witness: after a leap one that came since; else one that is not long ago.

        Where there never was one, there is nothing to lose.
        """
        if self.goes_on(now):
            return True
        expected = self._expected()
        if expected is None:
            return (launched_at is None or now - launched_at <= QUIET) and self._believe(now)
        return launched_at is not None and launched_at - expected > LEAP / 2 and self._believe(now)

    def _expected(self) -> datetime | None:
        if self._believed is None:
            return None
        then, elapsed = self._believed
        return then + timedelta(seconds=self._elapsed() - elapsed)

    def _believe(self, now: datetime) -> bool:
        self._believed = now, self._elapsed()
        return True
