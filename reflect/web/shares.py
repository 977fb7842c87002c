"""The ways to a check-in, for staff to hand on: its place in the LMS, the screen of a room, and guests."""

from collections.abc import Mapping
from typing import Any

from sqlmodel import Session
from starlette.requests import Request
from starlette.responses import Response

from reflect.domain import checkins, guests
from reflect.domain.capabilities import Capability
from reflect.domain.guest_codes import CODE_LENGTH
from reflect.domain.guests import GuestResults
from reflect.domain.sessions import Viewer
from reflect.web.cards import card
from reflect.web.field_errors import sentences
from reflect.web.house import House, house_of
from reflect.web.pages import address, language_of, render
from reflect.web.qr import qr_code
from reflect.web.sessions import visit


async def index(request: Request) -> Response:
    """All ways at once."""
    return await _page(request, str(guests.USUAL_PLACES), {})


async def refused(request: Request, places: str, errors: Mapping[str, str]) -> Response:
    """The page again, with what is wrong with the number of places that was typed."""
    return await _page(request, places, errors)


async def _page(request: Request, places: str, errors: Mapping[str, str]) -> Response:
    checkin_id, k = request.path_params["checkin_id"], house_of(request).settings.min_group_size

    def work(db: Session, viewer: Viewer) -> tuple[Any, GuestResults | None]:
        viewer.must(Capability.SHARE)
        checkin = checkins.of(db, viewer, checkin_id)
        return checkin, guests.for_staff(db, viewer, checkin)

    viewer, (checkin, found) = await visit(request, work, checkin_id=checkin_id)
    tag = language_of(request, viewer)
    opening = found.opening if found and found.has_address else None
    return render(
        request,
        "shares/index.html",
        viewer=viewer,
        status=422 if errors else 200,
        headers={"Reflect-Error": "form"} if errors else None,
        checkin=card(checkin, tag),
        opening=opening,
        by_address=guests.by_address(opening) if opening else 0,
        is_open_to_guests=is_open(checkin, opening),
        way_in=way_in(house_of(request), request, opening.code) if opening else None,
        places=places,
        least_places=k,
        most_places=guests.MOST_PLACES,
        errors=sentences(errors, tag, count=k, most=guests.MOST_PLACES),
    )


def is_open(checkin: Any, opening: Any) -> bool:
    """Whether guests can answer now."""
    return bool(opening) and opening.closed_at is None and checkin.closed_at is None


def way_in(house: House, request: Request, code: str) -> dict[str, Any]:
    """The guests' address as a link, as words short enough to copy from a wall, and as a picture to scan."""
    link = house.settings.base_url + address(request, "guests.show", code=code)
    half = CODE_LENGTH // 2
    place = link.partition("://")[2].removesuffix(code)
    return {"link": link, "place": place, "code": f"{code[:half]}-{code[half:]}", "qr": qr_code(link)}
