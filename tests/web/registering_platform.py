"""The part of an LMS that registers a tool (LTI Dynamic Registration 1.0), with Moodle's manners and some bad ones."""

import json
import secrets
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Any

from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route

from tests.servers import listening, serving

TOOL = "https://purl.imsglobal.org/spec/lti-tool-configuration"
PLATFORM = "https://purl.imsglobal.org/spec/lti-platform-configuration"


@dataclass
class RegisteringPlatform:
    """What was asked of it is in `asked`; `configuration` and `answer` hold what is to differ from the right ones."""

    base_url: str
    token: str = "one-time.registration.token"
    family: str = "moodle"
    deployment_id: str | None = "1"
    client_id: str = field(default_factory=lambda: f"client{secrets.token_hex(4)}")
    configuration: dict[str, Any] = field(default_factory=dict)
    answer: Response | None = None
    asked: list[tuple[Mapping[str, str], dict[str, Any]]] = field(default_factory=list)

    @property
    def configuration_url(self) -> str:
        """The address that is given to a tool."""
        return f"{self.base_url}/mod/lti/openid-configuration.php"

    def link(self, invitation: str) -> str:
        """How the administrator's browser is sent to the tool."""
        return f"{invitation}&openid_configuration={self.configuration_url}&registration_token={self.token}"

    async def describe(self, _request: Request) -> Response:
        """Answer with the OpenID configuration."""
        base = f"{self.base_url}/mod/lti"
        right = {
            "issuer": self.base_url,
            "token_endpoint": f"{base}/token.php",
            "jwks_uri": f"{base}/certs.php",
            "authorization_endpoint": f"{base}/auth.php",
            "registration_endpoint": f"{base}/openid-registration.php",
            "scopes_supported": [],
            PLATFORM: {"product_family_code": self.family, "version": "4.5", "messages_supported": []},
        }
        return JSONResponse({name: value for name, value in (right | self.configuration).items() if value is not None})

    async def register(self, request: Request) -> Response:
        """Register whoever brings the token, as Moodle does."""
        body = json.loads(await request.body())
        self.asked.append((dict(request.headers), body))
        if self.answer is not None:
            return self.answer
        if request.headers.get("authorization") != f"Bearer {self.token}":
            return JSONResponse({"message": "invalid token"}, 401)
        tool = body[TOOL] | ({"deployment_id": self.deployment_id} if self.deployment_id else {})
        return JSONResponse(body | {"client_id": self.client_id, TOOL: tool})


@contextmanager
def registering_platform(**facts: Any) -> Iterator[RegisteringPlatform]:
    """Such a platform, running."""
    bound = listening()
    platform = RegisteringPlatform(f"http://127.0.0.1:{bound.getsockname()[1]}", **facts)
    routes = [
        Route("/mod/lti/openid-configuration.php", platform.describe),
        Route("/mod/lti/openid-registration.php", platform.register, methods=["POST"]),
    ]
    with serving(Starlette(routes=routes), bound):
        yield platform
