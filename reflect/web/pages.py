"""Pages: a template with what every template may use, and the headers every page must have."""

import json
from collections.abc import Callable, Iterator, Mapping
from dataclasses import replace
from datetime import datetime
from functools import cache, lru_cache, partial
from secrets import token_hex
from types import MappingProxyType
from typing import Any

from babel.dates import format_date, format_time, get_datetime_format
from babel.numbers import format_decimal
from jinja2 import Environment
from markupsafe import Markup
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import HTMLResponse, Response

from reflect.domain.capabilities import OF_ROLE, Capability
from reflect.domain.language_packs import spoken
from reflect.domain.sessions import Viewer
from reflect.web import language
from reflect.web.assets import asset
from reflect.web.characters import drawing, scene
from reflect.web.compression import Shared, gzipped, takes_gzip
from reflect.web.house import house_of
from reflect.web.protection import OPENED, policy
from reflect.web.templating import new_environment
from reflect.web.wordings import person_name

ANYBODY = "*"
"""Who may frame a page that holds nothing of anybody."""
TAB = token_hex(16)
"""Stands for a reader's tab in what several are given; nobody else can write it."""


@cache
def environment(tag: str) -> Environment:
    """The templates of one language."""
    shown_in = language.language(tag)
    say = _say(shown_in)

    @lru_cache(1024)
    def format_number(number: float) -> str:
        return format_decimal(number, locale=shown_in.cldr)

    env = new_environment(["jinja2.ext.i18n"], {"_": say["gettext"], "pgettext": say["pgettext"], "asset": asset})
    env.policies["ext.i18n.trimmed"] = True
    env.install_gettext_translations(shown_in.translations, newstyle=True)  # type: ignore[attr-defined]
    env.globals.update(
        say,
        drawing=drawing,
        scene=scene,
        spoken=spoken,
        locale=shown_in.tag,
        direction=shown_in.direction,
        space=shown_in.space,
        format_number=format_number,
        format_datetime=lambda moment: _datetime(moment, tag),
    )
    return env


def _say(shown_in: language.Language) -> dict[str, Callable[..., Markup]]:
    """Jinja's functions of its new style (a message and its fields), with what people wrote kept apart from the
    sentence around it."""
    spoken_by = shown_in.translations

    def filled(sentence: str, fields: Mapping[str, Any]) -> Markup:
        apart = {name: shown_in.isolated(it) if type(it) is str else it for name, it in fields.items()}
        return Markup(sentence) % apart  # noqa: S704 - catalogues are ours; what fields hold is escaped

    def gettext(message: str, **fields: Any) -> Markup:
        return filled(spoken_by.gettext(message), fields)

    def pgettext(context: str, message: str, **fields: Any) -> Markup:
        return filled(spoken_by.pgettext(context, message), fields)

    def ngettext(singular: str, plural: str, number: int, **fields: Any) -> Markup:
        return filled(spoken_by.ngettext(singular, plural, number), {"num": number, **fields})

    return {"gettext": gettext, "pgettext": pgettext, "ngettext": ngettext}


def _datetime(moment: datetime, tag: str) -> Markup:
    """A moment in UTC, which the script rewrites in the reader's own zone: LMSs do not tell us a course's."""
    name = language.language(tag).cldr
    day, time = format_date(moment, "medium", locale=name), format_time(moment, "short", locale=name)
    words = f"{str(get_datetime_format('medium', locale=name)).format(time, day)} UTC"
    return Markup('<time datetime="{}">{}</time>').format(moment.isoformat(timespec="seconds"), words)


def language_of(request: Request, viewer: Viewer | None = None) -> str:
    """The language for a request: the session's (chosen, or the launch's), then the browser's (chosen, or asked for),
    then the installation's."""
    return language.choose(_wishes(request, viewer), house_of(request).settings.default_locale)


def _wishes(request: Request, viewer: Viewer | None) -> Iterator[str | None]:
    """One after the other, because mostly the first is fulfilled."""
    if viewer:
        yield viewer.locale
    yield language.chosen_in(request)
    yield from language.accepted(request)


def address(request: Request, name: str, viewer: Viewer | None = None, **params: Any) -> str:
    """A relative address inside the app; with a viewer it names the tab, so that a browser's tabs stay apart."""
    path = path_of(request.app, name, **params)
    return f"{path}?tab={viewer.tab}" if viewer else path


@lru_cache(4096)
def path_of(app: Starlette, name: str, **params: Any) -> str:
    """The path of a route; remembered, because finding one in the table costs more than most pages' queries."""
    return str(app.url_path_for(name, **params))


