"""Our public keys, for platforms that check what we sign."""

import json

from sqlmodel import Session
from starlette.requests import Request
from starlette.responses import JSONResponse, Response

from reflect.domain import keys
from reflect.lti.keys import keyset
from reflect.web.house import house_of


async def index(request: Request) -> Response:
    """The keyset (RFC 7517) of all registrations, retired keys included for as long as they overlap.

    No cache on the way may answer without asking us: it would go on publishing a key that was revoked.
    """
    house = house_of(request)
    now = house.now()

    def work(db: Session) -> list[dict[str, str]]:
        return [json.loads(jwk) for jwk in keys.published(db, now)]

    return JSONResponse(keyset(await house.database.read(work)), headers={"Cache-Control": "no-cache"})
