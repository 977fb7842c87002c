"""Assignment and Grade Services 2.0: line items, scores and results, as strict as Moodle."""

from collections.abc import Mapping
from dataclasses import replace
from datetime import datetime
from typing import Any

from starlette.requests import Request
from starlette.responses import JSONResponse, Response

from reflect.demo import addresses
from reflect.demo.gradebook import Column, ColumnMissing, Gradebook, Score, ScoreRefused
from reflect.demo.platform import CampusPlatform
from reflect.demo.services import Grants, ServiceRefusal, must_accept, paged, sent
from reflect.demo.tokens import Claims

LINE_ITEM = "application/vnd.ims.lis.v2.lineitem+json"
LINE_ITEMS = "application/vnd.ims.lis.v2.lineitemcontainer+json"
SCORE = "application/vnd.ims.lis.v1.score+json"
RESULTS = "application/vnd.ims.lis.v2.resultcontainer+json"
FILTERS = {"resource_link_id": "activity", "resource_id": "resource_id", "tag": "tag"}
WRITING, READING = (addresses.LINE_ITEM_SCOPE,), (addresses.LINE_ITEM_SCOPE, addresses.LINE_ITEM_READING_SCOPE)


class GradingEndpoints:
    """The columns that belong to the asking tool; of others it knows nothing."""

    def __init__(self, platform: CampusPlatform, grants: Grants) -> None:
        self.platform, self.grants = platform, grants

    async def collection(self, request: Request) -> Response:
        """List the line items of a course, or make one."""
        return await (self._create(request) if request.method == "POST" else self._index(request))

    async def _index(self, request: Request) -> Response:
        tool = self.grants.must_allow(request, *READING).client_id
        must_accept(request, LINE_ITEMS)
        found = [column for column in self._gradebook.of_course(self._course(request)) if column.tool == tool]
        for name, attribute in FILTERS.items():
            if wanted := request.query_params.get(name):
                found = [column for column in found if getattr(column, attribute) == wanted]
        page, headers = paged(request, found)
        return JSONResponse([self._on_wire(column) for column in page], headers=headers, media_type=LINE_ITEMS)

    async def _create(self, request: Request) -> Response:
        tool = self.grants.must_allow(request, *WRITING).client_id
        body = _right(await sent(request, LINE_ITEM))
        activity = str(body.get("resourceLinkId", ""))
        column = self._gradebook.add(self._course(request), tool, body, activity)
        return JSONResponse(self._on_wire(column), 201, media_type=LINE_ITEM)

    async def item(self, request: Request) -> Response:
        """Show, change or delete one line item."""
        scopes = READING if request.method == "GET" else WRITING
        column = self._column(request, *scopes)
        if request.method == "DELETE":
            self._gradebook.remove(column.id)
            return Response(status_code=204)
        if request.method == "PUT":
            body = _right(await sent(request, LINE_ITEM))
            column = replace(column, label=str(body["label"]), score_maximum=float(body["scoreMaximum"]))
            self._gradebook.columns[column.id] = column
        return JSONResponse(self._on_wire(column), media_type=LINE_ITEM)

    async def scores(self, request: Request) -> Response:
        """Take a score of a student."""
        column = self._column(request, addresses.SCORE_SCOPE)
        score = _score(await sent(request, SCORE))
        people = self.platform.school.people_in(self.platform.school.course(column.course))
        parts = {person.sub: person.part_in(self.platform.school.course(column.course)) for person in people}
        if parts.get(score.user_id) != "student":
            raise ServiceRefusal(400, "userId")
        try:
            self._gradebook.take(column, score)
        except ScoreRefused as refusal:
            raise ServiceRefusal(409, refusal.code) from None
        return Response(status_code=200)

    async def results(self, request: Request) -> Response:
        """List what students reached in one column."""
        column = self._column(request, addresses.RESULT_SCOPE)
        address = addresses.line_item(self.platform.base_url, column.course, column.id)
        reached = [
            {
                "id": f"{address}&user={user}",
                "scoreOf": address,
                "userId": user,
                "resultScore": score.given,
                "resultMaximum": score.maximum,
            }
            for (column_id, user), score in self._gradebook.scores.items()
            if column_id == column.id
        ]
        page, headers = paged(request, reached)
        return JSONResponse(list(page), headers=headers, media_type=RESULTS)

    @property
    def _gradebook(self) -> Gradebook:
        return self.platform.gradebook

    def _course(self, request: Request) -> str:
        return self.platform.school.course(request.path_params["course"]).id

    def _column(self, request: Request, *scopes: str) -> Column:
        grant = self.grants.must_allow(request, *scopes)
        try:
            column = self._gradebook.column(self._course(request), request.path_params["item"])
        except ColumnMissing:
            raise ServiceRefusal(404, "not_found") from None
        if column.tool != grant.client_id:
            raise ServiceRefusal(404, "not_found")
        return column

    def _on_wire(self, column: Column) -> Claims:
        optional = {"resourceId": column.resource_id, "tag": column.tag, "resourceLinkId": column.activity}
        return {
            "id": addresses.line_item(self.platform.base_url, column.course, column.id),
            "label": column.label,
            "scoreMaximum": column.score_maximum,
            **{name: value for name, value in optional.items() if value},
        }


def _right(body: Mapping[str, Any]) -> Mapping[str, Any]:
    maximum = body.get("scoreMaximum")
    if not body.get("label") or isinstance(maximum, bool) or not isinstance(maximum, int | float) or maximum <= 0:
        raise ServiceRefusal(400, "line_item")
    return body


def _score(body: Mapping[str, Any]) -> Score:
    """Return a score as it came; raises ServiceRefusal for one without zone, person or progress (AGS 2.0 3.4)."""
    try:
        at = datetime.fromisoformat(str(body["timestamp"]))
        score = Score(
            user_id=str(body["userId"]),
            at=at,
            given=_number(body, "scoreGiven"),
            maximum=_number(body, "scoreMaximum"),
            activity_progress=str(body["activityProgress"]),
            grading_progress=str(body["gradingProgress"]),
            comment=str(body.get("comment", "")),
        )
    except (KeyError, ValueError):
        raise ServiceRefusal(400, "score") from None
    if at.tzinfo is None or (score.given is not None and score.maximum is None):
        raise ServiceRefusal(400, "score")
    return score


def _number(body: Mapping[str, Any], name: str) -> float | None:
    value = body.get(name)
    return None if value is None else float(value)
