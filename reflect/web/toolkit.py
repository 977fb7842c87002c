"""The educator toolkit at a public address: guides to read or print, and posters made from the characters."""

from collections.abc import Sequence
from functools import cache
from typing import TYPE_CHECKING, Any, Final

from markupsafe import Markup
from starlette.requests import Request
from starlette.responses import Response

from reflect.domain import toolkit
from reflect.domain.body_signals import SIGNALS
from reflect.domain.emotions import Emotion, Quadrant, vocabulary
from reflect.domain.language_packs import Status
from reflect.domain.sessions import Viewer
from reflect.domain.toolkit import POSTERS, Guide, Shelf
from reflect.web import language
from reflect.web.house import house_of
from reflect.web.language import marked
from reflect.web.pages import language_of, render
from reflect.web.sessions import passer_by

if TYPE_CHECKING:
    from markdown_it import MarkdownIt
    from markdown_it.token import Token

SHELF_NAMES: Final = {
    Shelf.TEACHING: marked("For teachers"),
    Shelf.ACTIVITIES: marked("Short activities for a class"),
    Shelf.SCHOOL: marked("For families and the school"),
}
POSTER_TITLES: Final = {
    "feelings": marked("16 feelings"),
    "map": marked("A map of feelings"),
    "body": marked("What does your body say?"),
    "who-sees-what": marked("Who sees what"),
}


async def index(request: Request) -> Response:
    """All guides and posters; nobody needs to sign in."""
    viewer = await passer_by(request)
    tag = language_of(request, viewer)
    say = language.language(tag).gettext
    shelves = [
        {
            "key": name.value,
            "label": say(SHELF_NAMES[name]),
            "guides": [_card(it, tag) for it in toolkit.shelf(name, tag)],
        }
        for name in Shelf
    ]
    posters = [{"key": key, "title": say(POSTER_TITLES[key])} for key in POSTERS]
    return render(
        request,
        "toolkit/index.html",
        viewer=viewer,
        shelves=shelves,
        posters=posters,
        emotions={it.key: it for it in vocabulary("core")},
    )


async def show(request: Request) -> Response:
    """One guide, in English where the reader's language has none yet; raises Missing."""
    viewer = await passer_by(request)
    tag = language_of(request, viewer)
    found = toolkit.find(request.path_params["guide"], tag)
    return render(
        request,
        "toolkit/show.html",
        viewer=viewer,
        guide=_card(found, tag),
        text=_html(found, viewer),
        is_other=not _is_in(found, tag),
        is_draft=found.status is Status.DRAFT,
    )


async def poster(request: Request) -> Response:
    """One poster, which is as large as the paper it is printed on; raises Missing."""
    key = toolkit.find_poster(request.path_params["poster"])
    viewer = await passer_by(request)
    tag = language_of(request, viewer)
    feelings = [_feeling(emotion, tag) for emotion in vocabulary("core")]
    return render(
        request,
        "toolkit/poster.html",
        viewer=viewer,
        key=key,
        title=language.language(tag).gettext(POSTER_TITLES[key]),
        feelings=feelings,
        quarters={name.value: [it for it in feelings if it["quadrant"] == name] for name in Quadrant},
        signals=[(it.key, it.word(tag), it.definition(tag, child=True)) for it in SIGNALS.values()],
        min_group_size=house_of(request).settings.min_group_size,
    )


def _card(found: Guide, tag: str) -> dict[str, Any]:
    """A guide without its text; a page in another language says which the guide is in, for those who hear it read."""
    return {
        "key": found.key,
        "title": found.title,
        "summary": found.summary,
        "audience": found.audience,
        "minutes": found.minutes,
        "tag": found.tag,
        "direction": language.language(found.tag).direction,
        "is_other": not _is_in(found, tag),
    }


def _is_in(found: Guide, tag: str) -> bool:
    return found.tag.partition("-")[0] == tag.partition("-")[0]


def _feeling(emotion: Emotion, tag: str) -> dict[str, Any]:
    return {
        "key": emotion.key,
        "pleasantness": emotion.pleasantness,
        "energy": emotion.energy,
        "quadrant": emotion.quadrant,
        "word": emotion.word(tag),
        "definition": emotion.definition(tag, child=True),
    }


def _html(found: Guide, viewer: Viewer | None) -> Markup:
    """A guide's text as HTML. Markup in it is text, and its links keep to the viewer's tab."""
    env = {"tab": f"?tab={viewer.tab}" if viewer else ""}
    reader = _reader()
    return Markup(reader.renderer.render(_parsed(found), reader.options, env))  # noqa: S704


@cache
def _parsed(found: Guide) -> Sequence["Token"]:
    return _reader().parse(found.text)


def _open_link(_renderer: Any, tokens: Sequence["Token"], place: int, _options: Any, env: dict[str, str]) -> str:
    href = str(tokens[place].attrGet("href"))
    return Markup('<a href="{}">').format(href + env["tab"] if href.startswith("/") else href)


@cache
def _reader() -> "MarkdownIt":
    from markdown_it import MarkdownIt  # late: a server need not load it before somebody reads a guide

    reader = MarkdownIt("commonmark", {"html": False}).disable(["image", "html_block", "html_inline"])
    reader.add_render_rule("link_open", _open_link)
    return reader
