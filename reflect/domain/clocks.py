"""Whether the clock can be believed before something is done that cannot be undone.

A machine that comes up with a wrong clock would find everything overdue: all courses to be deleted, all check-ins to
be closed. Two things speak for a clock: that it went on as time did since it was last believed, and a launch that went
well lately, since one only does where a platform's clock says the same (its token is refused otherwise). What people
or programs wrote down here by the same clock is no witness.
"""

import time
from collections.abc import Callable, Sequence
from datetime import datetime, timedelta

QUIET = timedelta(days=100)
"""For so long there may be no launch at all: the longest holidays and some weeks."""
LEAP = timedelta(hours=1)
"""So much a clock may be set forward; a second in a month is usual."""
WITNESSED, ALONE = timedelta(days=1), timedelta(days=14)
"""For so long a doubted clock must go on as time does: with platforms that say the same, or with none that answers."""


def _since_boot() -> float:
    """Seconds that nobody can set, those of a machine's sleep included where the system counts them."""
    boot = getattr(time, "CLOCK_BOOTTIME", None)
    return time.monotonic() if boot is None else time.clock_gettime(boot)


class Trust:
    """What one process knows of its clock."""

    def __init__(self, elapsed: Callable[[], float] = _since_boot) -> None:
        self._elapsed = elapsed
        self._believed: tuple[datetime, float] | None = None
        self._doubted: tuple[datetime, float] | None = None
        """Since when the clock goes on as time does, though nobody confirms it."""

    def goes_on(self, now: datetime) -> bool:
        """Whether the clock was believed before, and has gone on as time did. A clock that was set back is believed:
        by it nothing is due that was not due before."""
        expected = self._expected(self._believed)
        return expected is not None and now - expected <= LEAP and self._believe(now)

    def is_confirmed(self, now: datetime, launched_at: datetime | None) -> bool:
        """The same, with the last launch as a witness: after a leap one that came since; else one that is not long ago.

        Where there never was one, there is nothing to lose.
        """
        if self.goes_on(now):
            return True
        expected = self._expected(self._believed)
        if expected is None:
            return (launched_at is None or now - launched_at <= QUIET) and self._believe(now)
        return launched_at is not None and launched_at - expected > LEAP / 2 and self._believe(now)

    def is_steady(self, now: datetime, told: Sequence[datetime]) -> bool:
        """The same of a clock that no launch confirms, by how long it goes on, and by what the clocks of platforms told
        just now. One that says something else is enough to go on doubting."""
        expected = self._expected(self._doubted)
        is_other = expected is None or abs(now - expected) > LEAP or any(abs(now - it) > LEAP for it in told)
        if self._doubted is None or is_other:
            self._doubted = now, self._elapsed()
            return False
        patience = WITNESSED if told else ALONE
        return self._elapsed() - self._doubted[1] >= patience.total_seconds() and self._believe(now)

    def _expected(self, known: tuple[datetime, float] | None) -> datetime | None:
        if known is None:
            return None
        then, elapsed = known
        return then + timedelta(seconds=self._elapsed() - elapsed)

    def _believe(self, now: datetime) -> bool:
        self._believed, self._doubted = (now, self._elapsed()), None
        return True
