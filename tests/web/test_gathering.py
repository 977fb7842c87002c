"""Requests that ask only whether something has changed wait for each other; nobody else waits for them."""

import socket
import threading
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, field

import pytest
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import PlainTextResponse, Response
from starlette.routing import Route

from reflect.web.gathering import MOST, GatheringProtocol
from tests.servers import Server, listening

CONDITIONAL = b"GET /%d HTTP/1.1\r\nHost: x\r\nIf-None-Match: 1\r\n\r\n"
PLAIN = b"GET /%d HTTP/1.1\r\nHost: x\r\n\r\n"


class Endless(GatheringProtocol):
    moment = 3600.0


class Short(GatheringProtocol):
    moment = 0.2


@dataclass
class Served:
    """A server, where it is, and the numbers that were asked for, as they were served."""

    server: Server
    port: int
    heard: list[int] = field(default_factory=list)


@contextmanager
def served(http: type[GatheringProtocol]) -> Iterator[Served]:
    async def note(request: Request) -> Response:
        found.heard.append(int(request.path_params["number"]))
        return PlainTextResponse(f"<{request.path_params['number']}>")

    bound = listening()
    found = Served(Server(Starlette(routes=[Route("/{number}", note)]), http), bound.getsockname()[1])
    thread = threading.Thread(target=found.server.run, kwargs={"sockets": [bound]})
    thread.start()
    assert found.server.is_up.wait(10)
    yield found
    found.server.stop()
    thread.join(10)
    assert not thread.is_alive()


@contextmanager
def asking(there: Served, *said: bytes) -> Iterator[socket.socket]:
    with socket.create_connection(("127.0.0.1", there.port), timeout=10) as opened:
        for words in said:
            opened.sendall(words)
        yield opened


def answered(opened: socket.socket, *numbers: int) -> bool:
    """Whether exactly these answers come, in this order."""
    heard, last = b"", b"<%d>" % numbers[-1]
    while last not in heard and (piece := opened.recv(65536)):
        heard += piece
    return [piece.partition(b">")[0] for piece in heard.split(b"<")[1:]] == [b"%d" % number for number in numbers]


def test_they_wait_until_enough_have_come_and_nobody_else_does() -> None:
    with served(Endless) as there, ExitStack() as stack:
        waiting = [stack.enter_context(asking(there, CONDITIONAL % number)) for number in range(1, MOST)]
        with asking(there, PLAIN % 100) as other:
            assert answered(other, 100)
        # What waits was sent before, so the server has it, and has not heard it.
        assert there.heard == [100]
        waiting.append(stack.enter_context(asking(there, CONDITIONAL % MOST)))
        assert all(answered(opened, number) for number, opened in enumerate(waiting, 1))
        assert sorted(there.heard[1:]) == list(range(1, MOST + 1))


def test_one_alone_is_answered_after_a_moment_also_where_the_connection_was_about_to_be_closed() -> None:
    with served(Short) as there:
        there.server.config.timeout_keep_alive = 0.1  # type: ignore[assignment]
        with asking(there, PLAIN % 1) as opened:
            assert answered(opened, 1)
            opened.sendall(CONDITIONAL % 2)
            assert answered(opened, 2)


@pytest.mark.parametrize("then", [CONDITIONAL, PLAIN])
def test_what_follows_on_a_connection_is_answered_after_what_waits(then: bytes) -> None:
    with served(Endless) as there, asking(there, CONDITIONAL % 1) as opened:
        with asking(there, PLAIN % 100) as other:
            assert answered(other, 100)
        opened.sendall(then % 2)
        assert answered(opened, 1, 2)


def test_a_request_in_pieces_is_not_held() -> None:
    with served(Endless) as there, asking(there, (CONDITIONAL % 1)[:40]) as opened:
        with asking(there, PLAIN % 100) as other:
            assert answered(other, 100)
        opened.sendall((CONDITIONAL % 1)[40:])
        assert answered(opened, 1)


def test_who_hangs_up_while_waiting_holds_up_nobody() -> None:
    with served(Endless) as there, ExitStack() as stack:
        with asking(there, CONDITIONAL % 100):
            pass
        rest = [stack.enter_context(asking(there, CONDITIONAL % number)) for number in range(1, MOST)]
        assert all(answered(opened, number) for number, opened in enumerate(rest, 1))
        assert 100 not in there.heard


def test_who_waits_at_the_end_of_a_server_is_answered() -> None:
    with ExitStack() as stack:
        with served(Endless) as there:
            opened = stack.enter_context(asking(there, CONDITIONAL % 1))
            with asking(there, PLAIN % 100) as other:
                assert answered(other, 100)
            there.server.stop()
        assert answered(opened, 1)
