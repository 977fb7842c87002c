"""Pages on the wire: what every reader gets alike is compressed, and what people wrote is not.

The length of compressed data tells what is in it to whoever watches the line and may write a part of it (CRIME,
BREACH): words that are there already cost less. So a compressor never sees a private word here: they lie in the answer
as they are, between a part that was compressed long before, by itself. The length tells what the page's own would.
"""

import struct
import zlib
from dataclasses import dataclass
from typing import Final, Self

from starlette.datastructures import Headers

_HEAD: Final = b"\x1f\x8b\x08\0\0\0\0\0\0\xff"
"""Of a gzip member without a time, a name or a system (RFC 1952, 2.3)."""
_END: Final = b"\x03\0"
"""A last block of nothing (RFC 1951, 3.2.6)."""
_LONGEST: Final = 0xFFFF
_ENOUGH: Final = 64
"""Letters of a part by which it is found."""


@dataclass(frozen=True, slots=True)
class Shared:
    """A part of pages in which nothing is anybody's: its HTML, encoded, and compressed. Templates print it."""

    html: str
    encoded: bytes
    deflated: bytes

    @classmethod
    def of(cls, html: str) -> Self:
        """This part, compressed by itself."""
        encoded, squeezer = html.encode(), zlib.compressobj(9, wbits=-zlib.MAX_WBITS)
        return cls(html, encoded, squeezer.compress(encoded) + squeezer.flush(zlib.Z_FULL_FLUSH))

    def __html__(self) -> str:
        return self.html


def takes_gzip(headers: Headers) -> bool:
    """Whether a browser takes what is compressed."""
    return "gzip" in {one.partition(";")[0].strip() for one in headers.get("accept-encoding", "").split(",")}


def gzipped(page: str, part: Shared) -> bytes | None:
    """A page as gzip in which the part is all that is compressed; None where the part is not in it."""
    start = page.find(part.html[:_ENOUGH])  # to look for all of it takes as long as it takes to compress the page
    if start < 0 or not page.startswith(part.html, start):
        return None
    before, after = page[:start].encode(), page[start + len(part.html) :].encode()
    check = zlib.crc32(after, zlib.crc32(part.encoded, zlib.crc32(before)))
    ending = struct.pack("<II", check, len(before) + len(part.encoded) + len(after))
    return b"".join((_HEAD, *_as_it_is(before), part.deflated, *_as_it_is(after), _END, ending))


def _as_it_is(content: bytes) -> list[bytes]:
    """Blocks that are stored (RFC 1951, 3.2.4)."""
    blocks = [content[start : start + _LONGEST] for start in range(0, len(content), _LONGEST)]
    return [struct.pack("<BHH", 0, len(block), len(block) ^ _LONGEST) + block for block in blocks]
