"""A network of machines on this one: each a network namespace, wired to one bridge, with addresses nobody else sees.

Nothing of the machine's own network is touched: the bridge, too, lies in a namespace.
"""

import ctypes
import os
import secrets
import socket
import subprocess
import threading
from collections.abc import Callable, Iterator, Sequence
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from typing import TypeVar

T = TypeVar("T")

MIDDLE = "10.77.0.1"
"""The address of whatever is not a machine of its own: the bridge's."""
_NEW_NETWORK = 0x40000000  # CLONE_NEWNET
_libc = ctypes.CDLL(None, use_errno=True)


def why_not() -> str | None:
    """Why this machine lets us make no networks; None if it does."""
    name = f"reflect-{secrets.token_hex(4)}"
    try:
        _ip("netns", "add", name)
        _ip("netns", "delete", name)
    except (OSError, subprocess.CalledProcessError) as error:
        told = error.stderr if isinstance(error, subprocess.CalledProcessError) else error
        return f"no network namespaces here: {str(told).strip()}"
    return None


@dataclass(frozen=True)
class Machine:
    """A namespace with one address."""

    namespace: str
    address: str

    def command(self, words: Sequence[str]) -> list[str]:
        """The command line that runs another one there, as the same process."""
        return ["nsenter", f"--net=/run/netns/{self.namespace}", "--", *words]

    def do(self, work: Callable[[], T]) -> T:
        """Do something there: sockets belong to the network they were made in, for as long as they live."""
        results: list[T] = []

        def enter() -> None:
            network = os.open(f"/run/netns/{self.namespace}", os.O_RDONLY)
            try:
                if _libc.setns(network, _NEW_NETWORK):
                    raise OSError(ctypes.get_errno(), "setns")
            finally:
                os.close(network)
            results.append(work())

        thread = threading.Thread(target=enter)
        thread.start()
        thread.join()
        return results[0]

    def bound(self, address: str, port: int) -> socket.socket:
        """A socket that is bound there."""

        def bind() -> socket.socket:
            found = socket.socket()
            found.bind((address, port))
            return found

        return self.do(bind)


@dataclass(frozen=True)
class Lan:
    """The middle, and the machines by their names."""

    middle: Machine
    machines: dict[str, Machine]

    def cut(self, name: str) -> None:
        """Pull a machine's plug."""
        _ip("-n", self.middle.namespace, "link", "set", f"to-{name}", "down")

    def mend(self, name: str) -> None:
        """Put it in again."""
        _ip("-n", self.middle.namespace, "link", "set", f"to-{name}", "up")


@contextmanager
def lan(names: Sequence[str]) -> Iterator[Lan]:
    """Machines of these names, and what lies between them, until the block ends."""
    prefix = f"reflect-{secrets.token_hex(4)}"
    with ExitStack() as closing:
        middle = Machine(_made(closing, f"{prefix}-middle"), MIDDLE)
        _ip("-n", middle.namespace, "link", "add", "bridge", "type", "bridge", "forward_delay", "0")
        _ip("-n", middle.namespace, "address", "add", f"{MIDDLE}/24", "dev", "bridge")
        _ip("-n", middle.namespace, "link", "set", "bridge", "up")
        machines = {}
        for number, name in enumerate(names, 11):
            there = machines[name] = Machine(_made(closing, f"{prefix}-{name}"), f"10.77.0.{number}")
            wire = f"link add to-{name} type veth peer name eth0 netns {there.namespace}"
            _ip("-n", middle.namespace, *wire.split())
            _ip("-n", middle.namespace, "link", "set", f"to-{name}", "master", "bridge", "up")
            _ip("-n", there.namespace, "address", "add", f"{there.address}/24", "dev", "eth0")
            _ip("-n", there.namespace, "link", "set", "eth0", "up")
        yield Lan(middle, machines)


def _made(closing: ExitStack, namespace: str) -> str:
    _ip("netns", "add", namespace)
    closing.callback(_ip, "netns", "delete", namespace)
    _ip("-n", namespace, "link", "set", "lo", "up")
    return namespace


def _ip(*words: str) -> None:
    subprocess.run(["ip", *words], check=True, capture_output=True, text=True)
