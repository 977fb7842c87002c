"""Pages: a template with what every template may use, and the headers every page must have."""

import json
from collections.abc import Callable, Mapping
from dataclasses import replace
from datetime import datetime
from functools import cache, lru_cache, partial
from secrets import token_hex
from typing import Any, cast

from babel.dates import format_date, format_time, get_datetime_format
from babel.numbers import format_decimal
from jinja2 import Environment, pass_context
from markupsafe import Markup
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import HTMLResponse, Response

from reflect.domain.capabilities import Capability
from reflect.domain.language_packs import spoken
from reflect.domain.sessions import Viewer
from reflect.web import language
from reflect.web.assets import asset
from reflect.web.characters import drawing
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
    env = new_environment(["jinja2.ext.i18n"])
    env.policies["ext.i18n.trimmed"] = True
    shown_in = language.language(tag)
    env.install_gettext_translations(shown_in.translations, newstyle=True)  # type: ignore[attr-defined]
    for name in ("gettext", "ngettext", "pgettext"):
        env.globals[name] = _isolating(cast(Callable[..., Markup], env.globals[name]), shown_in)
    env.globals.update(
        asset=asset,
        drawing=drawing,
        spoken=spoken,
        locale=shown_in.tag,
        direction=shown_in.direction,
        space=shown_in.space,
        format_number=lambda number: format_decimal(number, locale=shown_in.cldr),
        format_datetime=lambda moment: _datetime(moment, tag),
    )
    return env


def _isolating(say: Callable[..., Markup], shown_in: language.Language) -> Callable[..., Markup]:
    """The same, with what people wrote kept apart from the sentence around it."""

    @pass_context
    def isolating(context: Any, *message: Any, **fields: Any) -> Markup:
        apart = {name: shown_in.isolated(it) if type(it) is str else it for name, it in fields.items()}
        return say(context, *message, **apart)

    return isolating


def _datetime(moment: datetime, tag: str) -> Markup:
    """A moment in UTC, which the script rewrites in the reader's own zone: LMSs do not tell us a course's."""
    name = language.language(tag).cldr
    day, time = format_date(moment, "medium", locale=name), format_time(moment, "short", locale=name)
    words = f"{str(get_datetime_format('medium', locale=name)).format(time, day)} UTC"
    return Markup('<time datetime="{}">{}</time>').format(moment.isoformat(timespec="seconds"), words)


def language_of(request: Request, viewer: Viewer | None = None) -> str:
    """The language for a request: the session's (chosen, or the launch's), then the browser's (chosen, or asked for),
    then the installation's."""
    wishes = [viewer.locale if viewer else None, language.chosen_in(request), *language.accepted(request)]
    return language.choose(wishes, house_of(request).settings.default_locale)


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
    return page_of(
        request,
        html,
        tag,
        viewer=viewer,
        status=status,
        headers=headers,
        ancestors=ancestors,
        form_targets=form_targets,
    )


def shared(request: Request, template: str, tag: str, viewer: Viewer, **context: Any) -> str:
    """A part that all readers of one role and language get who are to see the same, with `TAB` for the reader's tab.

    It knows nothing else of its reader: a template that asks for more is at fault.
    """
    return _markup(request, template, tag, replace(viewer, tab=TAB), viewer={"may": _may(viewer)}, **context)


def _markup(request: Request, template: str, tag: str, tab_of: Viewer | None, **context: Any) -> str:
    return environment(tag).get_template(template).render(path_for=partial(address, request, viewer=tab_of), **context)


def page_of(
    request: Request,
    html: str,
    tag: str,
    *,
    viewer: Viewer | None = None,
    status: int = 200,
    headers: Mapping[str, str] | None = None,
    ancestors: str | None = None,
    form_targets: str = "",
) -> Response:
    """What was rendered, with the headers that every page must have."""
    framed_by = ancestors or (viewer.frame_ancestors if viewer else _framed_by_default(request))
    # Where a browser keeps nothing, a page for anybody that is loaded anew must not lose the page that opened it.
    openers = OPENED if framed_by == ANYBODY else {}
    return HTMLResponse(
        html,
        status,
        headers={
            "Content-Security-Policy": policy(framed_by, form_targets),
            "Cache-Control": "no-store",
            "Content-Language": tag,
            **openers,
            **({"Reflect-Error": "form"} if status >= 400 else {}),
            **(headers or {}),
        },
    )


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
        "may": _may(viewer),
    }


def _may(viewer: Viewer) -> dict[str, bool]:
    return {capability.value: viewer.may(capability) for capability in Capability}


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
