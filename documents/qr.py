"""QR codes as SVG without styles or sizes, so that a page decides how large they are."""

from __future__ import annotations

from functools import lru_cache

import segno

QUIET_ZONE = 4  # modules of white around the code; scanners need them (ISO/IEC 18004)


@lru_cache(maxsize=64)
def qr_svg(text: str) -> str:
    """*text* as an `<svg>` element; error correction M, which a projector's glare needs."""
    code = segno.make(text, error="m", micro=False)
    return str(code.svg_inline(border=QUIET_ZONE, dark="#000", light="#fff", omitsize=True, svgclass="qr"))
