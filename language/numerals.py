"""Chinese numerals as whole numbers, for dates, topic numbers and marks."""

from __future__ import annotations

_DIGITS = {c: i for i, c in enumerate("零一二三四五六七八九")} | {"〇": 0, "两": 2, "俩": 2}
_TENS = {"廿": 20, "卅": 30}
_UNITS = {"十": 10, "百": 100, "千": 1000}

NUMERAL = r"(?:\d{1,4}|[零〇一二两三四五六七八九十廿卅百]{1,7})"
"""A number as people write it; *whole_number* reads what this matches."""


def whole_number(text: str) -> int | None:
    """The value of "12", "十二", "二十五", "廿五" or "二〇二三"; None when it is none of these."""
    if not text:
        return None
    if text.isascii():
        return int(text) if text.isdigit() and len(text) <= 12 else None
    if all(c in _DIGITS for c in text):
        return int("".join(str(_DIGITS[c]) for c in text)) if len(text) <= 12 else None
    total, digit = 0, None
    for char in text:
        if char in _DIGITS:
            digit = _DIGITS[char]
        elif char in _TENS:
            total += _TENS[char]
        elif char in _UNITS:
            # 十二 has no digit before 十: it stands for one ten.
            total += (1 if digit is None else digit) * _UNITS[char]
            digit = None
        else:
            return None
    return total + (digit or 0)
