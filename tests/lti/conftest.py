"""Fixtures: a server on loopback, key pairs (slow to make, so one a run), a platform with its key set."""

from collections.abc import Iterator

import pytest

from reflect.lti import Keysets, Outbound, keys
from tests.pairs import pairs

from .campus import Campus, Server, json_reply
from .service_platform import ServicePlatform


@pytest.fixture
def server() -> Iterator[Server]:
    running = Server()
    yield running
    running.close()


@pytest.fixture(scope="session")
def pair() -> keys.KeyPair:
    return next(pairs())


@pytest.fixture(scope="session")
def other_pair(pair: keys.KeyPair) -> keys.KeyPair:
    return next(other for other in pairs() if other != pair)


@pytest.fixture(scope="session")
def campus(pair: keys.KeyPair, other_pair: keys.KeyPair) -> Iterator[Campus]:
    running = Server()
    running.reply = json_reply(keys.keyset([pair.public_jwk, other_pair.public_jwk]))
    yield Campus(pair, Keysets(Outbound([running.host])), running.url)
    running.close()


@pytest.fixture
def services(server: Server, pair: keys.KeyPair) -> ServicePlatform:
    return ServicePlatform(server, pair)
