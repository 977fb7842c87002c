"""The ports that tests give to servers which begin later: free then, too."""

import socket
import sys
from itertools import islice
from pathlib import Path

import pytest

from tests.servers import PORTS, SHARES, free_port, ports_of


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
    with socket.socket() as following:
        following.bind(("127.0.0.1", one + SHARES if one + SHARES in PORTS else one + SHARES - len(PORTS)))
        assert free_port() not in {one, following.getsockname()[1]}
