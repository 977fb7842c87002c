"""A real nginx with our sample configuration, between a browser without a screen and a real installation."""

import os
import socket
import ssl
import subprocess
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from pathlib import Path

import httpx2
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID
from starlette.types import ASGIApp, Receive, Scope, Send

from reflect.files import ROOT
from tests.installation import Installation, installed
from tests.servers import free_port, listening
from tests.walker import Walker

SAMPLE = ROOT / "deploy" / "nginx.conf"
# What Debian's nginx.conf has around a file of conf.d, but for its places; it keeps an access log.
AROUND = """
daemon off;
pid {folder}/nginx.pid;
{user}
worker_processes 1;
events {{ worker_connections 256; }}
http {{
    client_body_temp_path {folder}/body; proxy_temp_path {folder}/proxy; fastcgi_temp_path {folder}/fastcgi;
    uwsgi_temp_path {folder}/uwsgi; scgi_temp_path {folder}/scgi;
    access_log {folder}/access.log;
    error_log {folder}/error.log;
    gzip on;
    include {folder}/reflect.conf;
}}
"""


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
    """A running nginx."""

    context: ssl.SSLContext
    """Trusts its certificate."""
    port: int
    plain_port: int
    folder: Path

    def client(self) -> httpx2.Client:
        """A client of the site."""
        return httpx2.Client(
            trust_env=False, timeout=20, verify=self.context, base_url=f"https://localhost:{self.port}"
        )

    def logged(self) -> str:
        """Everything that nginx has written anywhere."""
        files = list(self.folder.rglob("*.log"))
        assert len(files) >= 2
        return "".join(path.read_text() for path in files)


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


def adapted(folder: Path, tls_port: int, plain_port: int, app_port: int) -> str:
    """The sample with other ports and places, and with less patience; each of them must be in it."""
    text = SAMPLE.read_text()
    for old, new in {
        "listen [::]:443 ssl http2;": "",
        "listen [::]:80;": "",
        "listen 443 ssl http2;": f"listen 127.0.0.1:{tls_port} ssl http2;",
        "listen 80;": f"listen 127.0.0.1:{plain_port};",
        "127.0.0.1:8000": f"127.0.0.1:{app_port}",
        "https://reflect.school.example": f"https://localhost:{tls_port}",
        "reflect.school.example": "localhost",
        "/etc/ssl/reflect/": f"{folder}/",
        "/var/log/nginx/": f"{folder}/",
        "client_header_timeout 10s": "client_header_timeout 1s",
        "client_body_timeout 10s": "client_body_timeout 1s",
    }.items():
        assert old in text, old
        text = text.replace(old, new)
    return text


@contextmanager
def site(database_url: str, folder: Path) -> Iterator[Site]:
    """Reflect behind nginx, until the block ends."""
    bound, behind = listening(), Behind()

    def wire(app: ASGIApp) -> ASGIApp:
        behind.app = app
        return behind

    with (
        tls(folder, bound.getsockname()[1]) as front,
        installed(database_url, wire, bound, at=f"https://localhost:{front.port}") as running,
    ):
        yield Site(running, behind, front)


@contextmanager
def tls(folder: Path, app_port: int) -> Iterator[Front]:
    """nginx alone, in front of whatever listens on a port."""
    front = Front(certificate(folder), free_port(), free_port(), folder)
    (folder / "reflect.conf").write_text(adapted(folder, front.port, front.plain_port, app_port))
    user = "user root;" if os.geteuid() == 0 else ""
    (folder / "nginx.conf").write_text(AROUND.format(folder=folder, user=user))
    with nginx(folder, front.port):
        yield front


@contextmanager
def nginx(folder: Path, port: int) -> Iterator[None]:
    """The server, once it listens."""
    command = ["nginx", "-p", str(folder), "-c", str(folder / "nginx.conf"), "-e", str(folder / "error.log")]
    process = subprocess.Popen(command)
    try:
        deadline = time.monotonic() + 20
        while not listens(port):
            assert process.poll() is None, (folder / "error.log").read_text()
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
