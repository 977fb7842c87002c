"""For balancers and monitors: is the process alive, and can it serve?"""

from starlette.requests import Request
from starlette.responses import PlainTextResponse, Response

from reflect.storage.schema import is_behind
from reflect.web.errors import refuse
from reflect.web.house import house_of


async def live(_request: Request) -> Response:
    """The process answers."""
    return PlainTextResponse("alive\n")


async def ready(request: Request) -> Response:
    """The database answers and has this release's schema; otherwise the refusal `unavailable` (503)."""
    if await house_of(request).database.read(is_behind):
        return refuse(request, "unavailable", "the database waits for `reflect migrate`", {"Retry-After": "10"})
    return PlainTextResponse("ready\n")
