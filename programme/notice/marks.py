"""Characters and numerals: full width to half width one for one, Chinese numerals, weekdays, cohorts."""

from __future__ import annotations

import re

DIGITS = {
    "〇": 0,
    "○": 0,
    "零": 0,
    "一": 1,
    "二": 2,
    "两": 2,
    "三": 3,
    "四": 4,
    "五": 5,
    "六": 6,
    "七": 7,
    "八": 8,
    "九": 9,
}
NUMBER = r"(?:\d{1,2}|[〇零一二两三四五六七八九十廿卅]{1,3})"
WEEKDAY_NAMES = ("周一", "周二", "周三", "周四", "周五", "周六", "周日")
# 每周一次 is "once a week", not a Monday: a counter behind the numeral takes the weekday away.
WEEKDAY = r"(?:周|星期|礼拜)\s*([一二三四五六日天])(?![次个篇场节轮份次位名])"
WEEKDAY_PATTERN = re.compile(WEEKDAY)
_ENGLISH_WEEKDAY = re.compile(r"(?<![a-z])(mon|tue|wed|thu|fri|sat|sun)[a-z]*\.?", re.IGNORECASE)
_WEEKDAY_LIST = re.compile(
    r"(?:周|星期|礼拜)\s*[一二三四五六日天](?![次个篇场节轮份位名])"
    r"(?:\s*(?:[、,/和及与至到\-]|以及)?\s*(?:周|星期|礼拜)?\s*[一二三四五六日天](?![月次个篇场节轮份位名点时\d年]))*"
)
_COHORT = re.compile(r"(研究生|研|大|博|硕|本)\s*([0-9〇零一二三四五六])(?![月日号年点时页分个位名])")
_COHORT_WORDS = re.compile(
    r"(?:本科|研究|博士|硕士)生|(?:其[他它余]|全体|所有)(?:同学|学生|人员|成员|年级)?|新生|毕业班"
)

_FOLD: dict[int, int | str] = {code: code - 0xFEE0 for code in range(0xFF01, 0xFF5F)}
_FOLD.update(
    {
        0x3000: 0x20,
        0xA0: 0x20,
        0x2002: 0x20,
        0x2003: 0x20,
        0x2009: 0x20,
        0x200B: 0x20,
        0xFEFF: 0x20,
        0x2010: 0x2D,
        0x2011: 0x2D,
        0x2012: 0x2D,
        0x2013: 0x2D,
        0x2014: 0x2D,
        0x2015: 0x2D,
        0x2212: 0x2D,
        0x301C: 0x2D,
        0xFF5E: 0x2D,
        0x7E: 0x2D,
        0x3002: 0x3002,
        0x2236: 0x3A,
        0xFE55: 0x3A,
        0x3014: 0x28,
        0x3015: 0x29,
        0x3010: 0x28,
        0x3011: 0x29,
    }
)

# The schedule words of a notice in traditional characters, each to its simplified twin, one for one.
_TRADITIONAL = "週時點間講題報課會議開學術紀處請連聯絡電話線樓館廳東門號參與須應對於後將為從內場舉辦進組動習論實驗團訓練營課請師許備註說環節戶獎勵補貼費資發給級碩體員選題範圍讀書機業務截結項專業準時遲到請無預約單雙隨個兩萬達陽週禮堂種類標準單價與頁長觀導隊歡迎關總結語聽帶來當積極變動調頒當錄預計暫"
_SIMPLIFIED = "周时点间讲题报课会议开学术纪处请连联络电话线楼馆厅东门号参与须应对于后将为从内场举办进组动习论实验团训练营课请师许备注说环节户奖励补贴费资发给级硕体员选题范围读书机业务截结项专业准时迟到请无预约单双随个两万达阳周礼堂种类标准单价与页长观导队欢迎关总结语听带来当积极变动调颁当录预计暂"
_FOLD.update({ord(old): new for old, new in zip(_TRADITIONAL, _SIMPLIFIED, strict=True) if old != new})


def fold(text: str) -> str:
    """*text* in half width and simplified schedule words, every dash a hyphen: positions stay the same."""
    return text.translate(_FOLD)


def number(text: str) -> int | None:
    """The value of 1–2 digits or a Chinese numeral up to 99; None when it is neither."""
    text = text.strip()
    if text.isdecimal():
        return int(text)
    if text and all(mark in DIGITS for mark in text):
        value = 0
        for mark in text:
            value = value * 10 + DIGITS[mark]
        return value
    tens = {"十": 10, "廿": 20, "卅": 30}
    for mark, value in tens.items():
        if text.count(mark) != 1:
            continue
        before, after = text.split(mark)
        if (before and before not in DIGITS) or (after and after not in DIGITS):
            return None
        first = DIGITS[before] * 10 if before else value
        return first + (DIGITS[after] if after else 0)
    return None


_FORMAL = str.maketrans("壹贰叁肆伍陆柒捌玖拾佰仟", "一二三四五六七八九十百千")


def plain_numerals(folded: str) -> str:
    """叁佰元 as 三百元, one for one; only for sums, since 伍 and 陆 are also names."""
    return re.sub(
        r"[壹贰叁肆伍陆柒捌玖拾佰仟]{1,8}(?=\s*元)", lambda match: match[0].translate(_FORMAL), folded
    )


