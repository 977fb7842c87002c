"""Sealed answers: what an anonymous answer is between the moment it is given and its release.

A seal is AES-256-GCM under a key derived from the installation's secret, which is in no database and no backup. All
seals of a check-in have one length, so that nothing can be told from their size, and each is bound to its check-in.
"""

import json
import secrets
from dataclasses import asdict, dataclass
from typing import Any

from cryptography.hazmat.primitives.ciphers.aead import AESGCM

from reflect.keyring import Keyring

CONTENT_SIZE = 256
"""Bytes of every sealed content of a check-in without notes, padded: fits a word of 30 characters of 4 bytes."""
CONTENT_SIZE_WITH_NOTE = 2304
"""Bytes of every sealed content of a check-in with notes, written or not: fits 500 characters of 4 bytes."""
_NONCE_SIZE = 12


def size_of(checkin: Any) -> int:
    """The bytes of every sealed content of a check-in: whether a note is asked for decides, not what is written."""
    return CONTENT_SIZE_WITH_NOTE if checkin.asks_note else CONTENT_SIZE


@dataclass(frozen=True, slots=True)
class Content:
    """What an answer says: the key of a choice, with it an own word where that was chosen, and perhaps a note."""

    choice: str
    word: str = ""
    note: str = ""


class Sealer:
    """Seals and opens anonymous answers; raises cryptography's InvalidTag on a seal that is not ours."""

    def __init__(self, keyring: Keyring) -> None:
        self._cipher = AESGCM(keyring.key_for("sealed answers"))

    def seal(self, checkin_id: int, content: Content, size: int = CONTENT_SIZE) -> bytes:
        """An answer as unreadable bytes, of the length that its check-in's `size` gives every answer."""
        plain = json.dumps(asdict(content), ensure_ascii=False).encode().ljust(size)
        if len(plain) != size:
            raise ValueError("An answer that is longer than the seal would show by its size.")
        return self._closed(checkin_id, plain)

    def reseal(self, checkin_id: int, seal: bytes, other: "Sealer") -> bytes:
        """A seal of the same content and size by another sealer; the content is not looked into."""
        return other._closed(checkin_id, self._opened(checkin_id, seal))

    def _closed(self, checkin_id: int, plain: bytes) -> bytes:
        nonce = secrets.token_bytes(_NONCE_SIZE)
        return nonce + self._cipher.encrypt(nonce, plain, _bound_to(checkin_id))

    def _opened(self, checkin_id: int, seal: bytes) -> bytes:
        return self._cipher.decrypt(seal[:_NONCE_SIZE], seal[_NONCE_SIZE:], _bound_to(checkin_id))

    def open(self, checkin_id: int, seal: bytes) -> Content:
        """The content of a sealed answer."""
        found = json.loads(self._opened(checkin_id, seal))
        # An answer that was sealed before there were other forms says `emotion`, and nothing besides.
        return Content(found.get("choice") or found["emotion"], found.get("word", ""), found.get("note", ""))


def _bound_to(checkin_id: int) -> bytes:
    return f"checkin {checkin_id}".encode()
