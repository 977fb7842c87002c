"""Whether the file that SQLite writes into is still the one that people will find."""

import os
from collections.abc import Callable

from reflect.storage.outages import DatabaseAway


def same_file(path: str) -> Callable[[], None]:
    """What raises DatabaseAway when the file that SQLite has opened is not at its path any more, or is another.

    SQLite goes on with a file that was deleted or moved away, and loses all that it acknowledges when it is closed. And
    where the file is gone and its log is there, SQLite would make a new file, and destroy the log as one of no use.
    """
    path = os.path.abspath(path)
    opened = _number(path)

    def must_be_there() -> None:
        nonlocal opened
        there = _number(path)
        if there is None and is_gone(path):
            raise DatabaseAway("the file of the database is gone, and its log is there")
        opened = opened or there  # a new database has no file before its first transaction
        if there != opened:
            raise DatabaseAway("the file of the database is not the one that was opened")

    return must_be_there


def is_gone(path: str) -> bool:
    """Whether SQLite's file is missing and its log is there. The file is looked for twice, because another process may
    just have made both."""
    return _number(path) is None and os.path.exists(f"{path}-wal") and _number(path) is None


def _number(path: str) -> tuple[int, int] | None:
    try:
        found = os.stat(path)
    except OSError:
        return None
    return found.st_dev, found.st_ino
