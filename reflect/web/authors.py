"""The course's home for authors: staff whom no receipt names, who make check-ins and close them, and see no answer."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from sqlmodel import Session
from starlette.requests import Request
from starlette.responses import Response

from reflect.domain import checkins, deep_links
from reflect.domain.sessions import Viewer
from reflect.storage import besides
from reflect.web.cards import card
from reflect.web.pages import address, language_of, lead_to, render


@dataclass(frozen=True, slots=True)
class ForAuthor:
    """What an author's home shows: nothing that any answer has changed."""

    rows: Sequence[Any]
    has_series: bool
    is_dialog: bool


def look(db: Session, viewer: Viewer) -> ForAuthor:
    """The check-ins of the viewer's course, without anything of their answers."""
    return ForAuthor(
        checkins.of_course(db, viewer),
        besides.has_series(db, viewer.course_id),
        deep_links.find(db, viewer) is not None,
    )


def page(request: Request, viewer: Viewer, found: ForAuthor) -> Response:
    """Why they see no answers, and what they can do; in a content dialog the picker."""
    if found.is_dialog:
        return lead_to(request, address(request, "deep_links.new", viewer))
    cards = [card(row, language_of(request, viewer)) for row in found.rows]
    return render(
        request,
        "courses/author.html",
        viewer=viewer,
        current=[shown for shown in cards if shown.is_open or shown.is_prepared],
        over=[shown for shown in cards if not (shown.is_open or shown.is_prepared)],
        has_series=found.has_series,
    )
