"""A registration switched on again."""

from starlette.requests import Request
from starlette.responses import Response

from reflect.web.admin.closures import switch


async def create(request: Request) -> Response:
    """Let a platform in again."""
    return await switch(request, True)
