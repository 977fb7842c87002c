"""A wire between a client and a PostgreSQL server that can be cut at a moment of one's choice."""

import socket
import threading
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field

from sqlalchemy.engine import make_url

COMMIT = b"COMMIT"


@dataclass
class Wire:
    """Passes on what comes; `cut_at` are the client's words at which it goes dead, before they arrive or after."""

    server: tuple[str, int]
    listening: socket.socket
    cut_at: bytes = b""
    arrives: bool = False
    cuts: int = 0
    _open: list[socket.socket] = field(default_factory=list)

    def serve(self) -> None:
        """Take connections until the wire is put away."""
        with suppress(OSError):
            while True:
                client, _ = self.listening.accept()
                server = socket.create_connection(self.server)
                self._open += [client, server]
                threading.Thread(target=self._to_server, args=(client, server), daemon=True).start()
                threading.Thread(target=_pass_on, args=(server, client), daemon=True).start()

    def _to_server(self, client: socket.socket, server: socket.socket) -> None:
        with suppress(OSError):
            while data := client.recv(65536):
                if self.cut_at and self.cut_at in data:
                    self._cut(client, server, data)
                    return
                server.sendall(data)
        _close(server)

    def _cut(self, client: socket.socket, server: socket.socket, data: bytes) -> None:
        self.cut_at, self.cuts = b"", self.cuts + 1
        # First the client hears nothing any more, then the server gets what was said, or never does.
        _close(client)
        if self.arrives:
            server.sendall(data)
            server.shutdown(socket.SHUT_WR)
            with suppress(OSError):
                while server.recv(65536):
                    pass
        _close(server)

    def put_away(self) -> None:
        """Cut everything for good."""
        for end in (self.listening, *self._open):
            _close(end)


@contextmanager
def wired(url: str) -> Iterator[tuple[str, Wire]]:
    """The address of a database by a wire of its own, and the wire."""
    parts, listening = make_url(url), socket.create_server(("127.0.0.1", 0))
    wire = Wire((parts.host or "127.0.0.1", parts.port or 5432), listening)
    threading.Thread(target=wire.serve, daemon=True).start()
    through = parts.set(host="127.0.0.1", port=listening.getsockname()[1])
    try:
        yield through.render_as_string(hide_password=False), wire
    finally:
        wire.put_away()


def _pass_on(giver: socket.socket, taker: socket.socket) -> None:
    with suppress(OSError):
        while data := giver.recv(65536):
            taker.sendall(data)
    _close(taker)


def _close(end: socket.socket) -> None:
    with suppress(OSError):
        end.shutdown(socket.SHUT_RDWR)
    end.close()
