"""A web address that stands in a text, as it was typed."""

from __future__ import annotations

import re

LONGEST = 4000
_ADDRESS = re.compile(r"https?://[^\s<>\"'，。；、！？）」》]+", re.IGNORECASE)


def web_address(text: str) -> str | None:
    """The first http(s) address in *text*, without the marks that end a sentence; None for none."""
    found = _ADDRESS.search(text)
    return found[0].rstrip(".,;:!?)") if found else None


def without_address(text: str) -> str:
    """What stands beside the addresses in *text*; "" where there is none, or nothing beside them."""
    beside, found = _ADDRESS.subn(" ", text[:LONGEST])
    return beside.strip() if found else ""
