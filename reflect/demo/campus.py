"""The campus as a web application: the whole of it on one page."""

from starlette.applications import Starlette
from starlette.middleware import Middleware
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import BaseRoute, Mount, Route
from starlette.staticfiles import StaticFiles
from starlette.types import ASGIApp, HTTPExceptionHandler, Message, Receive, Scope, Send

from reflect.demo import addresses
from reflect.demo.authorization import RedirectRefused
from reflect.demo.dialogs import SelectionRefused
from reflect.demo.endpoints import Endpoints
from reflect.demo.grading import GradingEndpoints
from reflect.demo.grants import TokenEndpoint
from reflect.demo.keysets import BAIT
from reflect.demo.office import AddressRefused, Office
from reflect.demo.pages import Pages
from reflect.demo.people import NobodyMissing
from reflect.demo.platform import CampusPlatform, DialogMissing, LaunchMissing
from reflect.demo.registering import Registering
from reflect.demo.rendering import Templates
from reflect.demo.rosters import RosterEndpoint
from reflect.demo.services import Grants, service
from reflect.demo.teaching import TeachersOnly, Teaching
from reflect.demo.tools import Tool
from reflect.demo.trust import Untrusted
from reflect.files import STATIC

REFUSALS: dict[type[Exception], int] = {
    NobodyMissing: 404,
    LaunchMissing: 404,
    DialogMissing: 404,
    RedirectRefused: 400,
    SelectionRefused: 400,
    AddressRefused: 400,
    Untrusted: 403,
    TeachersOnly: 403,
}
POLICY = (
    "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data:; base-uri 'none'; "
    "frame-src 'self' {tools}; form-action 'self' {tools}; frame-ancestors 'self'"
)
POST = ["POST"]


def create_campus(platform: CampusPlatform, tool: Tool) -> Starlette:
    """Build the campus of a platform, whose activities open this tool unless they name another."""
    platform.register(tool)
    templates = Templates(platform)
    return Starlette(
        routes=[
            *_for_people(Pages(platform, tool, templates), Teaching(platform, tool, templates)),
            *_for_tools(platform, Endpoints(platform, templates), Office(platform, Registering(platform), templates)),
            *_services(platform),
            Mount("/static", StaticFiles(directory=STATIC)),
        ],
        middleware=[Middleware(CampusHeaders, platform=platform, tool=tool)],
        exception_handlers={kind: _refuser(templates, status) for kind, status in REFUSALS.items()},
        max_body_size=65_536,
    )


def _for_people(pages: Pages, teaching: Teaching) -> list[BaseRoute]:
    course, activity = "/courses/{course}", "/courses/{course}/activities/{activity}"
    return [
        Route("/", pages.people),
        Route("/courses", pages.courses),
        Route(course, pages.course),
        Route(f"{course}/content/new", teaching.new_content),
        Route(f"{course}/content/launch", teaching.launch_content),
        Route(f"{course}/content", teaching.create_content, methods=POST),
        Route(f"{course}/gradebook", teaching.gradebook),
        Route(f"{course}/copies", teaching.copy, methods=POST),
        Route(activity, pages.activity),
        Route(f"{activity}/launch", pages.launch),
        Route(f"{activity}/side-by-side", pages.side_by_side),
        Route(f"{activity}/broken-launches", pages.broken_launches),
    ]


def _for_tools(platform: CampusPlatform, endpoints: Endpoints, office: Office) -> list[BaseRoute]:
    return [
        Route("/.well-known/openid-configuration", endpoints.configuration),
        Route("/jwks", endpoints.keyset),
        Route(BAIT, endpoints.bait),
        Route("/authorize", endpoints.authorize, methods=["GET", "POST"]),
        Route("/tools", office.tools),
        Route("/tools/new", office.new_tool),
        Route("/tools/{client_id}/activations", office.activate, methods=POST),
        Route("/register", service(platform, "register", office.register), methods=POST),
    ]


def _services(platform: CampusPlatform) -> list[BaseRoute]:
    grants = Grants()
    tokens, grading = TokenEndpoint(platform, grants), GradingEndpoints(platform, grants)
    rosters = RosterEndpoint(platform, grants)
    items = service(platform, "lineitems", grading.collection)
    return [
        Route("/token", service(platform, "token", tokens.create), methods=POST),
        Route(addresses.MEMBERSHIPS, service(platform, "memberships", rosters.index)),
        Route(addresses.GROUPS, service(platform, "groups", rosters.groups)),
        Route(addresses.LINE_ITEMS, items, methods=["GET", "POST"]),
        Route(addresses.LINE_ITEM, service(platform, "lineitem", grading.item), methods=["GET", "PUT", "DELETE"]),
        Route(addresses.SCORES, service(platform, "scores", grading.scores), methods=POST),
        Route(addresses.RESULTS, service(platform, "results", grading.results)),
    ]


class CampusHeaders:
    """Sends every page with a policy that lets it frame the tools and post forms to them, and to nobody else."""

    def __init__(self, app: ASGIApp, platform: CampusPlatform, tool: Tool) -> None:
        self.app, self.platform, self.tool = app, platform, tool

    def _headers(self) -> dict[str, str]:
        tools = " ".join([self.tool.origin, *sorted(self.platform.framed - {self.tool.origin})])
        return {
            "content-security-policy": POLICY.format(tools=tools),
            # "same-origin" would make the Origin of a launch "null", which no LMS sends.
            "referrer-policy": "strict-origin-when-cross-origin",
            "x-content-type-options": "nosniff",
        }

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Pass the request on, and put the headers on its answer."""

        async def send_with_headers(message: Message) -> None:
            if message["type"] == "http.response.start":
                added = [(name.encode(), value.encode()) for name, value in self._headers().items()]
                message["headers"] = [*message["headers"], *added]
            await send(message)

        await self.app(scope, receive, send_with_headers)


def _refuser(templates: Templates, status: int) -> HTTPExceptionHandler:
    async def refuse(request: Request, refusal: Exception) -> Response:
        return templates.page("refused", status, refusal=refusal)

    return refuse
