"""What becomes of work while the database is away: everybody hears so in time, and nothing is done twice."""

from typing import Final

from sqlalchemy.exc import DBAPIError
from sqlalchemy.exc import TimeoutError as PoolTimeout


class Unavailable(Exception):
    """The database cannot do the work now; whoever asked may ask again."""


class DatabaseAway(Unavailable):
    """The database could not do what it was asked for, through no fault of the job; nothing was changed."""


class CannotBegin(Exception):
    """No transaction could be begun, so that there is no use in trying another right now; `error` says why."""

    def __init__(self, error: Exception) -> None:
        super().__init__(type(error).__name__)
        self.error = error


class Overdue(Unavailable):
    """The work has waited for its turn so long that whoever asked has most likely gone; it was not begun."""


class Unsure(Unavailable):
    """The connection was lost while the database made a transaction durable: it is there as a whole, or not at all.

    So the work must not be done again by us. Who asks again finds their answer as it is.
    """


AWAY: Final = (DBAPIError, PoolTimeout, Unavailable)
"""What work raises while the database is away."""
PATIENCE = 15.0
"""Seconds that work waits for its turn; a proxy waits longer, so that nothing is done for whom it told otherwise."""
