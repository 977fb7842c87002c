"""When nothing can be written at all: the database cannot be reached, is held by another, full, or not there."""

import os
from collections.abc import Callable

from reflect.storage.outages import Unavailable


class DatabaseAway(Unavailable):
    """The database could not do what it was asked for, through no fault of the job; nothing was changed."""


class CannotBegin(Exception):
    """No transaction could be begun, so that there is no use in trying another right now; `error` says why."""

    def __init__(self, error: Exception) -> None:
        super().__init__(type(error).__name__)
        self.error = error


def same_file(path: str) -> Callable[[], None]:
    """What raises DatabaseAway when the file that SQLite has opened is not at its path any more, or is another.

    SQLite goes on with a file that was deleted or moved away, and loses all that it acknowledges when it is closed.
    """
    path = os.path.abspath(path)
    opened = _number(path)

    def must_be_there() -> None:
        nonlocal opened
        there = _number(path)
        opened = opened or there  # a new database has no file before its first transaction
        if there != opened:
            raise DatabaseAway("the file of the database is not the one that was opened")

    return must_be_there


def _number(path: str) -> tuple[int, int] | None:
    try:
        found = os.stat(path)
    except OSError:
        return None
    return found.st_dev, found.st_ino
