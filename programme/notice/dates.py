"""Finding printed dates in a text: with or without year and month, lists, ranges, weekdays beside them."""

from __future__ import annotations

import re
from calendar import monthrange
from dataclasses import dataclass, replace
from datetime import date
from functools import lru_cache

from programme.notice.marks import DIGITS, NUMBER, WEEKDAY, number, weekday_number

# A notice speaks about a year near its printing; without a clock in this room the window is fixed.
NEAR_YEARS = range(2015, 2040)
PLAUSIBLE_YEARS = range(2000, 2100)

_YEAR = r"(?:\d{4}|[〇○零一二三四五六七八九]{4})"
# 3号楼, 5号会议室 and 3日内 are no days of a month.
_DAY_MARK = r"(?:日|号(?![楼馆厅教会门线院实机公报桌店]))(?![内均常前后用志益游]|期间)"
_ANY_DAY = r"(?:日|号)"
_DAYS = rf"{NUMBER}(?:\s{{0,3}}[、,和及]\s{{0,3}}{NUMBER}){{0,20}}"
_ISO = r"(?P<iso_y>\d{4})\s*[-/.]\s*(?P<iso_m>\d{1,2})\s*[-/.]\s*(?P<iso_d>\d{1,2})\s*日?"
_LONG = (
    rf"(?:(?P<y>{_YEAR})\s*年\s*)?(?P<m>{NUMBER}|本)\s*月\s*(?P<d>{_DAYS})\s*"
    rf"(?:{_ANY_DAY}|(?=\s*(?:$|[\s(,;:、。\-至到]|周|星期|上午|下午|早|晚|中午))(?<!、))"
)
_DOTTED = (
    rf"(?<!\d)(?<!\d[.:/])(?:(?P<dy>\d{{4}})\s*年\s*)?(?P<dm>1[0-2]|0?[1-9])[./](?P<dd>3[01]|[12]\d|0?[1-9])"
    rf"(?:\s*{_ANY_DAY}|(?P<bare>)(?![\d.:/%]|\s*(?:月|小时|分|元|万|倍|版|亿|篇|GB|米|学分|点)))"
)
_DAY_ONLY = (
    rf"(?<![\d每第])(?<!\d[.:/])(?P<o>{NUMBER}(?:\s{{0,3}}[、,]\s{{0,3}}{NUMBER}){{0,20}})\s*{_DAY_MARK}"
)
_ENGLISH_MONTHS = ("jan", "feb", "mar", "apr", "may", "jun", "jul", "aug", "sep", "oct", "nov", "dec")
_MONTH_WORD = (
    r"(?:Jan(?:uary)?|Feb(?:ruary)?|Mar(?:ch)?|Apr(?:il)?|May|June?|July?|Aug(?:ust)?|Sept?(?:ember)?|Oct(?:ober)?"
    r"|Nov(?:ember)?|Dec(?:ember)?)"
)
_ENGLISH = (
    rf"(?<![A-Za-z])(?i:(?:(?P<e1d>\d{{1,2}})(?:st|nd|rd|th)?\s+(?:of\s+)?(?P<e1m>{_MONTH_WORD})\.?(?![A-Za-z])"
    rf"|(?P<e2m>{_MONTH_WORD})\.?\s*(?P<e2d>\d{{1,2}})(?:st|nd|rd|th)?(?!\d|:\d)))(?:,?\s+(?P<ey>20\d\d)(?!\d))?"
)
_PATTERN = re.compile(rf"{_ISO}|{_ENGLISH}|{_LONG}|{_DOTTED}|{_DAY_ONLY}")
# A cheap look first: most texts hold no date at all.
_MAY_BE_DATE = re.compile(rf"[月日号]|\d[-/.]\s*\d|(?i:{_MONTH_WORD})|\d{{8}}")
_COMPACT = re.compile(r"(?<!\d)(20\d{2})(\d{2})(\d{2})(?!\d)")
_WEEKDAY_AFTER = re.compile(rf"\s*[(\[,]?\s*(?:{WEEKDAY}|\(([一二三四五六日天])(?=\)))\s*[)\]]?")
_ENGLISH_AFTER = re.compile(
    r"\s*[(,]?\s*(mon|tue|wed|thu|fri|sat|sun)[a-z]*\.?(?![a-z])\s*\)?", re.IGNORECASE
)
_ENGLISH_DAYS = ("mon", "tue", "wed", "thu", "fri", "sat", "sun")
_WEEKDAY_BEFORE = re.compile(rf"(?<!每)(?<!个){WEEKDAY}\s*[(\[,:]?\s*$")
_RANGE_GAP = re.compile(r"\s*(?:-+|至|到|—)\s*")
_LIST_GAP = re.compile(r"[\s、,和及与;以]*")
_MONTHS = re.compile(
    rf"(?<![个\d第每上下几数])(?P<a>1[0-2]|[1-9]|十[一二]?|[一二三四五六七八九])\s*(?:月份?)?\s*"
    rf"(?:[-至到、和]\s*(?P<b>1[0-2]|[1-9]|十[一二]?|[一二三四五六七八九])\s*)?月(?!\s*{NUMBER}\s*(?:日|号))"
)
_YEAR_PATTERN = re.compile(rf"(?<!\d)({_YEAR})\s*年(?!级|代|制|来)")


