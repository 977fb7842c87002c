"""The words of feelings, body signals, questions and breaks, one pack a language (`seed_data/languages/<tag>.json`).

Facts (numbers, ages, seconds) lie in the files beside; a pack holds words only, so that whoever knows a language can
better it without touching anything else. Every pack is whole: it has every key that English has.
"""

import json
import re
from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum
from types import MappingProxyType
from typing import Any, Literal, TypeVar

from reflect.files import SEEDS

SOURCE_LANGUAGE = "en"
Noun = Literal["emotions", "body_signals", "questions", "breaks"]
Translation = TypeVar("Translation")
_TWO_ENDINGS = re.compile(r"([^\W\d]+)(?:\(([^\W\d]{1,3})\)|/([^\W\d]{1,3})(?!\w))")


class Status(StrEnum):
    """How far a language may be trusted; it speaks for the pack and for the catalogue."""

    SOURCE = "source"
    REVIEWED = "reviewed"
    DRAFT = "draft"


@dataclass(frozen=True, slots=True)
class Pack:
    """One language: its BCP 47 tag and its words, by noun and key."""

    tag: str
    status: Status
    words: Mapping[str, Mapping[str, Any]]


@dataclass(frozen=True, slots=True)
class Wording:
    """One feeling or body signal in one language: its word and a sentence that explains it to a child or an adult."""

    word: str
    child: str
    adult: str


def nearest(languages: Mapping[str, Translation], locale: str) -> Translation:
    """The entry for a locale such as `pt-BR` or `pt_BR`, else for `pt`, else English (RFC 4647, 3.4)."""
    subtags = locale.replace("_", "-").lower().split("-")
    for length in range(len(subtags), 0, -1):
        if (found := languages.get("-".join(subtags[:length]))) is not None:
            return found
    return languages[SOURCE_LANGUAGE]


def words_of(noun: Noun, key: str) -> Mapping[str, Any]:
    """What every language says for one key of a noun, by lower-case tag; English is always there.

    Raises KeyError for a key that English does not have.
    """
    english = PACKS[SOURCE_LANGUAGE].words[noun][key]
    found = {tag.lower(): pack.words[noun][key] for tag, pack in PACKS.items() if key in pack.words[noun]}
    return MappingProxyType({SOURCE_LANGUAGE: english, **found})


def wordings_of(noun: Noun, key: str) -> Mapping[str, Wording]:
    """The same for nouns whose words have explanations."""
    return MappingProxyType({tag: Wording(**words) for tag, words in words_of(noun, key).items()})


def spoken(words: str) -> str:
    """Words with both genders in one (`cansado/a`, `fatigué(e)`, `fier / fière`) as somebody reads them aloud.

    An ending takes the place of an `o`, and is added to anything else.
    """

    def both(found: re.Match[str]) -> str:
        one, ending = found[1], found[2] or found[3]
        return f"{one}, {one[:-1] if one.endswith('o') else one}{ending}"

    return _TWO_ENDINGS.sub(both, words).replace(" / ", ", ")


def _read() -> Mapping[str, Pack]:
    packs = {}
    for path in sorted((SEEDS / "languages").glob("*.json")):
        words = json.loads(path.read_text(encoding="utf-8"))
        packs[path.stem] = Pack(path.stem, Status(words.pop("status")), MappingProxyType(words))
    return MappingProxyType(packs)


PACKS = _read()
"""Every language by its tag."""
