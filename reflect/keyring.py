"""One secret, many keys: each purpose gets its own, so that none can stand in for another."""

from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.kdf.hkdf import HKDF


class Keyring:
    """Derives 32-byte keys from the installation's secret by HKDF-SHA256 (RFC 5869)."""

    def __init__(self, secret: str) -> None:
        self._secret = secret.encode()

    def key_for(self, purpose: str) -> bytes:
        """The key for one purpose; the same purpose gives the same key in every process."""
        return HKDF(SHA256(), 32, salt=None, info=f"reflect:{purpose}".encode()).derive(self._secret)
