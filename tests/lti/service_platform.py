"""The services side of a platform for the tests: tokens given only for good assertions, answers as scripted."""

import json
import time
from collections.abc import Mapping
from datetime import UTC, datetime
from http.server import BaseHTTPRequestHandler
from pathlib import Path
from typing import Any
from urllib.parse import parse_qs, urlsplit

import jwt
import pytest

from reflect.lti import Outbound, Platform, keys
from reflect.lti import claims as names
from reflect.lti.service_refusals import ServiceRefused
from reflect.lti.services import Connection
from reflect.lti.tokens import Tokens

from .campus import Reply, Server

ASSERTION_TYPE = "urn:ietf:params:oauth:client-assertion-type:jwt-bearer"
RECORDED: dict[str, Any] = json.loads((Path(__file__).parent / "recordings" / "services.json").read_text("utf-8"))


def reply(body: object = b"", status: int = 200, headers: Mapping[str, str] | None = None) -> Reply:
    """An answer with a length; text in headers goes out as UTF-8, anything but bytes and text as JSON."""

    def send(handler: BaseHTTPRequestHandler) -> None:
        sent = body if isinstance(body, bytes) else (body if isinstance(body, str) else json.dumps(body)).encode()
        handler.send_response(status)
        for name, value in (headers or {}).items():
            handler.send_header(name, value.encode().decode("latin-1"))
        handler.send_header("Content-Length", str(len(sent)))
        handler.end_headers()
        handler.wfile.write(sent)

    return send


def recorded(name: str) -> Reply:
    """An answer of a real Moodle."""
    found = RECORDED[name]
    return reply(found["body"], found["status"], found["headers"])


def truncated(handler: BaseHTTPRequestHandler) -> None:
    handler.send_response(200)
    handler.send_header("Content-Length", "1000")
    handler.end_headers()
    handler.wfile.write(b'{"members": [')
    handler.close_connection = True


def slow(handler: BaseHTTPRequestHandler) -> None:
    time.sleep(20)
    reply({})(handler)


def enormous(handler: BaseHTTPRequestHandler) -> None:
    handler.send_response(200)
    handler.end_headers()
    for _ in range(800):
        handler.wfile.write(b" " * 65536)


HTML = reply("<html><title>Down</title><body>Back <b>soon</b></body></html>", headers={"Content-Type": "text/html"})
# answer -> the code it is refused with; each is a way in which real platforms misbehave
MISBEHAVIOUR: dict[str, tuple[Reply, str]] = {
    "403": (reply("", 403), "forbidden"),
    "404": (reply("", 404), "not_found"),
    "409": (reply("", 409), "conflict"),
    "410": (reply("", 410), "not_found"),
    "418": (reply("", 418), "rejected"),
    "429": (reply("", 429, {"Retry-After": "120"}), "busy"),
    "canvas_429": (reply("403 Forbidden (Rate Limit Exceeded)", 403), "busy"),
    "500": (reply("<h1>oops</h1>", 500), "platform_failed"),
    "503": (reply("", 503), "platform_failed"),
    "redirect": (reply("", 302, {"Location": "https://elsewhere.example.org/"}), "redirected"),
    "html": (HTML, "answer_malformed"),
    "half_json": (reply('{"members": ['), "answer_malformed"),
    "not_a_number": (reply('{"members": NaN}'), "answer_malformed"),
    "deep_json": (reply("[" * 100_000), "answer_malformed"),
    "half_a_surrogate": (reply('{"members": [{"user_id": "1", "name": "\\ud83d"}]}'), "answer_malformed"),
    "truncated": (truncated, "unreachable"),
    "50_megabytes": (enormous, "too_large"),
    "packed": (reply("", headers={"Content-Encoding": "gzip"}), "encoded"),
}


def refusal_code(refused: pytest.ExceptionInfo[ServiceRefused]) -> str:
    assert refused.value.detail.isprintable()
    return refused.value.code


class ServicePlatform:
    """`answers` has for each path what is answered in turn, the last again and again; tokens as a rule are good."""

    def __init__(self, server: Server, pair: keys.KeyPair) -> None:
        self.server = server
        self.pair = pair
        self.base = f"http://{server.host}"
        self.answers: dict[str, list[Reply]] = {}
        self.token: Reply | None = None
        self.lifetime: object = 3600
        self.granted: str | None = None
        self.given: list[str] = []
        self.valid: set[str] = set()
        self.assertions: list[dict[str, Any]] = []
        server.reply = self._reply

    @property
    def platform(self) -> Platform:
        base = self.base
        return Platform(7, base, "client-1", base + "/auth", base + "/token", base + "/jwks", None, True)

    def connection(
        self,
        *,
        platform: Platform | None = None,
        tokens: Tokens | None = None,
        hosts: frozenset[str] = frozenset(),
        seconds: float = 5.0,
    ) -> Connection:
        outbound = Outbound(["127.0.0.1", "localhost"])
        return Connection(
            outbound,
            tokens or Tokens(outbound),
            platform or self.platform,
            "deployment-1",
            self.pair,
            hosts,
            seconds,
        )

    def calls(self, path: str) -> list[tuple[str, str, dict[str, str], bytes]]:
        """What was asked of one path: method, path with query, headers, body."""
        return [request for request in self.server.requests if urlsplit(request[1]).path == path]

    def _reply(self, handler: BaseHTTPRequestHandler) -> None:
        path = urlsplit(handler.path).path
        if path == "/token":
            form = parse_qs(self.calls("/token")[-1][3].decode())
            (self.token or self._token(form))(handler)
            return
        if handler.headers.get("Authorization", "").removeprefix("Bearer ") not in self.valid:
            recorded("roster_unauthorized")(handler)
            return
        scripted = self.answers.get(path, [reply("", 404)])
        (scripted.pop(0) if len(scripted) > 1 else scripted[0])(handler)

    def _token(self, form: dict[str, list[str]]) -> Reply:
        assertion = form["client_assertion"][0]
        claims = jwt.decode(
            assertion,
            jwt.PyJWK(self.pair.public_jwk),
            algorithms=["RS256"],
            audience=self.base + "/token",
            # The tests' clock is not the machine's.
            options={
                "require": ["iss", "sub", "aud", "iat", "exp", "jti"],
                "verify_iat": False,
                "verify_exp": False,
            },
        )
        assert form["grant_type"] == ["client_credentials"] and form["client_assertion_type"] == [ASSERTION_TYPE]
        assert claims["iss"] == claims["sub"] == "client-1" and claims[names.DEPLOYMENT_ID] == "deployment-1"
        self.assertions.append(claims)
        self.given.append(f"token-{len(self.given) + 1}")
        self.valid.add(self.given[-1])
        scope = form["scope"][0] if self.granted is None else self.granted
        answer = {
            "access_token": self.given[-1],
            "token_type": "Bearer",
            "expires_in": self.lifetime,
            "scope": scope,
        }
        return reply(answer, headers={"Content-Type": "text/html"})


class Clock:
    """A clock that goes only when it is told to."""

    def __init__(self) -> None:
        self.now = datetime.now(UTC).replace(microsecond=0)

    def __call__(self) -> datetime:
        return self.now
