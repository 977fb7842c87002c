"""A window of its own for a page in somebody else's frame, also where the frame's cookies are kept apart from ours.

The new window sends no cookie of the frame's. So the page carries a handover, encrypted, timed and good for one window,
and the button posts it: in the body, for an address is kept and shown.
"""

import re
from base64 import urlsafe_b64encode
from dataclasses import dataclass

from cryptography.fernet import Fernet, InvalidToken
from pydantic import TypeAdapter
from starlette.requests import Request
from starlette.responses import Response

from reflect.domain import windows
from reflect.domain.refusals import Missing, Refused
from reflect.domain.sessions import Viewer
from reflect.domain.windows import LIFETIME, Handover
from reflect.web import sessions
from reflect.web.forms import fields_of
from reflect.web.house import House, house_of
from reflect.web.pages import lead_to, render
from reflect.web.protection import OPENED
from reflect.web.sessions import visit

_PLACE = re.compile(r"/(?:courses|checkins|talks)/[0-9]{1,9}(?:/[a-z0-9-]{1,40}){0,4}")
"""The pages of a course, without a query: a window can lead to nothing else."""
_HANDOVER = TypeAdapter(Handover)


@dataclass(frozen=True, slots=True)
class Offer:
    """The button of a page that could have a window of its own."""

    place: str
    handover: str


def offered(request: Request, viewer: Viewer) -> Offer | None:
    """The offer for the page that is asked for; None if the browser says that it stands in a window already."""
    if request.headers.get("sec-fetch-dest") == "document":
        return None
    return _offer(request, viewer, request.url.path)


async def new(request: Request) -> Response:
    """The form with a fresh handover, for a page that has been open for a while, or whose handover was used."""
    place = request.query_params.get("place", "")
    if not _PLACE.fullmatch(place):
        raise Missing()
    viewer, _ = await visit(request, lambda db, viewer: None)
    return render(request, "windows/_form.html", viewer=viewer, window=_offer(request, viewer, place))


async def create(request: Request) -> Response:
    """Begin the window's own session, and lead it to its page."""
    house, fields = house_of(request), await fields_of(request)
    handover, now = _read(house, fields.get("handover", "")), house.now()
    tab, token = await house.database.write(lambda db: windows.open(db, handover, now))
    response = lead_to(request, f"{handover.place}?tab={tab}")
    # A window that keeps no cookie lives on what the page that opened it lends, and must not lose it on the way.
    response.headers.update(OPENED)
    sessions.remember(request, response, tab, token)
    return response


def _offer(request: Request, viewer: Viewer, place: str) -> Offer:
    house = house_of(request)
    content = _HANDOVER.dump_json(Handover.of(viewer, place))
    return Offer(place, _cipher(house).encrypt_at_time(content, int(house.now().timestamp())).decode())


def _read(house: House, text: str) -> Handover:
    cipher = _cipher(house)
    try:
        content, issued_at = cipher.decrypt(text.encode()), cipher.extract_timestamp(text.encode())
    except InvalidToken:
        raise Refused("window_unknown") from None
    if house.now().timestamp() - issued_at > LIFETIME.total_seconds():
        raise Refused("window_expired")
    return _HANDOVER.validate_json(content)


def _cipher(house: House) -> Fernet:
    return Fernet(urlsafe_b64encode(house.keyring.key_for("window handover")))
