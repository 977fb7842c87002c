"""Visitors who take for ever: cut after a bounded time, and nobody waits for them meanwhile."""

import asyncio
import socket
import threading
import time
from collections.abc import Iterator
from contextlib import ExitStack, closing, contextmanager
from http.client import HTTPConnection
from itertools import cycle

import pytest
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import PlainTextResponse, Response
from starlette.routing import Route

from reflect.web.deadlines import LARGEST_HEAD, PunctualProtocol
from tests.servers import listening, serving
from tests.walker import http_client

PATIENCE = 0.4
FOR_EVER = 20.0
"""Seconds after which whoever still waits here would wait for ever."""
GET = b"GET /echo HTTP/1.1\r\nHost: x\r\n"
HEAD = b"POST /echo HTTP/1.1\r\nHost: x\r\nContent-Length: 4000\r\n"
HELD = 500


class Hasty(PunctualProtocol):
    """Waits so little that a test can wait for its end; a busy machine may be slower than that."""

    patience = PATIENCE


class Fair(PunctualProtocol):
    """Waits long enough for a request that is sent at once, also on a busy machine."""

    patience = 1.5


async def echo(request: Request) -> Response:
    return PlainTextResponse(f"{len(await request.body())}")


async def large(_request: Request) -> Response:
    return Response(b"x" * 30_000_000)


async def late(_request: Request) -> Response:
    await asyncio.sleep(PATIENCE * 2)
    return PlainTextResponse("at last")


APP = Starlette(
    routes=[Route("/echo", echo, methods=["GET", "POST"]), Route("/large", large), Route("/late", late)]
)  # fmt: skip


@contextmanager
def served(protocol: type[PunctualProtocol]) -> Iterator[int]:
    """The port of a server that waits as that protocol does."""
    bound = listening()
    with serving(APP, bound, protocol):
        yield bound.getsockname()[1]


@pytest.fixture(scope="module")
def port() -> Iterator[int]:
    with served(Hasty) as hasty:
        yield hasty


@pytest.fixture(scope="module")
def patient_port() -> Iterator[int]:
    with served(PunctualProtocol) as patient:
        yield patient


@contextmanager
def connection(port: int, said: bytes = b"") -> Iterator[socket.socket]:
    with socket.create_connection(("127.0.0.1", port), timeout=FOR_EVER) as opened:
        opened.sendall(said)
        yield opened


def rest(opened: socket.socket) -> bytes:
    """All that comes until the server closes."""
    heard = b""
    try:
        while piece := opened.recv(65536):
            heard += piece
    except ConnectionResetError:
        pass
    return heard


def drip(opened: socket.socket, text: bytes) -> bytes:
    """Send byte by byte for as long as the server listens; what it said."""
    began, pieces = time.monotonic(), cycle(text)
    opened.settimeout(0.02)
    while time.monotonic() - began < FOR_EVER:
        try:
            opened.send(bytes([next(pieces)]))
            return opened.recv(65536)
        except TimeoutError:
            continue
        except OSError:
            return b""
    raise AssertionError("it listens for ever")


@pytest.mark.parametrize(
    ("said", "dripped"),
    [
        (b"GET /echo HTTP/1.1\r\nHost: x\r\n", b"X-Slow: 1\r\n"),
        (b"G", b"\r\n"),
        (HEAD + b"\r\n", b"body"),
        (b"POST /echo HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: chunked\r\n\r\n", b"1\r\nx\r\n"),
    ],
    ids=["headers", "nothing sensible", "a body", "chunks"],
)
def test_a_request_that_comes_byte_by_byte_is_cut(port: int, said: bytes, dripped: bytes) -> None:
    with connection(port, said) as opened:
        heard = drip(opened, dripped)
    if heard:
        assert heard.startswith((b"HTTP/1.1 408 ", b"HTTP/1.1 400 ")) and b"reflect-error: " in heard


@pytest.mark.parametrize("more", [HEAD + b"\r\n", HEAD + b"\r\nx", HEAD], ids=["no body", "a little", "half a head"])
def test_what_follows_a_request_in_one_segment_is_cut_like_any_other(port: int, more: bytes) -> None:
    with connection(port, b"GET /echo HTTP/1.1\r\nHost: x\r\n\r\n" + more) as opened:
        heard = rest(opened)
    assert heard.startswith(b"HTTP/1.1 200 ")
    assert b"HTTP/1.1 408 " in heard


