"""What the API is, in the words of OpenAPI 3.1."""

from collections.abc import Mapping
from typing import Any

from reflect import __version__
from reflect.domain.graph import EMOTION_TYPE, FEEDBACK_TYPE
from reflect.web.api.queries import LARGEST_PAGE, USUAL_PAGE

_PATH = "/api/v1/education/reports/reflectCheckInResponses"
_TEXT = {"type": "string"}
_MOMENT = {"type": "string", "format": "date-time"}
_WHY = {
    "400": "A query option is unknown, given twice, or cannot be read; the message says which and what it takes.",
    "401": "There is no key, or it is unknown or revoked.",
    "405": "The API only reads: GET, and nothing else.",
    "429": "The key has called too often.",
    "503": "The database cannot be reached right now.",
}


def describe(base_url: str) -> Mapping[str, Any]:
    """The description for an installation at this address."""
    return {
        "openapi": "3.1.0",
        "info": {
            "title": "Reflect API",
            "version": __version__,
            "summary": "Check-in answers for an institution's own data warehouse, in the shape of Microsoft Graph.",
            "license": {"name": "MIT", "identifier": "MIT"},
        },
        "servers": [{"url": base_url}],
        "security": [{"key": []}],
        "paths": {_PATH: {"get": _list()}, "/api/v1/openapi.json": {"get": _itself()}},
        "components": {
            "securitySchemes": {
                "key": {
                    "type": "http",
                    "scheme": "bearer",
                    "description": "A key that an administrator made in the portal, with the scopes read.anonymous "
                    "(released answers of anonymous check-ins) and read.named (check-ins whose receipt said so).",
                }
            },
            "schemas": {"reflectCheckInResponse": _response(), "page": _page(), "refusal": _refusal()},
            "headers": {"Reflect-Error": {"schema": _TEXT, "description": "The code of the refusal, as in the body."}},
        },
    }


def _list() -> Mapping[str, Any]:
    return {
        "operationId": "listReflectCheckInResponses",
        "summary": "Answers, by default those of the last 24 hours",
        "parameters": [
            _option("$top", f"Rows of a page; {USUAL_PAGE} unless set.", {
                "type": "integer", "minimum": 1, "maximum": LARGEST_PAGE, "default": USUAL_PAGE
            }),
            _option("$filter", "Comparisons of submitDateTime by ge, gt, le, lt, joined by and. Any range may be asked "
                    "for (Graph allows 24 hours).", _TEXT),
            _option("$skiptoken", "From @odata.nextLink.", _TEXT),
            _option("$count", "Whether to tell how many answers there are.", {"type": "boolean", "default": False}),
            _option("$select", "Properties to be told, with commas between.", _TEXT),
        ],
        "responses": {"200": _answer("A page of answers.", "page")} | {
            status: _refused(status, why) for status, why in _WHY.items()
        },
    }  # fmt: skip


def _itself() -> Mapping[str, Any]:
    description = {"type": "object"}
    return {
        "operationId": "describe",
        "summary": "This description",
        "security": [],
        "responses": {
            "200": {"description": "OpenAPI 3.1.", "content": {"application/json": {"schema": description}}},
            "405": _refused("405", _WHY["405"]),
        },
    }


def _option(name: str, what: str, schema: Mapping[str, Any]) -> Mapping[str, Any]:
    return {"name": name, "in": "query", "required": False, "description": what, "schema": schema}


def _answer(what: str, schema: str) -> dict[str, Any]:
    return {
        "description": what,
        "content": {"application/json": {"schema": {"$ref": f"#/components/schemas/{schema}"}}},
    }


def _refused(status: str, why: str) -> Mapping[str, Any]:
    headers: dict[str, Any] = {"Reflect-Error": {"$ref": "#/components/headers/Reflect-Error"}}
    if status in {"429", "503"}:
        headers["Retry-After"] = {"schema": {"type": "integer"}, "description": "Seconds."}
    return _answer(why, "refusal") | {"headers": headers}


def _object(properties: Mapping[str, Any], required: list[str]) -> Mapping[str, Any]:
    return {"type": "object", "additionalProperties": False, "required": required, "properties": properties}


def _page() -> Mapping[str, Any]:
    properties = {
        "@odata.context": _TEXT,
        "@odata.count": {"type": "integer", "minimum": 0},
        "@odata.nextLink": {"type": "string", "format": "uri"},
        "value": {"type": "array", "items": {"$ref": "#/components/schemas/reflectCheckInResponse"}},
    }
    return _object(properties, ["@odata.context", "value"])


def _response() -> Mapping[str, Any]:
    nobody = "null for a check-in that is anonymous"
    properties = {
        "id": {"type": "string", "format": "uuid"},
        "checkInId": {"type": "string", "format": "uuid"},
        "checkInTitle": {**_TEXT, "description": "The question."},
        "classId": {**_TEXT, "description": "The id of the course in its learning platform (LTI context id)."},
        "createdDateTime": {**_MOMENT, "description": "When the check-in was opened."},
        "creatorId": {"type": ["string", "null"], "description": "The teacher's id in the platform (LTI sub)."},
        "isClosed": {"type": "boolean"},
        "responderId": {"type": ["string", "null"], "description": f"The student's id (LTI sub); {nobody}."},
        "responseEmotion": {"type": "string", "enum": list(EMOTION_TYPE)},
        "responseFeedback": {"type": "string", "enum": list(FEEDBACK_TYPE)},
        "submitDateTime": {
            **_MOMENT,
            "description": "When the answer was given or last changed. Of an anonymous check-in the midnight (UTC) of "
            "the day it was opened.",
        },
    }
    return _object(properties, [])


def _refusal() -> Mapping[str, Any]:
    details = _object({"date": _MOMENT, "request-id": _TEXT}, ["date", "request-id"])
    told = _object({"code": _TEXT, "message": _TEXT, "innerError": details}, ["code", "message", "innerError"])
    return _object({"error": told}, ["error"])
