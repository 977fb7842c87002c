"""For balancers and monitors: is the process alive, and can it serve?"""

from sqlalchemy import text
from starlette.requests import Request
from starlette.responses import PlainTextResponse, Response

from reflect.web.house import house_of


async def live(_request: Request) -> Response:
    """The process answers."""
    return PlainTextResponse("alive\n")


async def ready(request: Request) -> Response:
    """The database answers too; otherwise the refusal `unavailable` (503)."""
    await house_of(request).database.read(lambda db: db.connection().execute(text("SELECT 1")).scalar())
    return PlainTextResponse("ready\n")