def render(
    request: Request,
    template: str,
    *,
    viewer: Viewer | None = None,
    status: int = 200,
    headers: Mapping[str, str] | None = None,
    ancestors: str | None = None,
    form_targets: str = "",
    **context: Any,
) -> Response:
    """A page. `ancestors` are the origins that may frame it: the viewer's platform, or `*` on pages without data."""
    tag = language_of(request, viewer)
    html = _markup(
        request,
        template,
        tag,
        viewer,
        viewer=viewer and _seen(viewer, tag, house_of(request).now()),
        course=viewer and {"id": viewer.course_id, "title": viewer.course_title},
        here=request.url.path,
        **context,
    )
    framed_by = ancestors or (viewer.frame_ancestors if viewer else _framed_by_default(request))
    content, encoding = _on_the_wire(request, html, context.get("choices"))
    return page_of(content, tag, framed_by, {**encoding, **(headers or {})}, status, form_targets)


def for_all_readers(request: Request, template: str, tag: str, viewer: Viewer, **context: Any) -> str:
    """A part that all readers of one role and language get who are to see the same, with `TAB` for the reader's tab.

    It knows nothing else of its reader: a template that asks for more is at fault.
    """
    return _markup(request, template, tag, replace(viewer, tab=TAB), viewer={"may": _may(viewer.role)}, **context)


def _markup(request: Request, template: str, tag: str, tab_of: Viewer | None, **context: Any) -> str:
    return environment(tag).get_template(template).render(path_for=partial(address, request, viewer=tab_of), **context)


def page_of(
    content: str | bytes,
    tag: str,
    framed_by: str,
    headers: Mapping[str, str],
    status: int = 200,
    form_targets: str = "",
) -> Response:
    """What was rendered, with the headers that every page must have."""
    return HTMLResponse(
        content,
        status,
        headers={
            "Content-Security-Policy": policy(framed_by, form_targets),
            "Cache-Control": "no-store",
            "Content-Language": tag,
            # Where a browser keeps nothing, a page for anybody that is loaded anew must not lose who opened it.
            **(OPENED if framed_by == ANYBODY else {}),
            **({"Reflect-Error": "form"} if status >= 400 else {}),
            **headers,
        },
    )


def _on_the_wire(request: Request, html: str, part: object) -> tuple[str | bytes, dict[str, str]]:
    """A page as it is sent, and the headers that say how: compressed as far as it may be (docs/security.md)."""
    if not isinstance(part, Shared):
        return html, {}
    squeezed = gzipped(html, part) if takes_gzip(request.headers) else None
    vary = {"Vary": "Accept-Encoding"}
    return (html, vary) if squeezed is None else (squeezed, {**vary, "Content-Encoding": "gzip"})


def _framed_by_default(request: Request) -> str:
    """Pages without data may be framed by anybody; the portal, guests' pages and those of signing in by nobody, even
    when they refuse."""
    return "'none'" if request.url.path.startswith(("/admin", "/c/", "/sign-in")) else ANYBODY


def _seen(viewer: Viewer, tag: str, now: datetime) -> dict[str, Any]:
    """The viewer as templates may know them."""
    return {
        "name": person_name(viewer.name, viewer.sub, viewer.role, tag),
        "role": viewer.role,
        "is_preview": viewer.is_preview,
        "awaits_sign_in": viewer.awaits_sign_in,
        "minutes_left": int((viewer.expires_at - now).total_seconds()) // 60,
        "may": _may(viewer.role),
    }


@cache
def _may(role: str) -> Mapping[str, bool]:
    """What a role may do, by the names of its capabilities."""
    return MappingProxyType({capability.value: capability in OF_ROLE[role] for capability in Capability})


def see_other(request: Request, name: str, viewer: Viewer, **params: Any) -> Response:
    """Send the browser on after a change."""
    return lead_to(request, address(request, name, viewer, **params))


def lead_to(request: Request, path: str) -> Response:
    """Send the browser to another page. A part of a page has no room for it, so htmx is told to take it whole."""
    if wants_part(request):
        whole = json.dumps({"path": path, "target": "body", "swap": "innerHTML"})
        return Response(status_code=204, headers={"HX-Location": whole, "Cache-Control": "no-store"})
    # Not RedirectResponse: it spells out every letter of an address that is ours and plain ASCII.
    return Response(status_code=303, headers={"Location": path, "Cache-Control": "no-store"})


def wants_part(request: Request) -> bool:
    """Whether htmx asks for a part of the page only."""
    return request.headers.get("hx-request-type") == "partial"
