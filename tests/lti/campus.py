"""A small platform for the tests of reflect.lti: real keys, a real key set server, tokens bent at will."""

import asyncio
import base64
import json
import ssl
import threading
from collections.abc import Callable
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime
from functools import cache
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import padding, rsa
from cryptography.hazmat.primitives.serialization import load_pem_private_key

from reflect.lti import Deployment, Handshake, Keysets, Launch, LoginRequest, Platform, keys, verify
from reflect.lti import claims as names
from reflect.lti.login import Resumed

ISSUER = "https://campus.example.org/moodle"
CLIENT = "client-1"
TOOL = "https://reflect.example.org"
TARGET = TOOL + "/app"

Reply = Callable[[BaseHTTPRequestHandler], None]
Change = Callable[[dict[str, Any]], object]


def json_reply(document: object, status: int = 200) -> Reply:
    def reply(handler: BaseHTTPRequestHandler) -> None:
        body = document if isinstance(document, bytes) else json.dumps(document).encode()
        handler.send_response(status)
        handler.send_header("Content-Type", "application/json")
        handler.send_header("Content-Length", str(len(body)))
        handler.end_headers()
        handler.wfile.write(body)

    return reply


class Server:
    """A real HTTP server on loopback; `reply` says what it answers, `requests` what it was asked."""

    def __init__(self, tls: ssl.SSLContext | None = None) -> None:
        self.certified = ""
        self.reply: Reply = json_reply({})
        self.requests: list[tuple[str, str, dict[str, str], bytes]] = []
        server = self

        class Handler(BaseHTTPRequestHandler):
            def do_GET(self) -> None:
                body = self.rfile.read(int(self.headers.get("Content-Length", 0)))
                server.requests.append((self.command, self.path, dict(self.headers), body))
                try:
                    server.reply(self)
                except (BrokenPipeError, ConnectionResetError):
                    self.close_connection = True

            def do_POST(self) -> None:
                self.do_GET()

            def do_CONNECT(self) -> None:
                self.do_GET()

            def log_message(self, format: str, *args: object) -> None:
                return

        self._http = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        if tls is not None:
            self._http.socket = tls.wrap_socket(self._http.socket, server_side=True, do_handshake_on_connect=False)
        self._http.handle_error = lambda request, client_address: None  # type: ignore[method-assign]
        self.host = f"127.0.0.1:{self._http.server_port}"
        self.url = f"http://{self.host}/jwks"
        self._thread = threading.Thread(target=self._http.serve_forever, kwargs={"poll_interval": 0.01})
        self._thread.start()

    def close(self) -> None:
        self._http.shutdown()
        self._thread.join()
        self._http.server_close()


def base64url(value: bytes) -> str:
    return base64.urlsafe_b64encode(value).rstrip(b"=").decode()


@cache
def private_key(pem: bytes) -> rsa.RSAPrivateKey:
    key = load_pem_private_key(pem, None)
    assert isinstance(key, rsa.RSAPrivateKey)
    return key


def compact(header: object, payload: object, private_pem: bytes) -> str:
    """A token signed RS256 whatever its header says; bytes are taken as they are, all else as JSON."""
    parts = (part if isinstance(part, bytes) else json.dumps(part).encode() for part in (header, payload))
    signing_input = ".".join(map(base64url, parts))
    signature = private_key(private_pem).sign(signing_input.encode(), padding.PKCS1v15(), hashes.SHA256())
    return f"{signing_input}.{base64url(signature)}"


@dataclass
class Campus:
    """A platform with one registration of us, a login that began, and correct claims to alter."""

    pair: keys.KeyPair
    keysets: Keysets
    keyset_url: str
    issuer: str = ISSUER
    client_id: str = CLIENT
    target: str = TARGET
    deployments: tuple[Deployment, ...] = (Deployment(1, "1", False), Deployment(2, "2", True))
    others: tuple[tuple[str, str], ...] = (("https://second.example.org", "client-2"), (ISSUER, "client-3"))
    now: datetime = field(default_factory=lambda: datetime.now(UTC).replace(microsecond=0))
    handshake: Handshake = field(default_factory=lambda: Handshake(b"k" * 32))

    @property
    def platform(self) -> Platform:
        auth_url = self.issuer + "/auth"
        return Platform(7, self.issuer, self.client_id, auth_url, self.issuer + "/token", self.keyset_url, None, True)

    @property
    def login(self) -> LoginRequest:
        return LoginRequest(self.issuer, "5", self.target, "hint", self.client_id, None, None)

    def resume(self) -> Resumed:
        return self.handshake.resume(self.handshake.begin(self.platform, self.login).state)

    def claims(self) -> dict[str, Any]:
        issued_at = int(self.now.timestamp())
        return {
            "iss": self.issuer,
            "aud": self.client_id,
            "iat": issued_at,
            "exp": issued_at + 60,
            "sub": "5",
            "name": "Ines Probe",
            names.DEPLOYMENT_ID: "1",
            names.TARGET_LINK_URI: self.target,
            names.ROLES: ["http://purl.imsglobal.org/vocab/lis/v2/membership#Learner"],
            names.CONTEXT: {"id": "2", "label": "WB1", "title": "Wellbeing", "type": ["CourseSection"]},
            names.MESSAGE_TYPE: "LtiResourceLinkRequest",
            names.RESOURCE_LINK: {"id": "3", "title": "Check-in"},
            names.VERSION: "1.3.0",
        }

    def launch(
        self,
        change: Change = lambda claims: None,
        *,
        header: object = None,
        signer: keys.KeyPair | None = None,
        bend: Callable[[str], str] = lambda id_token: id_token,
        platform: Platform | None = None,
        plain_http: Callable[[str], bool] = lambda url: False,
    ) -> Launch:
        """One whole launch with one thing changed in its claims, its header, its key or its text."""
        resumed = self.resume()
        claims = self.claims() | {"nonce": resumed.nonce}
        replaced = change(claims)
        payload = replaced if isinstance(replaced, bytes) else claims
        header = {"alg": "RS256", "kid": self.pair.kid, "typ": "JWT"} if header is None else header
        id_token = bend(compact(header, payload, (signer or self.pair).private_pem))
        return self.verify(id_token, resumed, platform, plain_http)

    def verify(
        self,
        id_token: str,
        resumed: Resumed,
        platform: Platform | None = None,
        plain_http: Callable[[str], bool] = lambda url: False,
    ) -> Launch:
        known = {(self.issuer, self.client_id), *self.others}
        return asyncio.run(
            verify(
                id_token,
                platform=platform or self.platform,
                resumed=resumed,
                keysets=self.keysets,
                deployments=self.deployments,
                tool_origin=TOOL,
                known=lambda issuer, client_id: (issuer, client_id) in known,
                now=self.now,
                plain_http=plain_http,
            )
        )

    def at(self, issuer: str, client_id: str, target: str) -> "Campus":
        return replace(self, issuer=issuer, client_id=client_id, target=target)
