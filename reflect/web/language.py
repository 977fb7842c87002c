"""Which language a page speaks, and which way it runs.

A person's own choice comes first, then what the launch says, then the browser's wishes, then the installation's
language. Catalogues are read as translators write them (`reflect/locales/<tag>.po`), so nothing has to be built; see
docs/translating.md.
"""

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from functools import cache, lru_cache
from gettext import GNUTranslations, NullTranslations
from io import BytesIO
from itertools import chain
from pathlib import Path
from unicodedata import bidirectional

from babel import Locale, UnknownLocaleError
from babel.messages.mofile import write_mo
from babel.messages.pofile import read_po
from starlette.requests import Request

SOURCE = "en"
COOKIE = "__Host-reflect-language"
"""Keeps a browser's choice for pages that know nobody."""
CATALOGUES = Path(__file__).parent.parent / "locales"
"""One catalogue a language, named by its BCP 47 tag; the source language needs none."""


def marked(message: str) -> str:
    """Mark a message for the catalogues where it is written; it is translated where it is shown."""
    return message


@dataclass(frozen=True, slots=True)
class Language:
    """A language we can show pages in."""

    tag: str
    direction: str
    translations: NullTranslations

    @property
    def cldr(self) -> str:
        """The tag as Babel spells locales."""
        return self.tag.replace("-", "_")

    @property
    def gettext(self) -> Callable[[str], str]:
        """The message in this language."""
        return self.translations.gettext

    @property
    def space(self) -> str:
        """What stands between two sentences: a full stop of Chinese or Japanese brings its own room."""
        return "" if self.tag in ("ja", "zh-Hans") else " "

    def isolated(self, words: str) -> str:
        """Somebody's own words for a sentence in this language: those that run the other way move nothing around them.

        A question mark at their end would else stand at their beginning (Unicode 9, 2.1: isolates).
        """
        others = ("L",) if self.direction == "rtl" else ("R", "AL")
        is_foreign = any(bidirectional(letter) in others for letter in words)
        return f"\u2068{words}\u2069" if is_foreign else words


@cache
def available() -> tuple[str, ...]:
    """Tags of all languages with a catalogue, the source first."""
    return (SOURCE, *sorted(path.stem for path in CATALOGUES.glob("*.po")))


@cache
def language(tag: str) -> Language:
    """The language of a tag for which there is a catalogue."""
    direction = Locale.parse(tag, sep="-").text_direction
    return Language(tag, direction, NullTranslations() if tag == SOURCE else _translations(tag))


def _translations(tag: str) -> NullTranslations:
    with (CATALOGUES / f"{tag}.po").open("rb") as file:
        catalogue = read_po(file, locale=tag.replace("-", "_"))
    compiled = BytesIO()
    write_mo(compiled, catalogue)
    compiled.seek(0)
    return GNUTranslations(compiled)


@lru_cache(1024)  # wishes come from anybody, so they are not remembered for ever
def nearest(wanted: str) -> str | None:
    """The available tag for a wish such as `de-AT`, `zh-CN` or Moodle's `pt_br`; None if there is none.

    Region or variant may differ, the script may not: who reads 繁體 is not helped by 简体.
    """
    wish = _parsed(wanted)
    if wish is None:
        return None
    same = [tag for tag in available() if (found := Locale.parse(tag, sep="-")).language == wish.language
            and (found.script is None or wish.script in (None, found.script))]  # fmt: skip
    return next((tag for tag in same if tag.lower() == wanted.replace("_", "-").lower()), same[0] if same else None)


def _parsed(wanted: str) -> Locale | None:
    """A tag as CLDR knows it, or as much of its beginning as CLDR knows (Moodle has packs such as `en_us_k12`)."""
    parts = wanted.replace("-", "_").split("_")
    while parts:
        try:
            return Locale.parse("_".join(parts))
        except (UnknownLocaleError, ValueError):
            parts.pop()
    return None


def choose(wishes: Iterable[str | None], default: str) -> str:
    """The first wish that can be fulfilled, else the default, else the source language."""
    for wish in chain(wishes, (default,)):
        if wish and len(wish) <= 35 and (found := nearest(wish)):
            return found
    return SOURCE


def chosen_in(request: Request) -> str | None:
    """What this browser's person chose on a page that knew nobody."""
    return request.cookies.get(COOKIE)


def accepted(request: Request) -> list[str]:
    """The tags a browser asks for (Accept-Language, RFC 9110 12.5.4), most wanted first."""
    wishes = []
    for entry in request.headers.get("accept-language", "")[:500].split(","):
        tag, _, quality = entry.strip().partition(";q=")
        try:
            wishes.append((-float(quality or 1), tag))
        except ValueError:
            continue
    return [tag for _, tag in sorted(wishes, key=lambda wish: wish[0])]
