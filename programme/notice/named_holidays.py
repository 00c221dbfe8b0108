"""Holidays that are named and not dated: 劳动节停一次; only those whose day the solar calendar fixes."""

from __future__ import annotations

import re
from datetime import date

from programme.notice.dates import DateMention
from programme.notice.season import Season

_NAMES = re.compile(r"元旦|清明|劳动节|五一|国庆|春节|端午|中秋|元宵|寒假|暑假|节假日|假期|法定|运动会|校庆")
_FIXED = {"元旦": (1, 1), "劳动节": (5, 1), "五一": (5, 1), "国庆": (10, 1)}


def named_holidays(phrase: str, season: Season) -> dict[str, date]:
    """The holidays of *phrase* with their day in *season*; empty when one of them has no fixed day."""
    found: dict[str, date] = {}
    for name in _NAMES.findall(phrase):
        month, day = _FIXED.get(name, (0, 0))
        if name == "清明":
            month, day = 4, _qingming(season.first.year if season.first is not None else season.year)
        at = season.day(DateMention(None, month, day, None, 0, 0)) if month else None
        if at is None:
            return {}
        found[f"{name}节" if name in ("清明", "国庆") else name] = at
    return found


def _qingming(year: int) -> int:
    """The day in April of the solar term, by the usual formula for this century (2000–2099)."""
    since = year % 100
    return int(since * 0.2422 + 4.81) - since // 4
