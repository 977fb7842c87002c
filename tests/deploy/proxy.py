"""A real web server with our sample configuration, between a browser without a screen and a real installation."""

import os
import socket
import ssl
import subprocess
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import AbstractContextManager, contextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from pathlib import Path

import httpx2
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID
from starlette.types import ASGIApp, Receive, Scope, Send

from tests.installation import Installation, installed
from tests.servers import listening
from tests.walker import Walker


@dataclass
class Behind:
    """What came through to Reflect."""

    app: ASGIApp | None = None
    requests: list[tuple[str, dict[str, str]]] = field(default_factory=list)

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Note a request, and let it pass."""
        if scope["type"] == "http":
            headers = {name.decode("latin-1"): value.decode("latin-1") for name, value in scope["headers"]}
            self.requests.append((scope["path"], headers))
        assert self.app
        await self.app(scope, receive, send)


@dataclass(frozen=True)
class Front:
    """A running web server; `logged` gives every line that it wrote anywhere about a request."""

    context: ssl.SSLContext
    """Trusts its certificate."""
    port: int
    plain_port: int
    reads_whole: bool
    """Whether Reflect gets a request only once all of it has come."""
    logged: Callable[[], list[str]]

    def client(self) -> httpx2.Client:
        """A client of the site."""
        return httpx2.Client(
            trust_env=False, timeout=20, verify=self.context, base_url=f"https://localhost:{self.port}"
        )


Kind = Callable[[Path, int], AbstractContextManager[Front]]
"""Starts one, with its files in a folder, in front of whatever listens on a port."""


@dataclass(frozen=True)
class Site:
    """An installation that is reached by TLS."""

    running: Installation
    behind: Behind
    front: Front

    def walker(self) -> Walker:
        """A new browser without a screen."""
        client = self.running.closing.enter_context(self.front.client())
        return Walker(self.running.base_url, self.running.platform, client=client)


@contextmanager
def site(database_url: str, kind: Kind, folder: Path) -> Iterator[Site]:
    """Reflect behind a web server, until the block ends."""
    bound, behind = listening(), Behind()

    def wire(app: ASGIApp) -> ASGIApp:
        behind.app = app
        return behind

    with (
        kind(folder, bound.getsockname()[1]) as front,
        installed(database_url, wire, bound, at=f"https://localhost:{front.port}") as running,
    ):
        yield Site(running, behind, front)


def certificate(folder: Path) -> ssl.SSLContext:
    """Make a certificate for localhost in the folder; the context that trusts it alone."""
    key, name = (
        ec.generate_private_key(ec.SECP256R1()),
        x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "localhost")]),
    )
    now = datetime.now(UTC)
    made = (
        x509.CertificateBuilder()
        .subject_name(name)
        .issuer_name(name)
        .public_key(key.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(now - timedelta(days=1))
        .not_valid_after(now + timedelta(days=1))
        .add_extension(x509.SubjectAlternativeName([x509.DNSName("localhost")]), critical=False)
        .sign(key, hashes.SHA256())
    )
    pem = serialization.Encoding.PEM
    (folder / "fullchain.pem").write_bytes(made.public_bytes(pem))
    private = key.private_bytes(pem, serialization.PrivateFormat.PKCS8, serialization.NoEncryption())
    (folder / "privkey.pem").write_bytes(private)
    return ssl.create_default_context(cafile=str(folder / "fullchain.pem"))


def adapted(sample: Path, changes: Mapping[str, str]) -> str:
    """A sample with other ports and places, and with less patience; each of them must be in it."""
    text = sample.read_text()
    for old, new in changes.items():
        assert old in text, old
        text = text.replace(old, new)
    return text


@contextmanager
def started(command: list[str], log: Path, port: int, **environment: str) -> Iterator[None]:
    """A web server that writes its own lines to a file, once it listens."""
    with log.open("a") as lines:
        process = subprocess.Popen(command, stdout=lines, stderr=lines, env=os.environ | environment)
    try:
        deadline = time.monotonic() + 20
        while not listens(port):
            assert process.poll() is None, log.read_text()
            assert time.monotonic() < deadline
            time.sleep(0.02)
        yield
    finally:
        process.terminate()
        process.wait(20)


def listens(port: int) -> bool:
    """Whether somebody takes connections there."""
    with socket.socket() as probe:
        return probe.connect_ex(("127.0.0.1", port)) == 0
