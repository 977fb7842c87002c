"""Every way we know of in which a platform's service misbehaves; each is wrong in one thing."""

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable, Mapping

from starlette.requests import Request
from starlette.responses import HTMLResponse, PlainTextResponse, RedirectResponse, Response, StreamingResponse

from reflect.demo.keysets import BAIT

Answer = Callable[[Request], Awaitable[Response]]
Fault = Callable[[Request, Answer], Awaitable[Response]]
MEBIBYTE = b" " * 1_048_576


def instead(make: Callable[[], Response]) -> Fault:
    """Return the fault that does nothing of what was asked, and answers so."""

    async def fault(request: Request, answer: Answer) -> Response:
        return make()

    return fault


def says(status: int, **headers: str) -> Fault:
    """Return the fault that answers with a status and nothing else."""
    return instead(lambda: PlainTextResponse("", status, headers))


def spoilt(change: Callable[[Response], Response]) -> Fault:
    """Return the fault that does what was asked, and spoils the answer."""

    async def fault(request: Request, answer: Answer) -> Response:
        return change(await answer(request))

    return fault


def linking(text: str) -> Fault:
    """Return the fault whose Link header is this, on every page."""

    def change(right: Response) -> Response:
        right.headers["link"] = text
        return right

    return spoilt(change)


async def on_page_two(request: Request, answer: Answer) -> Response:
    """Break down in the middle of a list."""
    return PlainTextResponse("", 500) if "from" in request.query_params else await answer(request)


def cut(right: Response) -> Response:
    """Promise more than comes."""

    async def half() -> AsyncIterator[bytes]:
        yield bytes(right.body)[: len(right.body) // 2]

    return StreamingResponse(half(), headers={"content-length": str(len(right.body))}, media_type=right.media_type)


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
    "500 though done": spoilt(lambda right: PlainTextResponse("", 500)),
    "malformed link": linking('<https://campus.example/next; rel="next"'),
    "link elsewhere": linking('<https://evil.example/memberships>; rel="next"'),
    "slow": instead(lambda: StreamingResponse(_drops(), media_type="application/json")),
    "truncated": spoilt(cut),
    "half": spoilt(lambda right: Response(bytes(right.body)[: len(right.body) // 2], media_type=right.media_type)),
    "redirecting": instead(lambda: RedirectResponse(BAIT, 302)),
    "50 MB": instead(lambda: StreamingResponse(_flood(), media_type="application/json")),
    "html": instead(lambda: HTMLResponse("<!doctype html><title>Sign in</title><p>Please sign in first.")),
}
