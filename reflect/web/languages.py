"""Choosing a language: for a person wherever they launch from, and for a browser on pages that know nobody."""

from contextlib import suppress
from typing import Any

from babel import Locale
from sqlmodel import Session
from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Match

from reflect.domain import languages
from reflect.domain.language_packs import PACKS
from reflect.domain.refusals import Refused
from reflect.domain.sessions import Viewer
from reflect.web.cookies import set_cookie
from reflect.web.forms import fields_of
from reflect.web.language import COOKIE, available, language
from reflect.web.pages import language_of, lead_to, path_of, render
from reflect.web.sessions import passer_by, visit

A_YEAR = 365 * 24 * 60 * 60


async def index(request: Request) -> Response:
    """All languages, each in its own words, and how far each may be trusted."""
    viewer = await passer_by(request)
    back = _page(request, request.query_params.get("from", ""), viewer)
    return render(
        request,
        "languages/index.html",
        viewer=viewer,
        choices=_choices(language_of(request, viewer)),
        back=back,
        return_to=_in_tab(back, viewer),
    )


async def create(request: Request) -> Response:
    """Keep the choice, and lead back to the page it was made on; refuses a language that there are no texts for."""
    fields = await fields_of(request)
    tag = fields.get("language", "")
    if tag not in available():
        raise HTTPException(400, "form")

    def work(db: Session, viewer: Viewer) -> None:
        languages.choose(db, viewer, tag)

    viewer: Viewer | None = None
    with suppress(Refused):  # where nobody is known, the cookie keeps the choice
        viewer, _ = await visit(request, work, writes=True)
    response = lead_to(request, _in_tab(_page(request, fields.get("from", ""), viewer), viewer))
    set_cookie(response, COOKIE, tag, A_YEAR)
    return response


def _choices(chosen: str) -> list[dict[str, Any]]:
    """Tag, own name, name in the reader's language, direction and status of each language, by its own name."""
    found = []
    for tag in available():
        locale = Locale.parse(tag, sep="-")
        own = locale.get_display_name(locale) or tag
        found.append(
            {
                "tag": tag,
                "name": own[:1].upper() + own[1:],
                "in_yours": locale.get_display_name(language(chosen).cldr),
                "direction": locale.text_direction,
                "status": PACKS[tag].status,
                "is_chosen": tag == chosen,
            }
        )
    return sorted(found, key=lambda it: str(it["name"]).casefold())


def _in_tab(path: str, viewer: Viewer | None) -> str:
    return f"{path}?tab={viewer.tab}" if viewer else path


def _page(request: Request, path: str, viewer: Viewer | None) -> str:
    """A path of ours that can be read again, else the reader's front page: nobody is led astray."""
    scope = {"type": "http", "method": "GET", "path": path, "root_path": "", "headers": []}
    is_ours = any(route.matches(scope)[0] is Match.FULL for route in request.app.routes)
    if is_ours:
        return path
    return path_of(request.app, "courses.show", course_id=viewer.course_id) if viewer else "/"
