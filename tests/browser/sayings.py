"""What the English words of the app are in the language of a page, by its catalogue and its pack: walks know one language."""

import re
from collections.abc import Iterator, Mapping
from functools import cache
from typing import Any

from reflect.domain.language_packs import PACKS, SOURCE_LANGUAGE
from reflect.web.language import language

_FIELD = re.compile(r"%\\\((\w+)\\\)s")
_TAG = re.compile(r"<[^>]+>")


@cache
def said(words: str, tag: str) -> str:
    """The same words in a language; what nobody translates (names, own questions) stays as it is."""
    if tag == SOURCE_LANGUAGE:
        return words
    if (found := _of_pack(tag).get(words)) is not None:
        return found
    own = language(tag).translations.gettext(words)
    return own if own != words else _with_fields(words, tag)


def _with_fields(words: str, tag: str) -> str:
    """Words of a message with fields, such as a heading with a name in it."""
    for pattern, translation in _patterns(tag):
        if found := pattern.fullmatch(words):
            return translation % found.groupdict()
    return words


@cache
def _patterns(tag: str) -> list[tuple[re.Pattern[str], str]]:
    texts: Mapping[Any, str] = getattr(language(tag).translations, "_catalog", {})
    found = []
    for message, translation in texts.items():
        if not isinstance(message, str) or "%(" not in message or message.startswith("%("):
            continue
        escaped = re.escape(_TAG.sub("", message))
        try:
            found.append((re.compile(_FIELD.sub(r"(?P<\1>.+)", escaped)), _TAG.sub("", translation)))
        except re.error:  # a field that comes twice is in no heading
            continue
    return sorted(found, key=lambda one: -len(one[0].pattern))


@cache
def _of_pack(tag: str) -> Mapping[str, str]:
    return dict(_pairs(PACKS[SOURCE_LANGUAGE].words, PACKS[tag].words))


def _pairs(english: Any, own: Any) -> Iterator[tuple[str, str]]:
    if isinstance(english, str):
        yield english, str(own)
    elif isinstance(english, Mapping):
        for key in english:
            yield from _pairs(english[key], own[key])
    else:
        for one, other in zip(english, own, strict=True):
            yield from _pairs(one, other)
