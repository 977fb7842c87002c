"""What a tool asks of the platform: its configuration, its keys, and to say who is there."""

from starlette.requests import Request
from starlette.responses import JSONResponse, Response

from reflect.demo import keysets
from reflect.demo.authorization import answer
from reflect.demo.configuration import openid_configuration
from reflect.demo.platform import CampusPlatform
from reflect.demo.rendering import Templates


class Endpoints:
    """The platform's addresses that are not for people's eyes."""

    def __init__(self, platform: CampusPlatform, templates: Templates) -> None:
        self.platform = platform
        self.templates = templates

    async def configuration(self, request: Request) -> Response:
        """Answer with the OpenID configuration."""
        return JSONResponse(openid_configuration(self.platform.base_url))

    async def keyset(self, request: Request) -> Response:
        """Answer with the JWKS, or with the fault it has just now."""
        self.platform.requests[request.url.path] += 1
        fault = keysets.FAULTS.get(self.platform.keyset_fault)
        return fault() if fault else JSONResponse(self.platform.keyset())

    async def bait(self, request: Request) -> Response:
        """Answer with the forger's own keyset, and count whoever was fooled."""
        self.platform.requests[request.url.path] += 1
        return JSONResponse(keysets.bait())

    async def authorize(self, request: Request) -> Response:
        """Answer an authentication request by a page that posts the id_token to the tool."""
        asked = await request.form() if request.method == "POST" else request.query_params
        form = answer(self.platform, {name: value for name, value in asked.items() if isinstance(value, str)})
        return self.templates.page("form_post", form=form)
