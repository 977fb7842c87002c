"""The campus as a web application: the whole of it on one page."""

from starlette.applications import Starlette
from starlette.middleware import Middleware
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Mount, Route
from starlette.staticfiles import StaticFiles
from starlette.types import ASGIApp, HTTPExceptionHandler, Message, Receive, Scope, Send

from reflect.demo.authorization import RedirectRefused
from reflect.demo.endpoints import Endpoints
from reflect.demo.keysets import BAIT
from reflect.demo.pages import Pages
from reflect.demo.people import NobodyMissing
from reflect.demo.platform import CampusPlatform, LaunchMissing
from reflect.demo.rendering import Templates
from reflect.demo.tools import Tool
from reflect.files import STATIC

REFUSALS: dict[type[Exception], int] = {NobodyMissing: 404, LaunchMissing: 404, RedirectRefused: 400}
POLICY = (
    "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data:; base-uri 'none'; "
    "frame-src 'self' {tool}; form-action 'self' {tool}; frame-ancestors 'self'"
)


def create_campus(platform: CampusPlatform, tool: Tool) -> Starlette:
    """Build the campus of a platform, whose activities all open this one tool."""
    platform.register(tool)
    templates = Templates(platform.school)
    pages, endpoints = Pages(platform, tool, templates), Endpoints(platform, templates)
    return Starlette(
        routes=[
            Route("/", pages.people),
            Route("/courses", pages.courses),
            Route("/courses/{course}", pages.course),
            Route("/courses/{course}/activities/{activity}", pages.activity),
            Route("/courses/{course}/activities/{activity}/launch", pages.launch),
            Route("/courses/{course}/activities/{activity}/side-by-side", pages.side_by_side),
            Route("/courses/{course}/activities/{activity}/broken-launches", pages.broken_launches),
            Route("/.well-known/openid-configuration", endpoints.configuration),
            Route("/jwks", endpoints.keyset),
            Route(BAIT, endpoints.bait),
            Route("/authorize", endpoints.authorize, methods=["GET", "POST"]),
            Mount("/static", StaticFiles(directory=STATIC)),
        ],
        middleware=[Middleware(CampusHeaders, tool=tool)],
        exception_handlers={kind: _refuser(templates, status) for kind, status in REFUSALS.items()},
        max_body_size=65_536,
    )


class CampusHeaders:
    """Sends every page with a policy that lets it frame the tool and post forms to it, and to nobody else."""

    def __init__(self, app: ASGIApp, tool: Tool) -> None:
        self.app = app
        self.headers = {
            "content-security-policy": POLICY.format(tool=tool.origin),
            # "same-origin" would make the Origin of a launch "null", which no LMS sends.
            "referrer-policy": "strict-origin-when-cross-origin",
            "x-content-type-options": "nosniff",
        }

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Pass the request on, and put the headers on its answer."""

        async def send_with_headers(message: Message) -> None:
            if message["type"] == "http.response.start":
                added = [(name.encode(), value.encode()) for name, value in self.headers.items()]
                message["headers"] = [*message["headers"], *added]
            await send(message)

        await self.app(scope, receive, send_with_headers)


def _refuser(templates: Templates, status: int) -> HTTPExceptionHandler:
    async def refuse(request: Request, refusal: Exception) -> Response:
        return templates.page("refused", status, refusal=refusal)

    return refuse
