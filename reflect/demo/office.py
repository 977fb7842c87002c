"""The school's office: an administrator lets tools register themselves, and switches them on."""

from dataclasses import dataclass, replace

from starlette.requests import Request
from starlette.responses import JSONResponse, RedirectResponse, Response

from reflect.demo.people import NobodyMissing
from reflect.demo.platform import CampusPlatform
from reflect.demo.registering import Registering
from reflect.demo.rendering import Templates
from reflect.demo.services import ServiceRefusal
from reflect.demo.tools import origin_of


class AddressRefused(ValueError):
    """What was pasted is not an address of a web page."""

    code = "address_refused"


@dataclass(frozen=True)
class Office:
    """The pages of the office, and the endpoint that a tool's server registers at."""

    platform: CampusPlatform
    registering: Registering
    templates: Templates

    async def tools(self, request: Request) -> Response:
        """List the tools, with a field for the registration address of another."""
        return self.templates.page("tools", tools=list(self.platform.tools.values()))

    async def new_tool(self, request: Request) -> Response:
        """Open a registration address in a frame, with what the tool needs to register."""
        address = request.query_params.get("address", "").strip()
        if not origin_of(address).startswith(("http://", "https://")) or " " in address:
            raise AddressRefused("Paste the whole registration address of the tool.")
        self.platform.framed.add(origin_of(address))
        return self.templates.page("new_tool", address=self.registering.invite(address))

    async def register(self, request: Request) -> Response:
        """Take the registration of a tool's server."""
        kind, _, token = request.headers.get("authorization", "").partition(" ")
        if request.headers.get("content-type", "").partition(";")[0] != "application/json":
            raise ServiceRefusal(400, "content_type")
        try:
            body = await request.json()
        except ValueError:
            raise ServiceRefusal(400, "body") from None
        return JSONResponse(self.registering.register(token if kind == "Bearer" else "", body))

    async def activate(self, request: Request) -> Response:
        """Switch a tool on."""
        tool = self.platform.tools.get(request.path_params["client_id"])
        if tool is None:
            raise NobodyMissing("There is no such tool.")
        self.platform.register(replace(tool, is_active=True))
        self.platform.framed.add(tool.origin)
        return RedirectResponse("/tools", 303)
