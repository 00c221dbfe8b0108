"""Finding printed hours in a text: parts of the day, ranges, Chinese numerals, and impossible hours."""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import time
from functools import lru_cache

from programme.notice.marks import NUMBER, number
from programme.sessions import Period

PERIOD_WORDS: dict[str, Period] = {
    "凌晨": "dawn",
    "清晨": "morning",
    "早晨": "morning",
    "早上": "morning",
    "早": "morning",
    "上午": "morning",
    "am": "morning",
    "a.m": "morning",
    "p.m": "afternoon",
    "中午": "noon",
    "正午": "noon",
    "午间": "noon",
    "下午": "afternoon",
    "午后": "afternoon",
    "pm": "afternoon",
    "傍晚": "evening",
    "晚上": "evening",
    "晚间": "evening",
    "夜间": "evening",
    "夜晚": "evening",
    "晚": "evening",
}
_WORD = r"凌晨|清晨|早晨|早上|上午|中午|正午|午间|下午|午后|傍晚|晚上|晚间|夜间|夜晚|早(?=\s*\d|[一二三四五六七八九十两]+点)|晚(?=\s*\d|[一二三四五六七八九十两]+点)|(?<![a-z])[ap]m(?![a-z])"
_PERIOD = re.compile(rf"(?:{_WORD}|(?<=[一二三四五六日天])晚(?!上|间|会))", re.IGNORECASE)
_MINUTE = r"(?:[:](?P<{0}c>\d{{2}})(?!\d)|\s*(?:点钟|点|时(?!间|长|段|候|许))\s*(?P<{0}z>半|一刻|三刻|整|\d{{1,2}}(?:\s*分)?(?!\s*[-点:\d])|[〇零一二三四五六七八九十]{{1,3}}\s*分)?|(?P<{0}dot>\.[0-5]\d)(?![\d.])|(?=\s?[ap]\.?m(?![a-z])))"


def _clock(prefix: str) -> str:
    return (
        rf"(?:(?P<{prefix}p>{_WORD})\s*[:]?\s*)?(?<!\d)(?<!\d[.:/])(?P<{prefix}h>{NUMBER})\s*"
        + _MINUTE.replace("{0}", prefix).replace("{{", "{").replace("}}", "}")
        + rf"\s*(?P<{prefix}s>am|pm|a\.m|p\.m)?\.?"
    )


_SINGLE = re.compile(_clock("a"), re.IGNORECASE)
_RANGE = re.compile(rf"{_clock('a')}\s*(?:-+|至|到)\s*(?:次日)?\s*{_clock('b')}", re.IGNORECASE)
_HALF_RANGE = re.compile(
    rf"(?:(?P<ap>{_WORD})\s*)?(?<![\d月])(?<!\d[.:/])(?P<ah>{NUMBER})\s*(?:-+|至|到)\s*{_clock('b')}",
    re.IGNORECASE,
)
_COMPACT = re.compile(r"(?<!\d)([0-2]\d)([0-5]\d)(?:\s*-\s*([0-2]\d)([0-5]\d))?(?!\d)")
_NO_HOUR = re.compile(r"点(?=要求|建议|注意|内容|意见|说明|事项|希望|体会)")
_LASTING = re.compile(
    rf"(?:时长|历时|持续|为时)\s*(?:约|为)?\s*:?\s*(\d{{1,3}}|{NUMBER})\s*(个半|个)?\s*(小时|分钟)"
)


@dataclass(frozen=True)
class TimeMention:
    """One printed hour or span of hours. *problem* is an anomaly code; then the hours it spoils are None."""

    begin: time | None
    end: time | None
    period: Period | None
    period_is_printed: bool
    span: tuple[int, int]
    problem: str | None = None
    is_ambiguous: bool = False


@dataclass(frozen=True)
class _Hour:
    hour: int
    minute: int
    word: Period | None
    is_24h: bool


def period_of(hour: int) -> Period:
    """The part of the day an hour (0–23) lies in."""
    if hour < 6:
        return "dawn"
    if hour < 12:
        return "morning"
    if hour < 13:
        return "noon"
    return "afternoon" if hour < 18 else "evening"


def period_words(folded: str) -> tuple[tuple[Period, int, int], ...]:
    """Every part of the day named in *folded*, with its span."""
    return tuple(
        (PERIOD_WORDS[match[0].lower()], match.start(), match.end()) for match in _PERIOD.finditer(folded)
    )


@lru_cache(2048)
def scan_times(
    folded: str, *, default: Period | None = None, compact: bool = False
) -> tuple[TimeMention, ...]:
    """All hours printed in *folded*, in order. *default* is the part of the day that a printed rule or a
    heading gives; *compact* also reads 1430-1600 (a column of hours)."""
    found: list[TimeMention] = []
    position = 0
    context = default
    while position < len(folded):
        match = _next(folded, position)
        if match is None:
            break
        mention = _read(match, context)
        if mention is None:
            position = match.end() if match.end() > position else position + 1
            continue
        found.append(mention)
        position = match.end()
    if compact and not found:
        found = [_read_compact(match) for match in _COMPACT.finditer(folded)]
    return tuple(found)


def minutes_lasting(folded: str) -> int | None:
    """A printed length (时长2小时, 历时90分钟) in minutes."""
    match = _LASTING.search(folded)
    value = (
        number(match[1])
        if match and len(match[1]) < 3
        else int(match[1])
        if match and match[1].isdecimal()
        else None
    )
    if match is None or value is None:
        return None
    minutes = value * 60 if match[3] == "小时" else value
    return minutes + 30 if match[2] == "个半" else minutes


