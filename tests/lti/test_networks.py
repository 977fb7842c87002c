import asyncio
import ipaddress

import pytest

from reflect.lti import networks

HIDDEN = [
    "0.0.0.0",
    "10.1.2.3",
    "100.64.0.1",
    "127.0.0.1",
    "169.254.169.254",
    "172.16.0.1",
    "192.168.0.1",
    "198.18.0.1",
    "224.0.0.1",
    "240.0.0.1",
    "255.255.255.255",
    "::",
    "::1",
    "::127.0.0.1",
    "::8.8.8.8",
    "::ffff:127.0.0.1",
    "::ffff:8.8.8.8",
    "::ffff:0:127.0.0.1",
    "64:ff9b::127.0.0.1",
    "64:ff9b:1::1",
    "2001::1",
    "2002:7f00:1::",
    "2001:db8::1",
    "fc00::1",
    "fd12:3456::1",
    "fe80::1",
    "fec0::1",
    "ff02::1",
]


@pytest.mark.parametrize("address", HIDDEN)
def test_an_address_that_may_lead_inside_is_not_public(address: str) -> None:
    assert not networks.is_public(ipaddress.ip_address(address))


@pytest.mark.parametrize("address", ["8.8.8.8", "93.184.216.34", "2606:2800:220:1::1"])
def test_an_address_on_the_internet_is_public(address: str) -> None:
    assert networks.is_public(ipaddress.ip_address(address))


@pytest.mark.parametrize("host", ["2130706433", "0x7f000001", "0177.0.0.1", "127.1", "127.0.0.1.", "1.2.3", "a.0x7f"])
def test_a_number_that_is_no_plain_address_is_odd(host: str) -> None:
    assert networks.is_odd_number(host)


@pytest.mark.parametrize("host", ["127.0.0.1", "::1", "lms.example.org", "0x7f.example.org", "3com.example"])
def test_plain_addresses_and_names_are_not_odd(host: str) -> None:
    assert not networks.is_odd_number(host)


def test_a_loopback_name_is_known_by_its_spelling() -> None:
    assert all(map(networks.is_loopback_name, ["localhost", "a.localhost", "127.0.0.1", "127.9.9.9", "::1"]))
    assert not any(map(networks.is_loopback_name, ["localhost.example", "notlocalhost", "10.0.0.1"]))


def test_a_name_is_resolved_to_each_address_once() -> None:
    found = asyncio.run(networks.addresses("localhost", 80))
    assert len(set(found)) == len(found) > 0
    assert all(address.is_loopback for address in found)
