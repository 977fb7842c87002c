"""The opening of a check-in that was only prepared: by somebody, or when its time has come."""

from starlette.requests import Request
from starlette.responses import Response

from reflect.domain import checkins
from reflect.domain.occurrences import is_any_to_make, make_all
from reflect.storage.checkins import is_any_due
from reflect.web.house import House, house_of
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


async def open_due(house: House) -> int:
    """Prepare what is soon to occur, and open those that are to be open by now; how many."""
    k, now = house.settings.min_group_size, house.now()
    if await house.database.read(lambda db: is_any_to_make(db, now)):
        await house.database.write(lambda db: make_all(db, k, now))
    if not await house.database.read(lambda db: is_any_due(db, now)):
        return 0
    return await house.database.write(lambda db: checkins.open_due(db, k, now))