@dataclass(frozen=True)
class DateMention:
    """One printed date; *year* and *month* None where they are not printed beside it.

    *start*, *end*: its span in the text, weekday included. *until*: the last day of a range.
    *is_bare*: printed like a decimal (7.25) without 日, so it may be a number.
    """

    year: int | None
    month: int | None
    day: int
    weekday: int | None
    start: int
    end: int
    until: DateMention | None = None
    is_bare: bool = False
    month_is_own: bool = True


def four_digit_year(text: str) -> int | None:
    if text.isdecimal():
        return int(text)
    value = 0
    for mark in text:
        if mark not in DIGITS:
            return None
        value = value * 10 + DIGITS[mark]
    return value


_ENGLISH_YEAR = re.compile(
    r"(?<!\d)(?:(?<=spring )|(?<=summer )|(?<=fall )|(?<=autumn )|(?<=winter ))(20\d{2})(?!\d)"
    r"|(?<!\d)(20\d{2})(?= (?:spring|summer|fall|autumn|winter))",
    re.IGNORECASE,
)


def printed_years(folded: str) -> tuple[int, ...]:
    """Every year printed with 年 or inside a full date, in order."""
    found = [(match.start(), four_digit_year(match[1])) for match in _YEAR_PATTERN.finditer(folded)]
    found += [(match.start(), int(match[1] or match[2])) for match in _ENGLISH_YEAR.finditer(folded)]
    found += [(m.start(), int(m["iso_y"])) for m in _PATTERN.finditer(folded) if m["iso_y"]]
    return tuple(year for _, year in sorted(found) if year is not None)


def months_named(folded: str) -> tuple[int, ...]:
    """Months named without a day: 七月 → (7,), 9月至11月 → (9, 10, 11)."""
    match = _MONTHS.search(folded)
    if match is None:
        return ()
    first = number(match["a"])
    last = number(match["b"]) if match["b"] else first
    if first is None or last is None or not (1 <= first <= 12 and 1 <= last <= 12):
        return ()
    if last < first:
        last += 12
    return tuple((month - 1) % 12 + 1 for month in range(first, last + 1))


@lru_cache(2048)  # the readers of rules, sessions and oddities all look at the same sentences
def scan_dates(folded: str, *, bare_dates: bool = False) -> tuple[DateMention, ...]:
    """All dates printed in *folded* (see marks.fold), in order, ranges joined.

    A bare 7.25 or 7/25 counts only with *bare_dates*, at the very beginning, or with a weekday beside it.
    """
    if _MAY_BE_DATE.search(folded) is None:
        return ()
    found: list[DateMention] = []
    for match in _PATTERN.finditer(folded):
        for mention in _mentions(match, folded):
            if mention.is_bare and not (
                _spans(folded, match)
                or bare_dates
                or mention.weekday is not None
                or _stands_first(folded, match)
            ):
                continue
            found.append(_lean_on(found, mention, folded))
    found = _without_clocks(found, folded)
    if bare_dates and not found:
        found = [_compact(match) for match in _COMPACT.finditer(folded)]
    return _joined(found, folded)


_DOTTED_CLOCKS = re.compile(
    r"(?<![\d./])([7-9]|1\d|2[0-2])\.([0-5][05])\s*[-至到]\s*([89]|1\d|2[0-3])\.([0-5][05])(?![\d.])"
)


def _without_clocks(found: list[DateMention], folded: str) -> list[DateMention]:
    """9月11日 9.30-11.30: beside a printed day two dotted pairs that rise are hours, not September and November."""
    spans = [m.span() for m in _DOTTED_CLOCKS.finditer(folded) if int(m[1]) < int(m[3])]
    clocks = [m for m in found if m.is_bare and any(a <= m.start < b for a, b in spans)]
    return [m for m in found if m not in clocks] if len(clocks) < len(found) else found


def _compact(match: re.Match[str]) -> DateMention:
    return DateMention(int(match[1]), int(match[2]), int(match[3]), None, match.start(), match.end())


def _spans(folded: str, match: re.Match[str]) -> bool:
    """7.3-7.7: two bare pairs with a dash between are days of one span, not decimals."""
    ahead = re.match(
        r"\s*[-至到]\s*(1[0-2]|0?[1-9])[./](3[01]|[12]\d|0?[1-9])(?![\d.%])(?!\s*(?:小时|分|元|万|倍|GB|米))",
        folded[match.end() :],
    )
    behind = re.search(
        r"(?<![\d.])(1[0-2]|0?[1-9])[./](3[01]|[12]\d|0?[1-9])\s*[-至到]\s*$",
        folded[max(0, match.start() - 12) : match.start()],
    )
    return ahead is not None or behind is not None