def test_who_waits_for_an_answer_is_not_cut_for_what_is_not_read_meanwhile(port: int) -> None:
    with connection(port, b"GET /late HTTP/1.1\r\nHost: x\r\n\r\n" + HEAD + b"\r\n") as opened:
        heard = rest(opened)
    assert heard.startswith(b"HTTP/1.1 200 ")
    assert b"HTTP/1.1 408 " in heard


def test_a_connection_that_says_nothing_is_closed_in_silence(port: int) -> None:
    began = time.monotonic()
    with connection(port) as opened:
        assert rest(opened) == b""
        assert time.monotonic() - began >= PATIENCE / 2


def test_a_blank_line_after_an_answer_does_not_hold_a_connection() -> None:
    """uvicorn stops its keep-alive clock for any byte, and would never close."""
    with served(Fair) as port, connection(port, GET + b"\r\n") as opened:
        assert opened.recv(65536).startswith(b"HTTP/1.1 200 ")
        opened.sendall(b"\r\n")
        rest(opened)


def test_headers_without_end_are_not_kept(patient_port: int) -> None:
    with connection(patient_port, b"GET /echo HTTP/1.1\r\nHost: x\r\nX: ") as opened:
        with pytest.raises(OSError):
            for _ in range(1000):
                opened.sendall(b"x" * LARGEST_HEAD)
        # Where the answer gets past what was on its way, it says why.
        heard = rest(opened)
        assert heard == b"" or heard.startswith(b"HTTP/1.1 431 ")


def test_whoever_takes_nothing_of_an_answer_is_let_go() -> None:
    is_let_go = threading.Event()

    class Telling(Hasty):
        def connection_lost(self, exc: Exception | None) -> None:
            super().connection_lost(exc)
            is_let_go.set()

    with served(Telling) as port, connection(port, b"GET /large HTTP/1.1\r\nHost: x\r\n\r\n") as opened:
        assert is_let_go.wait(FOR_EVER)
        assert len(rest(opened)) < 30_000_000


def test_what_is_no_http_is_refused_with_a_code_and_headers(patient_port: int) -> None:
    with connection(patient_port, b"\x16\x03\x01 hello\r\n\r\n") as opened:
        heard = rest(opened)
    assert heard.startswith(b"HTTP/1.1 400 ")
    for header in (b"reflect-error: form", b"x-content-type-options: nosniff", b"content-security-policy: default-src"):
        assert header in heard


def test_hundreds_of_slow_connections_hold_nobody_up(patient_port: int) -> None:
    with ExitStack() as held, http_client() as client:
        for _ in range(HELD):
            held.enter_context(connection(patient_port, HEAD))
        began = time.monotonic()
        for _ in range(20):
            assert client.post(f"http://127.0.0.1:{patient_port}/echo", content=b"hello").text == "5"
        assert time.monotonic() - began < FOR_EVER, "until the slow ones are cut, it takes longer"


def test_a_large_body_is_no_large_head(patient_port: int) -> None:
    with http_client() as client:
        for _ in range(3):
            assert client.post(f"http://127.0.0.1:{patient_port}/echo", content=b"x" * 2_000_000).text == "2000000"


def test_requests_that_come_together_are_each_answered(patient_port: int) -> None:
    with connection(patient_port, (GET + b"\r\n") * 2 + GET + b"Connection: close\r\n\r\n") as opened:
        assert rest(opened).count(b"HTTP/1.1 200 ") == 3


def test_one_connection_for_many_requests_is_no_slowness() -> None:
    with served(Fair) as port, closing(HTTPConnection("127.0.0.1", port, timeout=FOR_EVER)) as opened:
        opened.connect()
        opened.auto_open = 0  # never another one
        began = time.monotonic()
        while time.monotonic() - began < 1.5 * Fair.patience:
            opened.request("GET", "/echo")
            assert opened.getresponse().read() == b"0"
