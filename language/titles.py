"""Which of several titles a person means, by letters and by parts (研究题目, 分享主题)."""

from __future__ import annotations

import re
from collections.abc import Sequence

from rapidfuzz import fuzz

from language.normalise import one_form

ENOUGH = 0.55
_MARKS = re.compile(r"[\s《》、,。:;+\-—·“”\"'()\[\]!?]|的|方法|研究")


def best_titles(query: str, titles: Sequence[str], limit: int = 3) -> tuple[tuple[int, float], ...]:
    """Indexes and scores (0–1) of the titles nearest to *query*, best first, at most *limit*, none below ENOUGH."""
    wanted = _letters(query)
    if not wanted:
        return ()
    scored = ((index, _likeness(wanted, _letters(title))) for index, title in enumerate(titles))
    near = [pair for pair in scored if pair[1] >= ENOUGH]
    return tuple(sorted(near, key=lambda pair: (-pair[1], pair[0]))[:limit])


def _letters(text: str) -> str:
    return _MARKS.sub("", one_form(text))


def _likeness(wanted: str, title: str) -> float:
    if not title:
        return 0.0
    if wanted == title:
        return 1.0
    if wanted in title:
        # A part said word for word beats any likeness; longer parts beat shorter ones.
        return 0.9 + 0.09 * len(wanted) / len(title)
    part = fuzz.partial_ratio(wanted, title) / 100 if len(wanted) >= 3 else 0.0
    whole = fuzz.ratio(wanted, title) / 100
    shared = len(set(wanted) & set(title)) / len(set(wanted))
    return round(max(whole, 0.85 * part, 0.6 * shared if len(wanted) >= 3 else 0.0), 4)
