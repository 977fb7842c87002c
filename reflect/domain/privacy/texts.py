"""What of an anonymous batch's own words and notes becomes readable, and how.

They were sealed with the answers and come out with the batch: at least k answers at once, unlinked from the choices and
from each other, in no order. A text that several wrote is kept once, so that nobody reads how many agreed in it. Own
words are kept only of a batch whose counts are shown as they are: they would undo what `release.soften` set aside.
"""

import secrets
from collections.abc import Callable, Collection
from typing import Any

from sqlmodel import Session

from reflect.domain.privacy.sealing import Content
from reflect.storage.texts import Kind

Keep = Callable[[Session, int, bytes, str, str], None]
"""Stores one released text: the check-in, a random key, the kind, the text. Students' and guests' lie apart."""


def release(db: Session, checkin: Any, batch: Collection[Content], keep: Keep, *, is_softened: bool) -> None:
    """Store a batch's notes, and its own words unless its counts were softened."""
    readable = [(Kind.NOTE, note) for note in _once(content.note for content in batch)]
    if not is_softened:
        readable += [(Kind.WORD, word) for word in _once(content.word for content in batch)]
    keyed = [(secrets.token_bytes(16), kind, text) for kind, text in readable]
    # In the order of the random keys, which PostgreSQL's heap keeps.
    for random_key, kind, text in sorted(keyed):
        keep(db, checkin.id, random_key, kind, text)


def _once(written: Collection[str] | Any) -> list[str]:
    """Each text once, in an order that says nothing of who wrote first."""
    spelt: dict[str, str] = {}
    for text in sorted(text for text in written if text):
        spelt.setdefault(" ".join(text.casefold().split()), text)
    return list(spelt.values())
