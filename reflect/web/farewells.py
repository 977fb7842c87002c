"""The end of a server: who has come already is heard out, also if their first word is still under way."""

from typing import Final

from uvicorn.protocols.http.httptools_impl import HttpToolsProtocol

LINGER: Final = 0.5
"""Seconds for a first word: a proxy says it as soon as it is connected."""


class LingeringProtocol(HttpToolsProtocol):
    """uvicorn's HTTP/1.1, which closes a connection at the end of the server not before its first request."""

    def shutdown(self) -> None:
        """Let a request come that is under way; called once, when the server is to stop."""
        if self.cycle is None:
            self.loop.call_later(LINGER, super().shutdown)
        else:
            super().shutdown()
