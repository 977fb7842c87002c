"""A file for a tab that shows by its token who it is: a form carries the token in its body, which no link can.

Script could fetch the file and hand it over itself (`blob:`), but Firefox refuses that to a frame if the page around it
says what its frames may hold (Content-Security-Policy, `frame-src`), as an LMS may.
"""

import re

from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Match

from reflect.domain.refusals import Missing
from reflect.web.forms import fields_of

_FILE = re.compile(r"/(?:courses|checkins)/[0-9]{1,9}/exports/[a-z-]{1,20}\.[a-z]{1,8}")


async def create(request: Request) -> Response:
    """Answer as the file's own address does that is asked with the token; raises Missing for any other address."""
    fields = await fields_of(request)
    place, token = fields.get("place", ""), fields.get("token", "").strip()
    if not token or not _FILE.fullmatch(place):
        raise Missing()
    headers = [*request.scope["headers"], (b"authorization", f"Bearer {token}".encode())]
    asked = {**request.scope, "method": "GET", "path": place, "query_string": b"", "headers": headers}
    for route in request.app.routes:
        match, found = route.matches(asked)
        if match is Match.FULL:
            answer: Response = await found["endpoint"](Request({**asked, **found}))
            return answer
    raise Missing()
