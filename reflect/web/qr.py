"""QR codes (ISO/IEC 18004) as SVG that takes its colours from our style sheets."""

from functools import lru_cache

from markupsafe import Markup


@lru_cache(256)
def qr_code(address: str) -> Markup:
    """An address as a picture to scan: medium error correction, with the quiet zone of four modules."""
    import segno  # late: a server need not load it before somebody wants a code

    drawn = segno.make(address, micro=False, error="m")
    svg = drawn.svg_inline(border=4, omitsize=True, svgclass="qr-picture", lineclass="qr-modules", title=address)
    return Markup(svg)  # noqa: S704 - made of numbers; the title is escaped by the library
