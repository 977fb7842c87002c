"""Closing a check-in to guests; for students it stays as it is."""

from starlette.requests import Request
from starlette.responses import Response

from reflect.domain import guests
from reflect.web.house import house_of
from reflect.web.pages import see_other
from reflect.web.sessions import visit


async def create(request: Request) -> Response:
    """Take no more guests."""
    checkin_id, now = request.path_params["checkin_id"], house_of(request).now()
    viewer, _ = await visit(
        request,
        lambda db, viewer: guests.close_to_guests(db, viewer, checkin_id, now),
        checkin_id=checkin_id,
        writes=True,
    )
    return see_other(request, "shares.index", viewer, checkin_id=checkin_id)