def _next(folded: str, position: int) -> re.Match[str] | None:
    matches = [pattern.search(folded, position) for pattern in (_RANGE, _HALF_RANGE, _SINGLE)]
    found = [match for match in matches if match is not None]
    return min(found, key=lambda match: (match.start(), -match.end()), default=None)


def _read(match: re.Match[str], default: Period | None) -> TimeMention | None:
    groups = match.groupdict()
    if _NO_HOUR.search(match.string, match.start(), match.end() + 2) and not groups.get("ap"):
        return None
    first = _hour(groups, "a")
    if first is None or (_is_decimal(groups) and not groups.get("ap")):
        return None
    printed = first.word is not None
    last = _hour(groups, "b") if "bh" in groups else None
    # 下午2-4点: one word, printed once, belongs to both hours
    word = first.word or default or (last.word if last is not None and _fits_word(first, last) else None)
    begin, problem, unsure = _resolve(first, word)
    if last is None:
        period = word if printed or begin is None else period_of(begin.hour)
        return TimeMention(begin, None, period, printed, match.span(), problem, unsure)
    end, end_problem, _ = _resolve(last, last.word or word)
    if problem is None and end_problem is None and begin is not None and end is not None and end <= begin:
        later = _half_day_later(last, end, begin)
        if later is None:
            end_problem = "end_before_start"
        end = later
    period = word if printed or begin is None else period_of(begin.hour)
    return TimeMention(begin, end, period, printed, match.span(), problem or end_problem, unsure)


def _is_decimal(groups: dict[str, str | None]) -> bool:
    """14.30 is a number unless a part of the day stands before it or it opens a span 14.30-16.00."""
    if not (groups.get("adot") or groups.get("bdot")):
        return False
    hours = [number(groups.get(f"{prefix}h") or "") for prefix in "ab"]
    is_span = (
        groups.get("adot")
        and groups.get("bdot")
        and all(hour is not None and 7 <= hour <= 22 for hour in hours)
    )
    return not is_span


def _fits_word(first: _Hour, last: _Hour) -> bool:
    """2:30-4:30pm: the word behind the second hour covers the first when the first is the smaller one."""
    return first.hour < 12 and first.hour <= (last.hour if last.hour <= 12 else last.hour - 12)


def _half_day_later(printed: _Hour, end: time, begin: time) -> time | None:
    """上午10点至1点 crosses noon: the only later reading of a 12-hour clock; with a word or 24 h there is none."""
    if printed.word is None and not printed.is_24h and begin.hour in (10, 11) and end.hour <= 2:
        return time(end.hour + 12, end.minute)
    return None


def _hour(groups: dict[str, str | None], prefix: str) -> _Hour | None:
    text = groups.get(f"{prefix}h")
    hour = number(text) if text else None
    if hour is None or text is None:
        return None
    minute = 0
    colon, spoken, dot = (groups.get(f"{prefix}{key}") for key in ("c", "z", "dot"))
    if colon:
        minute = int(colon)
    elif dot:
        minute = int(dot[1:])
    elif spoken:
        minute = {"半": 30, "一刻": 15, "三刻": 45, "整": 0}.get(spoken, -1)
        if minute < 0:
            minute = number(re.sub(r"[\s分零〇](?=.)|\s*分$", "", spoken)) or 0
    word = groups.get(f"{prefix}p") or groups.get(f"{prefix}s")
    is_24h = hour > 12 or (text.startswith("0") and len(text) == 2)
    return _Hour(hour, minute, PERIOD_WORDS[word.lower()] if word else None, is_24h)


def _resolve(printed: _Hour, word: Period | None) -> tuple[time | None, str | None, bool]:
    """The time of day, an anomaly code if it cannot be one, and whether morning or afternoon is open."""
    hour, minute = printed.hour, printed.minute
    if hour > 24 or minute > 59 or (hour == 24 and minute > 0):
        return None, "impossible_time", False
    if hour == 24:
        return time(23, 59), None, False
    if word in ("morning", "dawn") and hour > 12:
        return None, "contradictory_time", False
    if word == "evening" and 12 < hour < 17:
        return None, "contradictory_time", False
    if word == "afternoon" and hour > 18:
        return None, "contradictory_time", False
    if word in ("afternoon", "evening") and hour < 12:
        return time(hour + 12, minute), None, False
    if word == "evening" and hour == 12:
        return None, "contradictory_time", False
    if word == "noon" and hour < 4:
        return time(hour + 12, minute), None, False
    if word is None and hour < 7 and not printed.is_24h:
        return None, "time_pending", True
    return time(hour, minute), None, False


def _read_compact(match: re.Match[str]) -> TimeMention:
    first = _Hour(int(match[1]), int(match[2]), None, True)
    begin, problem, _ = _resolve(first, None)
    end = None
    if match[3]:
        end, end_problem, _ = _resolve(_Hour(int(match[3]), int(match[4]), None, True), None)
        problem = problem or end_problem
    if begin is not None and end is not None and end <= begin:
        end, problem = None, "end_before_start"
    period = period_of(begin.hour) if begin is not None else None
    return TimeMention(begin, end, period, False, match.span(), problem)
