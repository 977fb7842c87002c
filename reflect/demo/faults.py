"""Every way we know of in which a platform's service misbehaves; each spoils one thing of a right answer."""

import asyncio
from collections.abc import AsyncIterator, Callable, Mapping

from starlette.requests import Request
from starlette.responses import HTMLResponse, PlainTextResponse, RedirectResponse, Response, StreamingResponse

from reflect.demo.keysets import BAIT

Fault = Callable[[Request, Response], Response]
MEBIBYTE = b" " * 1_048_576


def says(status: int, **headers: str) -> Fault:
    """Return the fault that answers with a status and nothing else."""
    return lambda request, right: PlainTextResponse("", status, headers)


def on_page_two(request: Request, right: Response) -> Response:
    """Break down in the middle of a list."""
    return PlainTextResponse("", 500) if "from" in request.query_params else right


def linking(text: str) -> Fault:
    """Return the fault whose Link header is this, on every page."""

    def spoil(request: Request, right: Response) -> Response:
        right.headers["link"] = text
        return right

    return spoil


def truncated(request: Request, right: Response) -> Response:
    """Promise more than comes."""

    async def half() -> AsyncIterator[bytes]:
        yield bytes(right.body)[: len(right.body) // 2]

    return StreamingResponse(half(), headers={"content-length": str(len(right.body))}, media_type=right.media_type)


def halved(request: Request, right: Response) -> Response:
    """Send half of the JSON as if it were all."""
    return Response(bytes(right.body)[: len(right.body) // 2], media_type=right.media_type)


async def _drops() -> AsyncIterator[bytes]:
    for _ in range(30):
        yield b" "
        await asyncio.sleep(1)


async def _flood() -> AsyncIterator[bytes]:
    for _ in range(50):
        yield MEBIBYTE


FAULTS: Mapping[str, Fault] = {
    "401": says(401),
    "403": says(403),
    "404": says(404),
    "429": says(429, **{"Retry-After": "120"}),
    "500": says(500),
    "500 on page 2": on_page_two,
    "malformed link": linking('<https://campus.example/next; rel="next"'),
    "link elsewhere": linking('<https://evil.example/memberships>; rel="next"'),
    "slow": lambda request, right: StreamingResponse(_drops(), media_type="application/json"),
    "truncated": truncated,
    "half": halved,
    "redirecting": lambda request, right: RedirectResponse(BAIT, 302),
    "50 MB": lambda request, right: StreamingResponse(_flood(), media_type="application/json"),
    "html": lambda request, right: HTMLResponse("<!doctype html><title>Sign in</title><p>Please sign in first."),
}
