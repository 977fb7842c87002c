"""The close of a check-in: by somebody, or when its time has come."""

from starlette.requests import Request
from starlette.responses import Response

from reflect.domain import closures, lifecycle
from reflect.domain.capabilities import Capability
from reflect.storage.checkins import to_close
from reflect.web import results
from reflect.web.house import House, house_of
from reflect.web.pages import see_other, wants_part
from reflect.web.rounds import each_by_itself
from reflect.web.sessions import visit


async def create(request: Request) -> Response:
    """Close a check-in, and show what its results are now; not to an author, who is led on."""
    house, checkin_id = house_of(request), request.path_params["checkin_id"]
    now = house.now()
    viewer, _ = await visit(
        request,
        lambda db, viewer: closures.close(db, viewer, checkin_id, house.sealer, now),
        checkin_id=checkin_id,
        writes=True,
    )
    if wants_part(request) and viewer.may(Capability.SEE_RESULTS):
        return await results.show(request)
    return see_other(request, "checkins.show", viewer, checkin_id=checkin_id)


async def close_due(house: House) -> int:
    """Close those that are to be closed by now; how many."""
    now = house.now()
    ids = await house.database.read(lambda db: [row.id for row in to_close(db, now)])
    return await each_by_itself(house, ids, lambda db, id_: lifecycle.close_due(db, house.sealer, now, id_))
