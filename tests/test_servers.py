"""The servers of the tests: their ports are free when they begin, and nobody who comes at their end keeps them."""

import socket
import sys
import threading
from contextlib import suppress
from itertools import islice
from pathlib import Path

import pytest
from starlette.applications import Starlette

from tests.servers import PORTS, SHARES, Server, free_port, listening, ports_of


@pytest.mark.skipif(sys.platform != "linux", reason="elsewhere a kernel says otherwise from where it gives")
def test_no_port_is_one_that_a_kernel_gives_to_whoever_asks_for_any() -> None:
    first, last = map(int, Path("/proc/sys/net/ipv4/ip_local_port_range").read_text().split())
    assert not set(PORTS) & set(range(first, last + 1))


def test_processes_of_one_run_share_no_port_and_another_run_begins_elsewhere() -> None:
    each = len(PORTS) // SHARES
    own = [set(islice(ports_of(f"gw{number}", 7), 2 * each)) for number in range(SHARES)]
    assert sum(map(len, own)) == len(set().union(*own)) == len(PORTS)
    assert next(ports_of("", 7)) != next(ports_of("", 8))


def test_a_port_is_given_once_and_never_while_somebody_listens_there() -> None:
    one = free_port()
    own = PORTS[(one - PORTS.start) % SHARES :: SHARES]
    at = own.index(one) + 1
    with socket.socket() as following:
        # Another run, or a connection that has just ended, may have the next one, which is then not given either.
        taken = next(port for port in (*own[at:], *own[:at]) if binds(following, port))
        assert free_port() not in {one, taken}


def binds(one: socket.socket, port: int) -> bool:
    with suppress(OSError):
        one.bind(("127.0.0.1", port))
        return True
    return False


@pytest.mark.parametrize("_again", range(10))
def test_who_comes_while_a_server_stops_does_not_keep_it(_again: int) -> None:
    bound, server = listening(), Server(Starlette())
    address = bound.getsockname()
    thread = threading.Thread(target=server.run, kwargs={"sockets": [bound]})
    thread.start()
    server.is_up.wait()
    server.stop()
    visitors = [socket.socket() for _ in range(30)]
    for visitor in visitors:
        visitor.setblocking(False)
        visitor.connect_ex(address)
    thread.join(10)
    kept = thread.is_alive()
    for opened in (*visitors, bound):
        opened.close()
    thread.join()
    assert not kept
