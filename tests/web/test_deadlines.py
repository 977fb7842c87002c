"""Visitors who take for ever: cut after a bounded time, and nobody waits for them meanwhile."""

import socket
import time
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
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
HEAD = b"POST /echo HTTP/1.1\r\nHost: x\r\nContent-Length: 4000\r\n"
HELD = 500


class Hasty(PunctualProtocol):
    patience = PATIENCE


async def echo(request: Request) -> Response:
    return PlainTextResponse(f"{len(await request.body())}")


async def large(_request: Request) -> Response:
    return Response(b"x" * 30_000_000)


APP = Starlette(routes=[Route("/echo", echo, methods=["GET", "POST"]), Route("/large", large)])


@pytest.fixture(scope="module")
def port() -> Iterator[int]:
    bound = listening()
    with serving(APP, bound, Hasty):
        yield bound.getsockname()[1]


@contextmanager
def connection(port: int, said: bytes = b"") -> Iterator[socket.socket]:
    with socket.create_connection(("127.0.0.1", port), timeout=10) as opened:
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


def drip(opened: socket.socket, text: bytes) -> tuple[bytes, float]:
    """Send byte by byte for as long as the server listens; what it said, and after how long."""
    began, pieces = time.monotonic(), cycle(text)
    opened.settimeout(0.02)
    while time.monotonic() - began < 10:
        try:
            opened.send(bytes([next(pieces)]))
            return opened.recv(65536), time.monotonic() - began
        except TimeoutError:
            continue
        except OSError:
            return b"", time.monotonic() - began
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
        heard, after = drip(opened, dripped)
    assert after < PATIENCE + 2
    if heard:
        assert heard.startswith((b"HTTP/1.1 408 ", b"HTTP/1.1 400 ")) and b"reflect-error: " in heard


def test_a_connection_that_says_nothing_is_closed_in_silence(port: int) -> None:
    with connection(port) as opened:
        began = time.monotonic()
        assert rest(opened) == b""
        assert time.monotonic() - began >= PATIENCE / 2


def test_a_blank_line_after_an_answer_does_not_hold_a_connection(port: int) -> None:
    """uvicorn stops its keep-alive clock for any byte."""
    with connection(port, b"GET /echo HTTP/1.1\r\nHost: x\r\n\r\n") as opened:
        assert opened.recv(65536).startswith(b"HTTP/1.1 200 ")
        opened.sendall(b"\r\n")
        began = time.monotonic()
        rest(opened)
        assert time.monotonic() - began < PATIENCE + 2


def test_headers_without_end_are_not_kept(port: int) -> None:
    with connection(port, b"GET /echo HTTP/1.1\r\nHost: x\r\nX: ") as opened:
        with pytest.raises(OSError):
            for _ in range(1000):
                opened.sendall(b"x" * LARGEST_HEAD)
        # Where the answer gets past what was on its way, it says why.
        heard = rest(opened)
        assert heard == b"" or heard.startswith(b"HTTP/1.1 431 ")


def test_whoever_takes_nothing_of_an_answer_is_let_go(port: int) -> None:
    with connection(port, b"GET /large HTTP/1.1\r\nHost: x\r\n\r\n") as opened:
        time.sleep(PATIENCE * 2)
        assert len(rest(opened)) < 30_000_000


def test_what_is_no_http_is_refused_with_a_code_and_headers(port: int) -> None:
    with connection(port, b"\x16\x03\x01 hello\r\n\r\n") as opened:
        heard = rest(opened)
    assert heard.startswith(b"HTTP/1.1 400 ")
    for header in (b"reflect-error: form", b"x-content-type-options: nosniff", b"content-security-policy: default-src"):
        assert header in heard


def test_hundreds_of_slow_connections_hold_nobody_up(port: int) -> None:
    with ExitStack() as held, http_client() as client:
        for _ in range(HELD):
            held.enter_context(connection(port, HEAD))
        began = time.monotonic()
        for _ in range(20):
            assert client.post(f"http://127.0.0.1:{port}/echo", content=b"hello").text == "5"
        assert time.monotonic() - began < 5


def test_a_large_body_and_one_connection_for_many_requests_are_no_slowness(port: int) -> None:
    with http_client() as client:
        for _ in range(3):
            assert client.post(f"http://127.0.0.1:{port}/echo", content=b"x" * 2_000_000).text == "2000000"
            time.sleep(PATIENCE / 2)
    get = b"GET /echo HTTP/1.1\r\nHost: x\r\n"
    with connection(port, (get + b"\r\n") * 2 + get + b"Connection: close\r\n\r\n") as opened:
        assert rest(opened).count(b"HTTP/1.1 200 ") == 3
