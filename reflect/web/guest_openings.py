"""Opening an anonymous check-in to guests."""

from starlette.requests import Request
from starlette.responses import Response

from reflect.domain import guests
from reflect.domain.refusals import FormRefused
from reflect.web import shares
from reflect.web.forms import fields_of
from reflect.web.house import house_of
from reflect.web.pages import see_other
from reflect.web.sessions import visit


async def create(request: Request) -> Response:
    """Open it for so many guests, and show how they get in."""
    house, checkin_id, fields = house_of(request), request.path_params["checkin_id"], await fields_of(request)
    now = house.now()
    try:
        places = guests.read_places(fields, house.settings.min_group_size)
    except FormRefused as refusal:
        return await shares.refused(request, fields.get("places", ""), refusal.errors)
    viewer, _ = await visit(
        request,
        lambda db, viewer: guests.open_to_guests(db, viewer, checkin_id, places, now),
        checkin_id=checkin_id,
        writes=True,
    )
    return see_other(request, "shares.index", viewer, checkin_id=checkin_id)
