"""A tool that is a stranger to Reflect's code: its keys, its keyset over HTTP, and calls to the campus's services."""

import json
import secrets
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

import httpx2
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import JSONResponse
from starlette.routing import Route

from reflect.demo.addresses import ALL_SCOPES
from reflect.demo.campus import create_campus
from reflect.demo.platform import CampusPlatform
from reflect.demo.tokens import SigningKey, compact
from reflect.demo.tools import Tool
from tests.pairs import platform_keys
from tests.servers import listening, serving
from tests.walker import http_client

EVERYTHING = " ".join(ALL_SCOPES)
ASSERTION = "urn:ietf:params:oauth:client-assertion-type:jwt-bearer"


@dataclass
class Client:
    """A tool's server before a running campus."""

    platform: CampusPlatform
    tool: Tool
    key: SigningKey
    http: httpx2.Client

    def signed(self, claims: Mapping[str, Any], key: SigningKey | None = None, **header: Any) -> str:
        """A token of ours over these claims."""
        key = key or self.key
        return compact({"alg": "RS256", "kid": key.kid, **header}, json.dumps(claims).encode(), key.sign)

    def assertion(self, **changes: Any) -> dict[str, Any]:
        """The claims of a right client assertion, with changes; None leaves one out."""
        now = int(datetime.now(UTC).timestamp())
        right = {
            "iss": self.tool.client_id,
            "sub": self.tool.client_id,
            "aud": f"{self.platform.base_url}/token",
            "iat": now - 1,
            "exp": now + 60,
            "jti": secrets.token_hex(8),
        }
        return {name: value for name, value in (right | changes).items() if value is not None}

    def asks(self, assertion: str | None = None, **changes: str) -> httpx2.Response:
        """Ask for a token."""
        form = {
            "grant_type": "client_credentials",
            "client_assertion_type": ASSERTION,
            "client_assertion": assertion or self.signed(self.assertion()),
            "scope": EVERYTHING,
        }
        return self.http.post(f"{self.platform.base_url}/token", data=form | changes)

    def calls(
        self, method: str, url: str, media_type: str, body: Any = None, scope: str = EVERYTHING
    ) -> httpx2.Response:
        """Call a service with a token of its own."""
        token = self.asks(scope=scope).json()["access_token"]
        headers = {"Authorization": f"Bearer {token}", "Accept": media_type}
        if body is not None:
            headers["Content-Type"] = media_type
        url = url if url.startswith("http") else self.platform.base_url + url
        return self.http.request(method, url, headers=headers, json=body)


@contextmanager
def campus_with_client() -> Iterator[Client]:
    """A campus over HTTP, and a tool whose keyset it can fetch."""
    campus_socket, tool_socket = listening(), listening()
    address, ours = (f"http://127.0.0.1:{bound.getsockname()[1]}" for bound in (campus_socket, tool_socket))
    *keys, key = platform_keys(3)

    async def keyset(request: Request) -> JSONResponse:
        return JSONResponse({"keys": [key.jwk()]})

    tool = Tool("stranger", "7", f"{ours}/login", f"{ours}/launch", f"{ours}/app", f"{ours}/keys")
    platform = CampusPlatform(address, keys=keys)
    with (
        serving(create_campus(platform, tool), campus_socket),
        serving(Starlette(routes=[Route("/keys", keyset)]), tool_socket),
        http_client() as http,
    ):
        yield Client(platform, tool, key, http)
