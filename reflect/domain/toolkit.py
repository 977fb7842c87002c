"""The educator toolkit: guides, class activities and the sheets of the data officer, each a Markdown file a language.

`seed_data/toolkit/<tag>/<key>.md` begins with its facts between two lines of dashes (title, summary, audience, minutes,
status); the rest is its text. Whoever knows a language can add or better one file without touching anything else.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum
from types import MappingProxyType

from reflect.domain.language_packs import Status, nearest
from reflect.domain.refusals import Missing
from reflect.files import SEEDS

FOLDER = SEEDS / "toolkit"
FENCE = "---\n"


class Shelf(StrEnum):
    """What guides stand together, in the order in which they are offered."""

    TEACHING = "teaching"
    ACTIVITIES = "activities"
    SCHOOL = "school"


SHELVES: Mapping[Shelf, tuple[str, ...]] = MappingProxyType(
    {
        Shelf.TEACHING: ("routine", "named-or-anonymous", "reading-results", "help-now", "hard-answers"),
        Shelf.ACTIVITIES: (
            "name-the-character",
            "feelings-on-the-floor",
            "body-walk",
            "weather-of-the-week",
            "thank-you-character",
            "say-it-without-words",
        ),
        Shelf.SCHOOL: ("families", "leaders", "data-protection", "dpia"),
    }
)
"""Every guide by its key, shelf by shelf."""

POSTERS = ("feelings", "map", "body", "who-sees-what")
"""Pages to print; their words are those of the language packs and the catalogues."""


@dataclass(frozen=True, slots=True)
class Guide:
    """One guide in one language: `minutes` to read it, `text` as Markdown whose headings begin at the second level."""

    key: str
    tag: str
    status: Status
    title: str
    summary: str
    audience: str
    minutes: int
    text: str


def find(key: str, locale: str) -> Guide:
    """The guide in the nearest language that it has, else in English; raises Missing."""
    if key not in GUIDES:
        raise Missing()
    return nearest(GUIDES[key], locale)


def shelf(name: Shelf, locale: str) -> tuple[Guide, ...]:
    """The guides that stand together, each in the nearest language that it has."""
    return tuple(find(key, locale) for key in SHELVES[name])


def find_poster(key: str) -> str:
    """The poster with this key; raises Missing."""
    if key not in POSTERS:
        raise Missing()
    return key


def read(key: str, tag: str, written: str) -> Guide:
    """A guide as it stands in its file; raises ValueError where its facts are not whole."""
    begin, fenced, text = written.split(FENCE, 2)
    facts = dict(line.split(": ", 1) for line in fenced.splitlines())
    if begin or facts.keys() != {"title", "summary", "audience", "minutes", "status"}:
        raise ValueError(f"{tag}/{key}.md: the facts at its beginning are not whole")
    status, minutes = Status(facts.pop("status")), int(facts.pop("minutes"))
    return Guide(key=key, tag=tag, status=status, minutes=minutes, text=text.strip(), **facts)


def _read() -> Mapping[str, Mapping[str, Guide]]:
    guides: dict[str, dict[str, Guide]] = {key: {} for keys in SHELVES.values() for key in keys}
    for path in sorted(FOLDER.glob("*/*.md")):
        tag = path.parent.name
        guides[path.stem][tag.lower()] = read(path.stem, tag, path.read_text(encoding="utf-8"))
    return MappingProxyType({key: MappingProxyType(languages) for key, languages in guides.items()})


GUIDES = _read()
"""Every guide by its key, and in each language that it has, by lower-case tag; English is always there."""
