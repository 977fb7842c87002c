"""Sealed answers: what an anonymous answer is between the moment it is given and its release.

A seal is AES-256-GCM under a key derived from the installation's secret, which is in no database and no backup. All
seals have one length, so that nothing can be told from their size, and each is bound to its check-in.
"""

import json
import secrets

from cryptography.hazmat.primitives.ciphers.aead import AESGCM

from reflect.keyring import Keyring

CONTENT_SIZE = 128
"""Bytes of every sealed content, padded."""
_NONCE_SIZE = 12


class Sealer:
    """Seals and opens anonymous answers; raises cryptography's InvalidTag on a seal that is not ours."""

    def __init__(self, keyring: Keyring) -> None:
        self._cipher = AESGCM(keyring.key_for("sealed answers"))

    def seal(self, checkin_id: int, choice: str) -> bytes:
        """An answer as unreadable bytes of a fixed length."""
        content = json.dumps({"choice": choice}).encode().ljust(CONTENT_SIZE)
        if len(content) != CONTENT_SIZE:
            raise ValueError("An answer that is longer than the seal would show by its size.")
        nonce = secrets.token_bytes(_NONCE_SIZE)
        return nonce + self._cipher.encrypt(nonce, content, _bound_to(checkin_id))

    def open(self, checkin_id: int, seal: bytes) -> str:
        """The choice of a sealed answer."""
        content = self._cipher.decrypt(seal[:_NONCE_SIZE], seal[_NONCE_SIZE:], _bound_to(checkin_id))
        return str(json.loads(content)["choice"])


def _bound_to(checkin_id: int) -> bytes:
    return f"checkin {checkin_id}".encode()