def large_number(text: str) -> int | None:
    """A count as it is printed in rules: 20, 1,200, 二十, 三百, 两千, 1万; None when unreadable."""
    text = re.sub(r"[,，\s]", "", text)
    if text.isdecimal():
        return int(text) if len(text) <= 12 else None
    match = re.fullmatch(r"(\d+(?:\.\d+)?)([百千万])", text)
    if match:
        return int(float(match[1]) * {"百": 100, "千": 1000, "万": 10000}[match[2]])
    total, current = 0, 0
    for mark in text:
        if mark in DIGITS:
            current = DIGITS[mark]
        elif mark in "十百千":
            total += (current or 1) * {"十": 10, "百": 100, "千": 1000}[mark]
            current = 0
        elif mark == "万":
            total = (total + current or 1) * 10000
            current = 0
        else:
            return None
    return (total + current) if text else None


def weekday_number(mark: str) -> int:
    """0 for 一 (Monday) … 6 for 日 or 天."""
    return 6 if mark in "日天" else "一二三四五六".index(mark)


def weekday_alone(text: str) -> int | None:
    """The weekday when *text* names one and nothing else: 周一, 星期 三, 礼拜天, Mon, (六)."""
    bare = re.sub(r"[\s()\[\].:]", "", fold(text))
    match = re.fullmatch(r"(?:周|星期|礼拜)?([一二三四五六日天])", bare)
    if match:
        return weekday_number(match[1])
    english = _ENGLISH_WEEKDAY.fullmatch(bare)
    if english is None:
        return None
    return ("mon", "tue", "wed", "thu", "fri", "sat", "sun").index(english[1].lower())


def weekday_list(folded: str, start: int = 0) -> tuple[tuple[int, ...], int, int] | None:
    """The first list of weekdays at or after *start* (周二、四; 周一至周五), with its span."""
    match = _WEEKDAY_LIST.search(folded, start)
    if match is None:
        return None
    marks = re.findall(r"[一二三四五六日天]", match[0])
    days = [weekday_number(mark) for mark in marks]
    if re.search(r"[至到\-]", match[0]) and len(days) == 2 and days[0] < days[1]:
        days = list(range(days[0], days[1] + 1))
    return tuple(dict.fromkeys(days)), match.start(), match.end()


_ENGLISH_LIST = (
    r"(?<![a-z])(?:mon|tue|wed|thu|fri|sat|sun)(?:day|s|sday|nesday|r|rs|rsday|urday)?s?\.?(?![a-z])"
    r"(?:\s*(?:,|/|&|and)\s*(?:mon|tue|wed|thu|fri|sat|sun)(?:day|s|sday|nesday|r|rs|rsday|urday)?s?\.?(?![a-z]))*"
)


def english_weekdays(folded: str, start: int = 0) -> tuple[tuple[int, ...], int, int] | None:
    """every Tuesday and Thursday: the first list of weekdays at or after *start*, with its span."""
    match = re.search(_ENGLISH_LIST, folded[start:], re.IGNORECASE)
    if match is None:
        return None
    names = re.findall(r"(?<![a-z])(mon|tue|wed|thu|fri|sat|sun)", match[0], re.IGNORECASE)
    days = [("mon", "tue", "wed", "thu", "fri", "sat", "sun").index(name.lower()) for name in names]
    return tuple(dict.fromkeys(days)), start + match.start(), start + match.end()


def canonical_cohort(text: str) -> str:
    """One spelling for a cohort: 研 0, 研零, 研０ → 研0; 大3, 大 三 → 大三; anything else unspaced."""
    bare = re.sub(r"\s", "", fold(text))
    match = re.fullmatch(r"(研究生|研|大|博|硕|本)([0-9〇零一二三四五六])(?:年级|同学|学生)?", bare)
    if match is None:
        return bare
    value = number(match[2])
    if value is None:
        return bare
    if match[1] == "大":
        return f"大{'零一二三四五六七八九'[value]}"
    return f"{'研' if match[1] == '研究生' else match[1]}{value}"


def cohorts(text: str) -> tuple[tuple[str, ...], int]:
    """The cohorts named in *text* in canonical spelling and where the first begins (-1: none)."""
    folded = fold(text)
    found = [(match.start(), canonical_cohort(match[0])) for match in _COHORT.finditer(folded)]
    # 研一、二年级: the second numeral leans on the first
    for match in re.finditer(r"(研|大|博|硕)\s*[一二三四五六](?=[、和及,])", folded):
        for extra in re.finditer(
            r"[、和及,]([一二三四五六])(?=[、和及,年同学均必需须应都])",
            folded[match.end() : match.end() + 10],
        ):
            found.append((match.end() + extra.start(), canonical_cohort(match[1] + extra[1])))
    ends = {match.end() for match in _COHORT.finditer(folded)}
    words = [match for match in _COHORT_WORDS.finditer(folded) if match.start() not in ends]
    named = [match for match in words if not match[0].startswith(("全体", "所有"))]
    found += [(match.start(), match[0]) for match in (named if found or named else words)]
    found.sort()
    names = tuple(dict.fromkeys(name for _, name in found))
    return names, (found[0][0] if found else -1)


def strip_marks(text: str) -> str:
    """*text* without surrounding blanks and separating marks."""
    return text.strip(" \t\r\n\u3000\xa0,，;；。.、:：-—–·|/")