def _stands_first(folded: str, match: re.Match[str]) -> bool:
    """A bare number pair opening a line is a date when blank, bracket or a session's words follow."""
    if match.start() > 12 or folded[: match.start()].strip(" ([-·•*"):
        return False
    behind = folded[match.end() : match.end() + 1]
    return behind in " (:,-\t" or behind == "" or behind in "上下晚早中至到"


def _mentions(match: re.Match[str], folded: str) -> list[DateMention]:
    year: int | None
    month: int | None
    if match["iso_y"]:
        year, month, days = int(match["iso_y"]), int(match["iso_m"]), match["iso_d"]
    elif match["e1m"] or match["e2m"]:
        year = int(match["ey"]) if match["ey"] else None
        month = _ENGLISH_MONTHS.index((match["e1m"] or match["e2m"])[:3].lower()) + 1
        days = match["e1d"] or match["e2d"]
    elif match["m"]:
        year = four_digit_year(match["y"]) if match["y"] else None
        month, days = (None if match["m"] == "本" else number(match["m"])), match["d"]
    elif match["dm"]:
        year = int(match["dy"]) if match["dy"] else None
        month, days = int(match["dm"]), match["dd"]
    else:
        year, month, days = None, None, match["o"]
    values = [number(part) for part in re.split(r"[、,和及]", days)]
    weekday, end = _weekday_beside(folded, match.start(), match.end(), alone=len(values) == 1)
    is_bare = bool(match["dm"]) and match["bare"] is not None
    return [
        DateMention(
            year, month, value, weekday, match.start(), end, is_bare=is_bare, month_is_own=month is not None
        )
        for value in values
        if value is not None
    ]


def _weekday_beside(folded: str, start: int, end: int, *, alone: bool) -> tuple[int | None, int]:
    if not alone:
        return None, end
    after = _WEEKDAY_AFTER.match(folded, end)
    if after is not None and (after[1] or after[2]):
        # 8月7日每周一 or 7日周一、三: a series, no weekday of that day
        if re.match(r"\s*[、]\s*(?:周|星期)?[一二三四五六日]", folded[after.end() :]):
            return None, end
        return weekday_number(after[1] or after[2]), after.end()
    english = _ENGLISH_AFTER.match(folded, end)
    if english is not None:
        return _ENGLISH_DAYS.index(english[1].lower()), english.end()
    before = _WEEKDAY_BEFORE.search(folded[max(0, start - 12) : start])
    if before is not None:
        return weekday_number(before[1]), end
    return None, end


def _lean_on(found: list[DateMention], mention: DateMention, folded: str) -> DateMention:
    """A day without month takes the month of the date it is listed with: 7月4日、11日."""
    if mention.month is not None or not found:
        return mention
    last = found[-1]
    gap = folded[last.end : mention.start] if mention.start >= last.end else ""
    if _LIST_GAP.fullmatch(gap) or _RANGE_GAP.fullmatch(gap):
        return replace(mention, year=last.year, month=last.month)
    return mention


def _joined(found: list[DateMention], folded: str) -> tuple[DateMention, ...]:
    joined: list[DateMention] = []
    for mention in found:
        if joined and joined[-1].until is None and mention.start >= joined[-1].end:
            gap = folded[joined[-1].end : mention.start]
            if gap and _RANGE_GAP.fullmatch(gap):
                joined[-1] = replace(joined[-1], until=mention, end=mention.end)
                continue
        joined.append(mention)
    return tuple(_with_short_ranges(joined, folded))


def _with_short_ranges(found: list[DateMention], folded: str) -> list[DateMention]:
    """7月8-9日 is printed with one 日: the pattern sees 8 behind 月 and then 9日, joined above; 8-9日 alone is
    found here by looking back from the day."""
    ranged: list[DateMention] = []
    for mention in found:
        base = max(0, mention.start - 12)
        before = re.search(rf"(?<![\d月.:/])({NUMBER})\s*[-至到]\s*$", folded[base : mention.start])
        first = number(before[1]) if before is not None else None
        if (
            before is None
            or first is None
            or mention.month_is_own
            or mention.until is not None
            or first >= mention.day
        ):
            ranged.append(mention)
            continue
        ranged.append(replace(mention, day=first, start=base + before.start(1), until=mention, weekday=None))
    return ranged


def is_possible(year: int | None, month: int, day: int) -> bool:
    """Whether such a day exists in *year*, or in some year when that is unknown."""
    if not 1 <= month <= 12:
        return False
    return 1 <= day <= monthrange(2024 if year is None else year, month)[1]


def make_date(year: int, month: int, day: int) -> date | None:
    if year not in PLAUSIBLE_YEARS or not is_possible(year, month, day):
        return None
    return date(year, month, day)
