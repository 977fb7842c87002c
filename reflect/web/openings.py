"""The opening of a check-in that was only prepared."""

from starlette.requests import Request
from starlette.responses import Response

from reflect.domain import checkins
from reflect.web.house import house_of
from reflect.web.pages import see_other
from reflect.web.sessions import visit


async def create(request: Request) -> Response:
    """Put a prepared check-in to the course."""
    house, checkin_id = house_of(request), request.path_params["checkin_id"]
    k, now = house.settings.min_group_size, house.now()
    viewer, _ = await visit(
        request,
        lambda db, viewer: checkins.open_prepared(db, viewer, checkin_id, k, now),
        checkin_id=checkin_id,
        writes=True,
    )
    return see_other(request, "checkins.show", viewer, checkin_id=checkin_id)
