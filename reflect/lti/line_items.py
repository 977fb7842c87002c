"""The columns of a gradebook: Assignment and Grade Services 2.0, line items.

Only scopes that the launch's claim grants are used.
"""

import math
from collections.abc import Iterator, Mapping, Sequence
from contextlib import aclosing, contextmanager
from dataclasses import dataclass
from typing import Any, Final
from urllib.parse import urlencode, urlsplit, urlunsplit

from reflect.lti import reading
from reflect.lti.addresses import origin
from reflect.lti.messages import Grades
from reflect.lti.outbound import Answer
from reflect.lti.paging import pages
from reflect.lti.service_answers import json_object, json_value
from reflect.lti.service_refusals import ServiceRefused
from reflect.lti.services import LINE_ITEM, LINE_ITEM_READONLY, Connection

LINE_ITEM_TYPE: Final = "application/vnd.ims.lis.v2.lineitem+json"
LINE_ITEMS_TYPE: Final = "application/vnd.ims.lis.v2.lineitemcontainer+json"
MOST_LINE_ITEMS: Final = 10_000
_MOST_POINTS: Final = 1e12


class LineItemGone(ServiceRefused):
    """The line item is not in the gradebook any more (`not_found`)."""


@dataclass(frozen=True, slots=True)
class LineItemDraft:
    """A column of the gradebook as we want it; `resource_id` and `tag` are our own names for it."""

    label: str
    score_maximum: float
    resource_id: str | None = None
    tag: str | None = None

    def __post_init__(self) -> None:
        if not (math.isfinite(self.score_maximum) and self.score_maximum > 0):
            raise ValueError("a line item needs a maximum above 0")

    def on_wire(self) -> dict[str, Any]:
        """The JSON of it (AGS 2.0 3.2.5), without what is not set."""
        named = {"resourceId": self.resource_id, "tag": self.tag}
        return {
            "label": self.label,
            "scoreMaximum": self.score_maximum,
            **{name: value for name, value in named.items() if value is not None},
        }


@dataclass(frozen=True, slots=True)
class LineItem:
    """A column of the gradebook as it is; `url` is its id. Empty words of the platform are None."""

    url: str
    label: str | None
    score_maximum: float | None
    resource_id: str | None
    tag: str | None
    resource_link_id: str | None


async def line_items(
    connection: Connection,
    grades: Grades,
    *,
    resource_link_id: str | None = None,
    resource_id: str | None = None,
    tag: str | None = None,
) -> tuple[LineItem, ...]:
    """The line items of the course that are ours and fit every filter given (AGS 2.0 3.2.4), all pages.

    Raises `ServiceRefused`. The filters are applied here again, for platforms that ignore them.
    """
    wanted = {"resource_link_id": resource_link_id, "resource_id": resource_id, "tag": tag}
    filters = {name: value for name, value in wanted.items() if value is not None}
    url = _with_query(_collection(grades), filters)
    found: list[LineItem] = []
    async with aclosing(pages(connection, url, accept=LINE_ITEMS_TYPE, scopes=_reading(grades))) as answers:
        async for answer in answers:
            found.extend(_listed(answer))
            if len(found) > MOST_LINE_ITEMS:
                raise ServiceRefused("too_long", f"the course has more than {MOST_LINE_ITEMS} line items")
    return tuple(item for item in found if all(getattr(item, name) == value for name, value in filters.items()))


async def create(connection: Connection, grades: Grades, draft: LineItemDraft) -> LineItem:
    """Makes a line item that is bound to no link; raises `ServiceRefused`."""
    url, scopes = _collection(grades), granted(grades, LINE_ITEM)
    answer = await connection.post(url, draft.on_wire(), media_type=LINE_ITEM_TYPE, scopes=scopes)
    return _line_item(json_object(answer, "the line item service"))


@contextmanager
def gone_if_missing() -> Iterator[None]:
    """Around a call to the address of a line item: status 404 or 410 becomes `LineItemGone`."""
    try:
        yield
    except ServiceRefused as refused:
        if refused.code != "not_found":
            raise
        raise LineItemGone(refused.code, refused.detail) from refused


def granted(grades: Grades, *wanted: str) -> frozenset[str]:
    """Those of the wanted scopes that the launch grants; raises `ServiceRefused` `scope_missing` if none."""
    found = frozenset(wanted).intersection(grades.scopes)
    if not found:
        raise ServiceRefused("scope_missing", f"the launch does not grant {' or '.join(wanted)}")
    return found


def _reading(grades: Grades) -> frozenset[str]:
    return granted(grades, LINE_ITEM, LINE_ITEM_READONLY)


def _collection(grades: Grades) -> str:
    if grades.lineitems is None:
        raise ServiceRefused("scope_missing", "the launch offers no list of line items")
    return grades.lineitems


def _with_query(url: str, added: Mapping[str, str]) -> str:
    if not added:
        return url
    parts = urlsplit(url)
    return urlunsplit(parts._replace(query="&".join(filter(None, (parts.query, urlencode(added))))))


def _listed(answer: Answer) -> Sequence[LineItem]:
    listed = json_value(answer, "the line item service")
    if not isinstance(listed, list):
        raise ServiceRefused("answer_malformed", "the line item service did not answer with a list")
    return [_line_item(entry) for entry in listed]


def _line_item(entry: object) -> LineItem:
    found: Mapping[str, Any] = entry if isinstance(entry, dict) else {}
    url = found.get("id")
    if not isinstance(url, str) or origin(url) is None:
        raise ServiceRefused("answer_malformed", "a line item has no address")
    return LineItem(
        url=url,
        label=reading.text(found.get("label")),
        score_maximum=_maximum(found.get("scoreMaximum")),
        resource_id=reading.identifier(found.get("resourceId")),
        tag=reading.identifier(found.get("tag")),
        resource_link_id=reading.identifier(found.get("resourceLinkId")),
    )


def _maximum(given: object) -> float | None:
    if isinstance(given, bool) or not isinstance(given, int | float):
        return None
    return float(given) if 0 < given < _MOST_POINTS else None
