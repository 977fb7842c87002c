"""Which language a page speaks, and which way it runs."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import cache
from gettext import GNUTranslations, NullTranslations
from pathlib import Path

from babel import Locale, UnknownLocaleError
from starlette.requests import Request

SOURCE = "en"
CATALOGUES = Path(__file__).parent.parent / "locales"
"""One folder a language, with `LC_MESSAGES/reflect.mo`; the source language needs none."""


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


@cache
def available() -> tuple[str, ...]:
    """Tags of all languages with a catalogue, the source first."""
    return (SOURCE, *sorted(path.parent.parent.name for path in CATALOGUES.glob("*/LC_MESSAGES/reflect.mo")))


@cache
def language(tag: str) -> Language:
    """The language of a tag for which there is a catalogue."""
    direction = Locale.parse(tag, sep="-").text_direction
    if tag == SOURCE:
        return Language(tag, direction, NullTranslations())
    with (CATALOGUES / tag / "LC_MESSAGES" / "reflect.mo").open("rb") as file:
        return Language(tag, direction, GNUTranslations(file))


@cache
def nearest(wanted: str) -> str | None:
    """The available tag for a wish such as `de-AT` or Moodle's `pt_br`; None if there is none."""
    tags = {tag.lower(): tag for tag in available()}
    parts = wanted.replace("_", "-").lower().split("-")
    while parts:
        if "-".join(parts) in tags:
            return tags["-".join(parts)]
        parts.pop()
    return None


def choose(wishes: Sequence[str | None], default: str) -> str:
    """The first wish that can be fulfilled, else the default, else the source language."""
    for wish in (*wishes, default):
        if wish and len(wish) <= 35 and (found := nearest(wish)):
            return found
    return SOURCE


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


def is_known(tag: str) -> bool:
    """Whether CLDR knows the tag, so that dates can be written in it."""
    try:
        Locale.parse(tag.replace("_", "-"), sep="-")
    except (UnknownLocaleError, ValueError):
        return False
    return True
