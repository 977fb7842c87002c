"""Log lines wait in a queue of their own, so that a full disk or a reader that stands still holds no request up."""

import atexit
import logging
import time
from contextlib import suppress
from logging.handlers import QueueHandler, QueueListener
from queue import Full, Queue

MOST_LINES = 10_000
"""Lines that wait; what comes beyond them is lost, and requests are not."""
LAST_WORDS = 1.0
"""Seconds that an ending process gives what still waits."""


class _Waiting(QueueHandler):
    """Puts records into the queue as they are: their fields and not only their words are what gets written."""

    queue: "Queue[logging.LogRecord]"

    def prepare(self, record: logging.LogRecord) -> logging.LogRecord:
        return record

    def enqueue(self, record: logging.LogRecord) -> None:
        with suppress(Full):
            self.queue.put_nowait(record)


def queue() -> None:
    """Let the process's log be written by a thread of its own from now on.

    A line that cannot be written is given up in silence: where would one say so?
    """
    logging.raiseExceptions = False
    root, lines = logging.getLogger(), Queue[logging.LogRecord](MOST_LINES)
    listener = QueueListener(lines, *root.handlers)
    root.handlers = [_Waiting(lines)]
    listener.start()
    atexit.register(_flush, lines)


def flush() -> None:
    """Let what still waits be written; for a process that ends, or becomes another, without going the usual way."""
    for handler in logging.getLogger().handlers:
        if isinstance(handler, _Waiting):
            _flush(handler.queue)


def _flush(lines: "Queue[logging.LogRecord]") -> None:
    # Not until it is empty: the last line would be out of it, and not yet written.
    deadline = time.monotonic() + LAST_WORDS
    while lines.unfinished_tasks and time.monotonic() < deadline:
        time.sleep(0.01)
