"""Every address of the API."""

from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import BaseRoute, Route

from reflect.web.api import responses
from reflect.web.api.description import describe
from reflect.web.house import house_of

V1 = "/api/v1"


async def _description(request: Request) -> Response:
    """The API's own description (OpenAPI 3.1); it tells nothing that the documentation does not, so it needs no key."""
    return JSONResponse(describe(house_of(request).settings.base_url))


ROUTES: list[BaseRoute] = [
    Route(f"{V1}/education/reports/reflectCheckInResponses", responses.index, methods=["GET"], name=responses.NAME),
    Route(f"{V1}/openapi.json", _description, methods=["GET"], name="api.description"),
]
