"""Presenting: a check-in on the wall of a room, live, without names, with results only once they are revealed."""

from typing import Any

from sqlmodel import Session
from starlette.requests import Request
from starlette.responses import Response

from reflect.domain import presentations
from reflect.domain.presentations import Presentation
from reflect.domain.sessions import Viewer
from reflect.web.cards import card
from reflect.web.house import house_of
from reflect.web.pages import address, language_of, render, wants_part
from reflect.web.results import shown
from reflect.web.sessions import visit
from reflect.web.shares import is_open, way_in
from reflect.web.windows import offered

MOST_BARS = 6
"""More do not fit on a wall; the rest is counted."""


async def show(request: Request) -> Response:
    """The wall, or for htmx its live part: 304 while nothing has changed (RFC 9110 13.1.2)."""
    checkin_id, is_revealed = request.path_params["checkin_id"], request.query_params.get("revealed") == "yes"
    viewer, found = await visit(request, lambda db, viewer: _look(db, viewer, checkin_id), checkin_id=checkin_id)
    etag = etag_of(found, viewer, is_revealed)
    if wants_part(request) and request.headers.get("if-none-match", "") == etag:
        return Response(status_code=304, headers={"ETag": etag, "Cache-Control": "no-store"})
    tag = language_of(request, viewer)
    return render(
        request,
        "presentations/_wall.html" if wants_part(request) else "presentations/show.html",
        viewer=viewer,
        headers={"ETag": etag},
        checkin=card(found.checkin, tag, answered=found.answered, expected=found.expected),
        guests=found.guests,
        way_in=_way_in(request, found),
        is_revealed=is_revealed,
        results=_results(found, tag) if is_revealed else None,
        live=f"{address(request, 'presentations.show', viewer, checkin_id=checkin_id)}{'&revealed=yes' * is_revealed}",
        tab=viewer.tab,
        window=None if wants_part(request) else offered(request, viewer),
        etag=etag,
    )


def _look(db: Session, viewer: Viewer, checkin_id: int) -> Presentation:
    return presentations.of(db, viewer, checkin_id)


def etag_of(found: Presentation, viewer: Viewer, is_revealed: bool) -> str:
    """Names what the wall shows now."""
    way = "" if found.guests is None else f"-{found.guests.answered}-{found.guests.closed_at is None}"
    state = f"{found.checkin.id}-{found.checkin.version}-{found.expected}{way}"
    return f'"wall-{state}-{is_revealed}-{viewer.locale}"'


def _way_in(request: Request, found: Presentation) -> dict[str, Any] | None:
    if not is_open(found.checkin, found.guests):
        return None
    return way_in(house_of(request), request, found.guests.code)


def _results(found: Presentation, tag: str) -> dict[str, Any] | None:
    """The largest bars, and how many answers stand outside of them. Names are in none of these to begin with."""
    if found.totals is None:
        return None
    results = shown(found.totals, found.checkin, tag)
    bars, rest = _largest(results["bars"])
    return {
        "bars": bars,
        "nearly": next((bar["option"] for bar in results["bars"] if bar["count"]), None),
        "others": sum(bar["count"] for bar in rest),
        "hidden": results["unsaid"],
        "is_nearly_everyone": results["is_nearly_everyone"],
    }


def _largest(bars: list[dict[str, Any]]) -> tuple[list[dict[str, Any]], list[dict[str, Any]]]:
    """What has room, and the rest. Where all have room they keep the form's own order, which begins with its lowest."""
    if len(bars) <= MOST_BARS:
        return bars, []
    by_size = sorted((bar for bar in bars if bar["count"]), key=lambda bar: -bar["count"])
    return by_size[:MOST_BARS], by_size[MOST_BARS:]
