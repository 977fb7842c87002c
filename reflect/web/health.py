"""For balancers and monitors: is the process alive, and can it serve?"""

from sqlmodel import Session
from starlette.requests import Request
from starlette.responses import PlainTextResponse, Response

from reflect.storage.revisions import is_behind, said
from reflect.web.errors import refuse
from reflect.web.house import house_of


async def live(_request: Request) -> Response:
    """The process answers."""
    return PlainTextResponse("alive\n")


async def ready(request: Request) -> Response:
    """The database answers and has this release's schema; otherwise the refusal `unavailable` (503)."""
    if await house_of(request).database.read(_waits):
        return refuse(request, "unavailable", "the database waits for `reflect migrate`", {"Retry-After": "10"})
    return PlainTextResponse("ready\n")


def _waits(db: Session) -> bool:
    return is_behind(said(db.connection()))
