"""A server that stops hears out who has come."""

import socket
import threading

from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from reflect.web.farewells import LingeringProtocol
from tests.servers import Server, listening


async def thank(request: Request) -> Response:
    """Say what was said."""
    return Response(b"thanks for " + await request.body())


def test_who_is_connected_and_has_said_nothing_yet_is_answered_at_the_end() -> None:
    server, bound = Server(Starlette(routes=[Route("/", thank, methods=["POST"])])), listening()
    server.config.http = LingeringProtocol
    thread = threading.Thread(target=server.run, kwargs={"sockets": [bound]})
    thread.start()
    assert server.is_up.wait(10)
    with socket.create_connection(bound.getsockname(), 10) as visitor:
        while not server.server_state.connections:
            pass
        server.stop()
        while server.servers[0].is_serving():
            pass
        visitor.sendall(b"POST / HTTP/1.1\r\nHost: localhost\r\nContent-Length: 4\r\n\r\ncalm")
        assert visitor.recv(1000).endswith(b"thanks for calm")
    thread.join(10)
    assert not thread.is_alive()
