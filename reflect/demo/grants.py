"""The token endpoint (1EdTech Security 4.1; RFC 7523): an access token for whoever proves to be a registered tool."""

import jwt
from starlette.requests import Request
from starlette.responses import JSONResponse, Response

from reflect.demo.addresses import ALL_SCOPES
from reflect.demo.platform import CampusPlatform
from reflect.demo.services import Grants, ServiceRefusal
from reflect.demo.tools import Tool
from reflect.demo.trust import Untrusted

LIFETIME = 3_600
FORM = "application/x-www-form-urlencoded"
EXPECTED = {
    "grant_type": ("client_credentials", "unsupported_grant_type"),
    "client_assertion_type": ("urn:ietf:params:oauth:client-assertion-type:jwt-bearer", "invalid_request"),
}
SUPPORTED = frozenset(ALL_SCOPES)


class TokenEndpoint:
    """Gives access tokens; its address is the audience of assertions."""

    def __init__(self, platform: CampusPlatform, grants: Grants) -> None:
        self.platform, self.grants = platform, grants
        self.address = f"{platform.base_url}/token"

    async def create(self, request: Request) -> Response:
        """Answer with a token for those of the asked scopes that there are; errors are 400, as Moodle's."""
        if request.headers.get("content-type", "").partition(";")[0] != FORM:
            raise ServiceRefusal(400, "invalid_request")
        form = {name: str(value) for name, value in (await request.form()).items()}
        for name, (wanted, error) in EXPECTED.items():
            if form.get(name) != wanted:
                raise ServiceRefusal(400, error)
        tool = await self._proven(form.get("client_assertion", ""))
        scopes = SUPPORTED.intersection(form.get("scope", "").split())
        if not scopes:
            raise ServiceRefusal(400, "invalid_scope")
        token = self.grants.give(tool.client_id, scopes)
        body = {"access_token": token, "token_type": "Bearer", "expires_in": LIFETIME, "scope": " ".join(scopes)}
        return JSONResponse(body, headers={"cache-control": "no-store"})

    async def _proven(self, assertion: str) -> Tool:
        try:
            claimed = jwt.decode(assertion, options={"verify_signature": False})
        except jwt.PyJWTError:
            raise ServiceRefusal(400, "invalid_request") from None
        tool = self.platform.tools.get(str(claimed.get("iss")))
        if tool is None or not tool.is_active or claimed.get("sub") != tool.client_id:
            raise ServiceRefusal(400, "invalid_client")
        try:
            await self.platform.trust.read(tool, assertion, self.address, once="jti")
        except Untrusted:
            raise ServiceRefusal(400, "invalid_client") from None
        return tool
