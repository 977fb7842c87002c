"""Style sheets and scripts: files apart, one for each noun, but sent joined, so that a page asks for one of each."""

import gzip
from dataclasses import dataclass
from functools import cache
from hashlib import sha256
from typing import Final

from rcssmin import cssmin
from rjsmin import jsmin

from reflect.files import STATIC

STYLES: Final = (
    "reset",
    "tokens",
    "layout",
    "forms",
    "faces",
    "tags",
    "checkins",
    "questions",
    "series",
    "groups",
    "answers",
    "options",
    "results",
    "breaks",
    "reflections",
    "exports",
    "talks",
    "students",
    "prompts",
    "launches",
    "errors",
    "copies",
    "shares",
    "presentations",
    "windows",
    "languages",
    "toolkit",
    "responses",
    "changes",
    "charts",
    "insights",
    "diagnostics",
    "introductions",
    "sign_ins",
    "sessions",
)
"""In the order of the cascade: what others build on comes first."""
SCRIPTS: Final = (
    "reflect",
    "sessions",
    "frames",
    "answers",
    "autosaves",
    "breaks",
    "copies",
    "presentations",
    "diagnostics",
)
PORTAL_STYLES: Final = ("admin", "leaders")
PORTAL_SCRIPTS: Final = ("admin",)
ALONE: Final = ("demo", "deep_links", "styleguide")
"""Sheets of pages with rules of their own for words that others use too."""
HTMX: Final = "vendor/htmx-4.0.1.min.js"


@dataclass(frozen=True, slots=True)
class Joined:
    """Several files as one, without comments and indents, as it is and compressed."""

    content: bytes
    compressed: bytes
    media_type: str


def _sheet(*nouns: str) -> Joined:
    return _joined(cssmin("\n".join((STATIC / f"css/{noun}.css").read_text() for noun in nouns)), "text/css")


def _script(*nouns: str, before: str = "") -> Joined:
    """Each of our scripts in a function of its own: strict by itself, and no name of one gets in the way of another."""
    own = [f"(() => {{\n{(STATIC / f'js/{noun}.js').read_text()}\n}})();\n" for noun in nouns]
    return _joined("\n".join([before, jsmin("\n".join(own))]), "text/javascript")


def _joined(text: str, media_type: str) -> Joined:
    content = text.encode()
    return Joined(content, gzip.compress(content, mtime=0), media_type)


@cache
def joined() -> dict[str, Joined]:
    """What is sent joined, by its path under `/static/`; joined once for each process."""
    return {
        "reflect.css": _sheet(*STYLES),
        "reflect.js": _script(*SCRIPTS, before=(STATIC / HTMX).read_text()),
        "portal.css": _sheet(*PORTAL_STYLES),
        "portal.js": _script(*PORTAL_SCRIPTS),
    }


@cache
def asset(path: str) -> str:
    """The address of a static file or of a joined one, with a fingerprint that lets browsers keep it for ever."""
    whole = joined().get(path)
    content = whole.content if whole else (STATIC / path).read_bytes()
    return f"/static/{path}?v={sha256(content).hexdigest()[:12]}"
