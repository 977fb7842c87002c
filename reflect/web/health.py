"""For balancers and monitors: is the process alive, and can it serve?"""

from sqlmodel import Session
from starlette.requests import Request
from starlette.responses import PlainTextResponse, Response

from reflect.storage.revisions import DatabaseForeign, is_behind, revision_of
from reflect.web.errors import refuse
from reflect.web.house import house_of


async def live(_request: Request) -> Response:
    """The process answers."""
    return PlainTextResponse("alive\n")


async def ready(request: Request) -> Response:
    """The database answers and has this release's schema; otherwise the refusal `unavailable` (503)."""
    if fault := await house_of(request).database.read(_fault):
        return refuse(request, "unavailable", fault, {"Retry-After": "10"})
    return PlainTextResponse("ready\n")


def _fault(db: Session) -> str:
    """What keeps it from serving; empty where nothing does."""
    try:
        return "the database waits for `reflect migrate`" if is_behind(revision_of(db.connection())) else ""
    except DatabaseForeign:
        return "the database is another program’s"
