"""Reading what is asked: the query options of OData that are known here, each checked, everything else refused.

A page's end travels in `$skiptoken`, signed and bound to the key, together with the window of time that the first page
was asked for: *the last 24 hours* must not move on while somebody turns pages.
"""

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from urllib.parse import quote

from itsdangerous import BadData, URLSafeSerializer
from starlette.datastructures import QueryParams

from reflect.domain.graph import FIELDS, moment
from reflect.domain.refusals import Refused
from reflect.domain.warehouse import LAST_DAY, Place, Window
from reflect.keyring import Keyring

USUAL_PAGE, LARGEST_PAGE = 100, 999
"""Rows of a page; the largest is what Graph allows elsewhere, for of this list it says none."""
OPTIONS = ("$top", "$filter", "$skiptoken", "$count", "$select")
LONGEST_FILTER = 1000
_FIRST, _LAST = datetime(1970, 1, 1, tzinfo=UTC), datetime(9000, 1, 1, tzinfo=UTC)
_MICROSECOND = timedelta(microseconds=1)
_COMPARISON = re.compile(
    r"\(?\s*submitDateTime\s+(?P<by>ge|gt|le|lt)\s+(?:datetime)?(?P<quote>'?)"
    r"(?P<moment>[^\s')]+)(?P=quote)\s*\)?"
)


@dataclass(frozen=True, slots=True)
class Query:
    """What is asked for; `after` is None for the first page."""

    window: Window
    most: int
    is_counted: bool
    fields: tuple[str, ...]
    after: Place | None
    asked: Mapping[str, str]
    """The options as they came, to be repeated in the link to the next page."""

    def next_link(self, address: str, token: str) -> str:
        """Where the next page is."""
        options = {**self.asked, "$skiptoken": token}
        return f"{address}?" + "&".join(f"{name}={quote(value, safe='')}" for name, value in options.items())


class Tokens:
    """Makes and reads `$skiptoken`s."""

    def __init__(self, keyring: Keyring) -> None:
        self._signer = URLSafeSerializer(keyring.key_for("api skiptoken"))

    def made(self, key_id: int, window: Window, place: Place) -> str:
        """A page's end as text."""
        bounds = [_in_microseconds(bound) for bound in (window.since, window.before)]
        counts = None if place.counts is None else dict(place.counts)
        return str(self._signer.dumps([key_id, *bounds, place.checkin_id, place.row_id, counts]))

    def read(self, text: str, key_id: int) -> tuple[Window, Place]:
        """The window and the end that a token carries; raises Refused `api_skiptoken`."""
        try:
            owner, since, before, checkin_id, row_id, counts = self._signer.loads(text)
        except (BadData, ValueError, TypeError):
            raise Refused("api_skiptoken") from None
        if owner != key_id:
            raise Refused("api_skiptoken")
        window = Window(*(_FIRST + timedelta(microseconds=bound) for bound in (since, before)))
        return window, Place(checkin_id, row_id, counts)


def read(params: QueryParams, key_id: int, tokens: Tokens, now: datetime) -> Query:
    """The query of a request; raises Refused with a code for the first option at fault."""
    asked = _once_each(params.multi_items())
    window, after = _filtered(asked.get("$filter")), None
    if "$skiptoken" in asked:
        began, after = tokens.read(asked["$skiptoken"], key_id)
        if window not in (None, began):
            raise Refused("api_skiptoken")
        window = began
    return Query(
        window=window or Window(now - LAST_DAY, _LAST),
        most=_top(asked.get("$top", str(USUAL_PAGE))),
        is_counted=_flag(asked.get("$count", "false")),
        fields=_selected(asked.get("$select")),
        after=after,
        asked={name: value for name, value in asked.items() if name != "$skiptoken"},
    )


def _once_each(items: Sequence[tuple[str, str]]) -> dict[str, str]:
    found: dict[str, str] = {}
    for name, value in items:
        if name not in OPTIONS:
            raise Refused("api_option_unknown", option=name[:40])
        if name in found:
            raise Refused("api_option_twice", option=name)
        found[name] = value
    return found


def _top(text: str) -> int:
    if not (text.isascii() and text.isdecimal() and len(text) < 5 and 1 <= int(text) <= LARGEST_PAGE):
        raise Refused("api_top", most=str(LARGEST_PAGE))
    return int(text)


def _flag(text: str) -> bool:
    if text not in {"true", "false"}:
        raise Refused("api_count")
    return text == "true"


def _selected(text: str | None) -> tuple[str, ...]:
    if text is None:
        return FIELDS
    names = [name.strip() for name in text.split(",")]
    for name in names:
        if name not in FIELDS:
            raise Refused("api_select", option=name[:40])
    return tuple(name for name in FIELDS if name in names)


def _filtered(text: str | None) -> Window | None:
    """The window of a filter; an end that it does not name is open."""
    if text is None:
        return None
    since, before = _FIRST, _LAST
    for part in re.split(r"\s+and\s+", text.strip()) if len(text) <= LONGEST_FILTER else [""]:
        found = _COMPARISON.fullmatch(part)
        if found is None or part.startswith("(") != part.endswith(")"):
            raise Refused("api_filter")
        exact, is_cut = _moment(found["moment"])
        after = exact + _MICROSECOND
        match found["by"]:
            case "ge":
                since = max(since, after if is_cut else exact)
            case "gt":
                since = max(since, after)
            case "lt":
                before = min(before, after if is_cut else exact)
            case _:
                before = min(before, after)
    return Window(since, before)


def _moment(text: str) -> tuple[datetime, bool]:
    """A moment within what can be counted from, and whether something was cut off it."""
    try:
        found, is_cut = moment(text)
    except ValueError:
        raise Refused("api_filter") from None
    return min(max(found, _FIRST), _LAST - _MICROSECOND), is_cut


def _in_microseconds(bound: datetime) -> int:
    return (bound - _FIRST) // _MICROSECOND
