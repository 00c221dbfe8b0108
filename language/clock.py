"""Clock times as people say them: 14:30, 下午两点半, 3点, 今晚12点 (rule D10)."""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import time

from language.numerals import NUMERAL, whole_number
from language.understood import Part

PART_WORDS: dict[str, Part] = {
    "凌晨": "dawn", "清晨": "morning", "早上": "morning", "早晨": "morning", "早间": "morning",
    "一早": "morning", "大早上": "morning", "上午": "morning", "午前": "morning", "中午": "noon",
    "正午": "noon", "晌午": "noon", "下午": "afternoon", "午后": "afternoon", "傍晚": "evening",
    "晚上": "evening", "晚间": "evening", "夜里": "evening", "夜晚": "evening", "深夜": "evening",
    "半夜": "dawn", "晚": "evening", "早": "morning", "晨": "morning",
}  # fmt: skip

_COLON = r"(?P<hour>\d{1,2})\s*:\s*(?P<minute>\d{2})(?::\d{2})?(?![\d:])"
# 三点建议 and 一点都不 are no times; neither is 五点几 of a version.
_NOT_A_CLOCK = r"(?!\s*(?:建议|意见|要求|想法|问题|说明|内容|体会|理由|原因|看法|疑问|感想|启示|结论|收获|注意|不足|都|也|儿|名|评|击|赞))"
_POINT = (
    rf"(?P<said>{NUMERAL})\s*(?:点钟?|时(?!间|候|代|长|段|刻)){_NOT_A_CLOCK}"
    r"(?:\s*(?P<tail>半|一刻|三刻|整|[0-5]?\d(?![\d:点])\s*分?|[零〇一二三四五六七八九十]{1,3}分?(?![点页个人条])))?"
)
CLOCK = re.compile(rf"(?<![\d./])(?<!\d:)(?:{_COLON}|{_POINT})")
_AFTERNOON_HOURS = range(1, 7)


@dataclass(frozen=True)
class ClockTime:
    """Hour and minute as said; *is_plain* when the half of the day was left to the reader."""

    hour: int
    minute: int
    is_plain: bool

    def in_part(self, part: Part | None) -> tuple[time, int]:
        """The time on a 24-hour clock in *part*, and how many days later it falls (0 or 1)."""
        hour = self.hour
        if hour == 24:
            return time(0, self.minute), 1
        if part == "evening" and hour == 12:
            return time(0, self.minute), 1
        if part == "evening" and hour < 5 and self.is_plain:
            return time(hour, self.minute), 1
        if part == "dawn" and hour == 12:
            return time(0, self.minute), 0
        if part in ("afternoon", "evening") and hour < 12:
            return time(hour + 12, self.minute), 0
        if part == "noon" and hour < 10:
            return time(hour + 12, self.minute), 0
        if part is None and self.is_plain and hour in _AFTERNOON_HOURS:
            return time(hour + 12, self.minute), 0
        return time(hour, self.minute), 0


def clock_of(found: re.Match[str]) -> ClockTime | None:
    """What a match of CLOCK says; None for an impossible time such as 25点 or 14:75."""
    if found["hour"] is not None:
        hour, minute = int(found["hour"]), int(found["minute"])
        is_plain = not found["hour"].startswith("0")
    else:
        said = whole_number(found["said"])
        hour = -1 if said is None else said
        minute, is_plain = _minute(found["tail"]), True
    if not 0 <= hour <= 24 or not 0 <= minute <= 59 or (hour == 24 and minute):
        return None
    return ClockTime(hour, minute, is_plain)


def _minute(tail: str | None) -> int:
    if not tail or tail == "整":
        return 0
    if tail == "半":
        return 30
    if tail in ("一刻", "三刻"):
        return 15 if tail == "一刻" else 45
    value = whole_number(tail.removesuffix("分").strip())
    return -1 if value is None else value


_TIME_WITH_PART = re.compile(
    rf"(?P<part>{'|'.join(sorted(PART_WORDS, key=len, reverse=True))})?\s*(?P<clock>{CLOCK.pattern})"
)


def read_time(text: str) -> time | None:
    """The first clock time in *text* ("14:30", "下午两点半", "3点"), None when there is none."""
    found = _TIME_WITH_PART.search(text[:200].replace("：", ":"))
    if found is None:
        return None
    said = clock_of(found)
    if said is None:
        return None
    return said.in_part(PART_WORDS.get(found["part"] or ""))[0]
