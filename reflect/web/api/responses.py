"""`GET /api/v1/education/reports/reflectCheckInResponses`: answers, page by page."""

from collections.abc import Mapping, Sequence
from datetime import UTC, datetime

from sqlmodel import Session
from starlette.requests import Request
from starlette.responses import JSONResponse, Response

from reflect.domain import api_keys, warehouse
from reflect.domain.accesses import hour_of
from reflect.domain.api_keys import Bearer
from reflect.domain.rates import API_CALLS
from reflect.domain.warehouse import Ids, Page, Row
from reflect.storage.warehouse import Reach
from reflect.web.api import queries
from reflect.web.api.queries import Query, Tokens
from reflect.web.house import House, house_of
from reflect.web.pages import path_of
from reflect.web.protection import bearer_of

NAME = "api.responses.index"


async def index(request: Request) -> Response:
    """A page of answers. Raises Refused with a code of `web.api.refusals`."""
    house, secret = house_of(request), bearer_of(request.headers)
    bearer = await house.database.look_up(lambda db: api_keys.admit(db, secret))
    now, tokens = house.now(), Tokens(house.keyring)
    await house.rates.take(now, API_CALLS, str(bearer.key_id), "api_too_many")
    query = queries.read(request.query_params, bearer.key_id, tokens, now)
    ids = Ids(house.keyring.key_for("api ids"))

    def work(db: Session) -> tuple[Page, int | None]:
        reach = Reach(bearer.reads_anonymous, bearer.reads_named, bearer.registration_id)
        page = warehouse.read(db, reach, query.window, ids, query.most, query.after)
        return page, warehouse.count(db, reach, query.window) if query.is_counted else None

    page, count = await house.database.read(work)
    await _note(house, bearer, page.named, now)
    address = house.settings.base_url + path_of(request.app, NAME)
    token = tokens.made(bearer.key_id, query.window, page.end) if page.end else None
    return JSONResponse(_body(address, query, page.rows, count, token), headers={"Cache-Control": "no-store"})


async def _note(house: House, bearer: Bearer, named: Sequence[int], now: datetime) -> None:
    """Write down, before anything is told, that the key was used and whose names it is told; once an hour."""
    pace, hour = house.notes.accesses, hour_of(now)
    keys = {checkin_id: (checkin_id, "key", bearer.key_id, hour) for checkin_id in named}
    news = [checkin_id for checkin_id, key in keys.items() if not pace.was_done(key)]
    used = ("key", bearer.key_id, hour)
    if pace.was_done(used) and not news:
        return
    await house.database.write(lambda db: api_keys.note_use(db, bearer, news, now))
    for key in (used, *(keys[checkin_id] for checkin_id in news)):
        pace.done(key)


def _body(
    address: str, query: Query, rows: Sequence[Row], count: int | None, token: str | None
) -> Mapping[str, object]:
    root, _, collection = address.partition("/education/")
    body: dict[str, object] = {"@odata.context": f"{root}/$metadata#education/{collection}"}
    if count is not None:
        body["@odata.count"] = count
    if token is not None:
        body["@odata.nextLink"] = query.next_link(address, token)
    values = [_value(row) for row in rows]
    return {**body, "value": [{name: value[name] for name in query.fields} for value in values]}


def _value(row: Row) -> Mapping[str, object]:
    return {
        "id": row.id,
        "checkInId": row.checkin_key,
        "checkInTitle": row.question,
        "classId": row.class_id,
        "createdDateTime": _moment(row.created_at),
        "creatorId": row.creator_id,
        "isClosed": row.is_closed,
        "responderId": row.responder_id,
        "responseEmotion": row.emotion,
        "responseFeedback": row.feedback,
        "submitDateTime": _moment(row.submitted_at),
    }


def _moment(moment: datetime) -> str:
    return moment.astimezone(UTC).replace(tzinfo=None).isoformat() + "Z"
