import asyncio
import json
from collections.abc import Iterator
from dataclasses import replace

import pytest

from reflect.lti import Outbound
from reflect.lti.service_refusals import ServiceRefused
from reflect.lti.services import NAMES_AND_ROLES, Connection
from reflect.lti.tokens import Tokens

from .campus import Server
from .service_platform import MISBEHAVIOUR, ServicePlatform, refusal_code, reply, slow

HTML_ERRORS = {"html", "half_json", "not_a_number", "deep_json", "half_a_surrogate"}


@pytest.fixture
def stranger() -> Iterator[Server]:
    running = Server()
    yield running
    running.close()


def get(connection: Connection, url: str) -> int:
    return asyncio.run(connection.get(url, accept="text/x-list", scopes={NAMES_AND_ROLES})).status


def refused(connection: Connection, url: str) -> str:
    with pytest.raises(ServiceRefused) as raised:
        get(connection, url)
    return refusal_code(raised)


def test_a_call_carries_its_token_and_media_types(services: ServicePlatform) -> None:
    services.answers["/list"] = [reply({})]
    connection = services.connection()
    assert get(connection, services.base + "/list?a=1") == 200
    asyncio.run(connection.post(services.base + "/list", {"a": "ü"}, media_type="text/x-item", scopes=["s"]))
    (method, path, headers, _), (posting, _, posted, body) = services.calls("/list")
    assert (method, path, headers["Accept"], headers["Authorization"]) == (
        *("GET", "/list?a=1"),
        *("text/x-list", "Bearer token-1"),
    )
    assert (posting, posted["Content-Type"], posted["Accept"]) == ("POST", "text/x-item", "text/x-item")
    assert json.loads(body) == {"a": "ü"}


def test_a_stale_token_is_changed_once(services: ServicePlatform) -> None:
    services.answers["/list"] = [reply({})]
    connection = services.connection()

    async def twice() -> None:
        for _ in range(2):
            await connection.get(services.base + "/list", accept="*/*", scopes=["s"])
            services.valid.clear()

    asyncio.run(twice())
    assert [call[2]["Authorization"] for call in services.calls("/list")] == [
        *("Bearer token-1", "Bearer token-1"),
        "Bearer token-2",
    ]


def test_a_service_that_takes_no_token_is_asked_twice_and_no_more(services: ServicePlatform) -> None:
    services.answers["/list"] = [reply("", 401)]
    assert refused(services.connection(), services.base + "/list") == "unauthorized"
    assert (len(services.calls("/list")), len(services.calls("/token"))) == (2, 2)


@pytest.mark.parametrize("name", sorted(MISBEHAVIOUR.keys() - HTML_ERRORS))
def test_a_service_that_misbehaves_is_refused(services: ServicePlatform, name: str) -> None:
    answer, code = MISBEHAVIOUR[name]
    services.answers["/list"] = [answer]
    assert refused(services.connection(), services.base + "/list") == code
    assert len(services.calls("/list")) == 1


def test_busy_says_when_to_come_again(services: ServicePlatform) -> None:
    services.answers["/list"] = [MISBEHAVIOUR["429"][0]]
    with pytest.raises(ServiceRefused) as raised:
        get(services.connection(), services.base + "/list")
    assert raised.value.retry_after == 120.0


def test_a_service_that_is_slow_is_given_up(services: ServicePlatform) -> None:
    async def second_call() -> ServiceRefused:
        connection = services.connection(seconds=2)
        await connection.get(services.base + "/list", accept="*/*", scopes=["s"])
        services.answers["/list"] = [slow]
        with pytest.raises(ServiceRefused) as raised:
            await connection.get(services.base + "/list", accept="*/*", scopes=["s"])
        return raised.value

    services.answers["/list"] = [reply({})]
    refusal = asyncio.run(second_call())
    assert refusal.code == "timeout" and refusal.is_passing


def test_no_token_goes_to_a_stranger(services: ServicePlatform, stranger: Server) -> None:
    connection = services.connection()
    assert refused(connection, f"http://{stranger.host}/list") == "host_unbound"
    assert refused(connection, services.base.replace("127.0.0.1", "localhost") + "/list") == "host_unbound"
    assert refused(connection, "") == "host_unbound"
    assert stranger.requests == [] == services.calls("/token")


def test_a_listed_host_gets_the_token(services: ServicePlatform, stranger: Server) -> None:
    connection = services.connection(hosts=frozenset({stranger.host}))
    assert get(connection, f"http://{stranger.host}/list") == 200
    assert stranger.requests[0][2]["Authorization"] == "Bearer token-1"


def test_a_host_inside_our_network_is_not_called_even_if_it_belongs_to_the_registration(
    services: ServicePlatform,
) -> None:
    outbound = Outbound()
    platform = replace(services.platform, issuer="https://10.0.0.1")
    connection = replace(
        services.connection(platform=platform, tokens=Tokens(Outbound(["127.0.0.1"]))), outbound=outbound
    )
    assert refused(connection, "https://10.0.0.1/list") == "address_private"
