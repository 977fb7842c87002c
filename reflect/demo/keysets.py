"""The keyset as the campus serves it: right, or with the fault that a forgery asked for."""

import asyncio
from collections.abc import AsyncIterator, Callable, Mapping

from starlette.responses import (
    HTMLResponse,
    JSONResponse,
    PlainTextResponse,
    RedirectResponse,
    Response,
    StreamingResponse,
)

from reflect.demo.tokens import Claims, part, stranger, weak

BAIT = "/jwks/bait"
MEBIBYTE = b" " * 1_048_576


def bait() -> Claims:
    """Return the forger's own keyset, which nobody should ever ask for."""
    return {"keys": [stranger().jwk()]}


async def _drops() -> AsyncIterator[bytes]:
    for _ in range(30):
        yield b" "
        await asyncio.sleep(1)


async def _flood() -> AsyncIterator[bytes]:
    for _ in range(50):
        yield MEBIBYTE


FAULTS: Mapping[str, Callable[[], Response]] = {
    "down": lambda: PlainTextResponse("Down for maintenance", 503),
    "slow": lambda: StreamingResponse(_drops(), media_type="application/json"),
    "redirected": lambda: RedirectResponse(BAIT, 302),
    "huge": lambda: StreamingResponse(_flood(), media_type="application/json"),
    "html": lambda: HTMLResponse("<!doctype html><title>Sign in</title><p>Please sign in first."),
    "weak": lambda: JSONResponse({"keys": [weak().jwk()]}),
    "symmetric": lambda: JSONResponse(
        {"keys": [{"kty": "oct", "kid": "oct", "alg": "HS256", "k": part(b"everybody knows this secret, truly")}]}
    ),
}
