"""Our public keys, for platforms that check what we sign."""

import json

from sqlmodel import Session
from starlette.requests import Request
from starlette.responses import JSONResponse, Response

from reflect.lti.keys import keyset
from reflect.storage.registrations import public_jwks
from reflect.web.house import house_of


async def index(request: Request) -> Response:
    """The keyset (RFC 7517) of all registrations, retired keys included for as long as they overlap."""

    def work(db: Session) -> list[dict[str, str]]:
        return [json.loads(jwk) for jwk in public_jwks(db)]

    return JSONResponse(
        keyset(await house_of(request).database.read(work)), headers={"Cache-Control": "public, max-age=300"}
    )
