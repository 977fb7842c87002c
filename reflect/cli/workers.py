"""Several processes that serve on one socket."""

import multiprocessing
import signal
import socket
import sys
from types import FrameType
from typing import Final

import uvicorn
from uvicorn.supervisors import multiprocess

from reflect.cli.reloads import tell, will_do
from reflect.settings import SettingsRefused
from reflect.web import log_lines

FORKED: Final = sys.platform == "linux"
"""Elsewhere there is no fork, or the system's libraries do not bear it: there each worker loads everything anew."""


class Workers(multiprocess.Multiprocess):
    """Processes that share a socket: SIGHUP replaces one after the other, and one that dies is replaced, too."""

    def restart_all(self) -> None:
        """Replace the workers, but for settings with which the new ones would not begin."""
        if will_do():
            super().restart_all()

    def terminate_all(self) -> None:
        """Let nobody connect any more before the workers stop: nobody would answer."""
        for listening in self.sockets:
            listening.close()
        super().terminate_all()


class Worker(multiprocess.Process):
    """A worker that is forked: what was loaded lies in memory once for all, and whoever is replaced is so at once, by
    the same release.

    The process that forks has no threads, no open database and no event loop.
    """

    def __init__(self, config: uvicorn.Config, sockets: list[socket.socket]) -> None:
        super().__init__(config, sockets)
        self.process = multiprocessing.get_context("fork").Process(target=self._begin, args=(sockets,))  # type: ignore[assignment]

    def start(self) -> None:
        """Fork; a signal that comes before the worker listens to its own waits, and is not lost with the parent's."""
        before = signal.pthread_sigmask(signal.SIG_BLOCK, multiprocess.SIGNALS)
        try:
            super().start()
        finally:
            signal.pthread_sigmask(signal.SIG_SETMASK, before)

    def _begin(self, sockets: list[socket.socket]) -> None:
        for number in multiprocess.SIGNALS:
            signal.signal(number, signal.SIG_DFL)
        signal.signal(signal.SIGTERM, _end)
        signal.pthread_sigmask(signal.SIG_UNBLOCK, multiprocess.SIGNALS)
        try:
            self.target(sockets)
        except KeyboardInterrupt:
            pass  # of the whole group: the parent ends, too
        except SettingsRefused as refusal:  # who takes the place of one that died, after the settings were changed
            tell("a worker did not begin", refusal)
            sys.exit(1)
        finally:
            log_lines.flush()  # a forked process does nothing else at its end


def _end(number: int, _frame: FrameType | None) -> None:
    """The server has finished, or not begun."""
    sys.exit(128 + number)


if FORKED:
    multiprocess.Process = Worker  # type: ignore[misc]
