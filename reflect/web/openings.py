"""The opening of a check-in that was only prepared: by somebody, or when its time has come."""

from starlette.requests import Request
from starlette.responses import Response

from reflect.domain import checkins, openings
from reflect.domain.occurrences import make_all, to_make
from reflect.storage.checkins import due
from reflect.web.house import House, house_of
from reflect.web.pages import see_other
from reflect.web.rounds import each_by_itself
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
    try:
        series_ids = await house.database.read(lambda db: to_make(db, now))
        await each_by_itself(house, series_ids, lambda db, id_: make_all(db, k, now, id_))
    finally:
        # What is prepared opens, whatever is wrong with a series; what was missed does not, though nothing was made.
        ids = await house.database.read(lambda db: [row.id for row in due(db, now)])
        opened = await each_by_itself(house, ids, lambda db, id_: openings.open_due(db, k, now, id_))
    return opened
