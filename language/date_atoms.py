"""The pieces of a date in a text: days, periods, parts of the day, clock times, bounds."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Literal

from language import calendar_days as days
from language.clock import CLOCK, PART_WORDS, ClockTime, clock_of
from language.numerals import NUMERAL, whole_number
from language.understood import Part

Kind = Literal["day", "part", "time", "instant", "bad"]

WEEKDAYS = {c: i for i, c in enumerate("一二三四五六日")} | {"天": 6} | {str(i): i - 1 for i in range(1, 8)}
INNER_GAPS = frozenset({"", "的", ",", "那天", "当天", "那天的", "(", ")", "在", "就", "是"})
APPOSITION = frozenset({"", ",", "(", "、", "就是", "也就是", "即", "是", "的"})


@dataclass(frozen=True)
class Atom:
    """A piece of a date. *is_weak* parts (a lone 上午) name a day only beside one."""

    kind: Kind
    start: int
    end: int
    first: date | None = None
    last: date | None = None
    part: Part | None = None
    clock: ClockTime | None = None
    instant: datetime | None = None
    is_weekday: bool = False
    is_weak: bool = False
    follows: Literal["month_day", "day", "weekday", "fixed"] = "fixed"
    month: int | None = None
    day_number: int | None = None


_YEAR_WORDS = {"今年": 0, "本年": 0, "去年": -1, "明年": 1, "前年": -2, "后年": 2, "来年": 1}
_MONTH_WORDS = {
    "本月": 0, "这月": 0, "这个月": 0, "当月": 0, "下个月": 1, "下月": 1, "上个月": -1, "上月": -1,
    "下下个月": 2, "下下月": 2, "上上个月": -2, "上上月": -2,
}  # fmt: skip
_DAY_WORDS = {
    "大前天": -3, "前天": -2, "前日": -2, "前儿": -2, "昨天": -1, "昨日": -1, "昨儿": -1, "昨个": -1,
    "今天": 0, "今日": 0, "今儿": 0, "今个": 0, "今儿个": 0, "当天": 0, "明天": 1, "明日": 1, "明儿": 1,
    "明个": 1, "明儿个": 1, "后天": 2, "后日": 2, "后儿": 2, "大后天": 3, "大后日": 3,
}  # fmt: skip
_DAY_PARTS: dict[str, tuple[int, Part]] = {
    "今早": (0, "morning"), "今晨": (0, "morning"), "今晚": (0, "evening"), "今夜": (0, "evening"),
    "明早": (1, "morning"), "明晨": (1, "morning"), "明晚": (1, "evening"), "昨晚": (-1, "evening"),
    "昨夜": (-1, "evening"), "前晚": (-2, "evening"), "后晚": (2, "evening"), "当晚": (0, "evening"),
}  # fmt: skip
_PAIRS = {"今明两天": (0, 1), "今明": (0, 1), "明后两天": (1, 2), "明后天": (1, 2), "昨今两天": (-1, 0),
          "今明后三天": (0, 2), "这两天": (0, 1)}  # fmt: skip
_THIRDS = {"上旬": (1, 10), "中旬": (11, 20), "下旬": (21, 31), "上半月": (1, 15), "下半月": (16, 31),
           "底": (31, 31), "初": (1, 1), "末": (31, 31)}  # fmt: skip


def _words(table: Iterable[str]) -> str:
    return "|".join(sorted(table, key=len, reverse=True))


_N = NUMERAL
_YEAR = (
    r"(?:(?<!\d)\d{4}|(?<!\d)\d{2}(?=\s*年)|[一二]?[〇零一二三四五六七八九]{3,4}(?=\s*年)|"
    + "|".join(_YEAR_WORDS)
    + ")"
)
_WEEK = r"(?P<week>(?:上上上|上上|上|这|本|下下下|下下|下)(?:一)?)?个?\s*(?P<unit>周|星期|礼拜)"
# 周一鸣 is a name; 周一 before one of these characters is taken for one.
_NAME_TAIL = "鸣凡帆维围诺航宁桐彤晴妍哲鹤辰然涵琳雯鑫杰豪轩宇浩冉默川舟丰平菲飞民海山波涛峰阳"
_NOT_HAO = r"(?!\s*(?:线|楼|选题|题|方向|门|机|课题|会议室|教室|厅|馆|桌|房|院|店|选手|文件|项目|组|码|方案|位|窗口|报告|座|学员|棉|球|电|问题|条))"
_SPAN_UNIT = r"(?P<n>{n}|半|几)\s*(?P<unit>天|日|周|个?星期|个?礼拜|个?月|年)".replace("{n}", _N)

_PATTERNS: tuple[tuple[str, str], ...] = (
    ("full", rf"(?P<y>{_YEAR})\s*(?:[年./-]|年的)?\s*(?P<m>{_N})\s*(?:月份?|[./-])(?:的)?\s*(?P<d>{_N})(?![\d.])\s*(?:日|号)?"),
    ("year_month", rf"(?P<y>{_YEAR})\s*年?的?\s*(?P<m>{_N})\s*月份?(?:的)?(?P<third>{_words(_THIRDS)})?"),
    ("range_hao", rf"(?<![\d.选第])(?:(?P<mw>{_words(_MONTH_WORDS)})的?|(?P<m>{_N})\s*月)?\s*(?P<a>{_N})\s*(?:号|日)?\s*(?:-|~|—|–|至|到)\s*(?P<b>{_N})\s*(?:号|日(?!语|本)){_NOT_HAO}"),
    ("month_hao", rf"(?P<mw>{_words(_MONTH_WORDS)})的?\s*(?P<d>{_N})\s*(?:号|日){_NOT_HAO}"),
    ("month_word", rf"(?P<mw>{_words(_MONTH_WORDS)})的?(?P<third>{_words(_THIRDS)})?"),
    ("month_day", rf"(?<![\d.个第])(?P<m>{_N})\s*月(?!\d*\s*个|一[共起直般定样些次])\s*(?P<d>{_N})(?![\d.]|\s*[个位人条页场])\s*(?:日|号)?"),
    ("month", rf"(?<![\d.个第十])(?P<m>{_N})\s*月份?(?:的)?(?P<third>{_words(_THIRDS)})?(?!饼|亮|薪|嫂|经|怀)"),
    ("ago", rf"(?<![\d.第])(?:过|再过)?{_SPAN_UNIT}(?:之|以)?(?P<way>前|后|内|之内)(?!沿|端|台|面|缀|排|勤|来|续|辈|半)"),
    ("pass", rf"(?:再过|过)(?:了)?{_SPAN_UNIT}(?:吧)?(?!了)"),
    ("coming", rf"(?:接下来|未来|今后|往后|之后|后面|下面|近)的?(?:这)?{_SPAN_UNIT}(?!前|后)"),
    ("gone", rf"(?:过去|前|最近|近来|之前|上)的?(?:这)?(?P<n>{_N})\s*(?P<unit>天|日|周|个星期|个礼拜|个月|年)(?!前|后)"),
    ("hours", rf"(?<![\d.第])(?:再过|过)?(?:(?P<halfhour>半个?)(?:小时|钟头)|(?P<n>{_N}|\d+\.5)\s*个?(?P<half>半)?\s*(?P<unit>小时|钟头|刻钟|分钟)(?P<half2>半)?)\s*(?:之|以)?(?P<way>前|后)(?!沿|端|台|面)"),
    ("weekend", r"(?P<week>(?:上上|上|这|本|下下|下))?个?\s*(?:周末|星期末|礼拜末)"),
    ("weekday", rf"{_WEEK}\s*(?P<wd>[一二三四五六日天]|[1-7](?![\d:.]))"),
    ("week", r"(?P<week>上上上|上上|上|这|本|下下下|下下|下)(?:一)?个?\s*(?:周|星期|礼拜)(?!围|边|期|转)"),
    ("pair", _words(dict.fromkeys(_PAIRS, 0))),
    ("day_part", _words(dict.fromkeys(_DAY_PARTS, 0))),
    ("day_word", rf"(?<![以之然])(?:{_words(_DAY_WORDS)})(?!后天)"),
    ("year_end", r"(?:今年)?年[底末]"),
    ("month_third", r"(?<![\u4e00-\u9fff])(?:上旬|中旬|下旬|上半月|下半月)|月[底初末](?!考)|(?:上旬|中旬|下旬|上半月|下半月)"),
    ("hao", rf"(?<![\d.选第年/-])(?<!\d:)(?<!原编)(?<!改选)(?P<d>{_N})\s*(?:号|日(?!语|本|常|记|程|报|志)){_NOT_HAO}"),
    ("dotted", r"(?<![\d.v/])(?<!\d:)(?P<m>\d{1,2})\s?(?P<sep>[./-])\s?(?P<d>\d{1,2})(?![\d.:/%]|的(?:人|同学|学生|时间|内容)|\s*(?:号|日|个|页|分|元|块|名|人|次|组|倍|版|万|千|k|g|m|小时|天|周|岁|级|点|章|节|题|篇|字|米))"),
    ("clock", CLOCK.pattern),
    ("part", _words([word for word in PART_WORDS if len(word) > 1])),
    ("lone_part", r"(?P<lone>[晚早晨])(?![点到退来走些会回一])"),
    ("year", r"(?P<y>(?<!\d)\d{4}\s*年|今年|去年|明年|前年|后年)(?!级|龄|度)"),
)  # fmt: skip

_NAMES = tuple(name for name, _ in _PATTERNS)
_ALTERNATIVES = tuple((name, re.compile(pattern)) for name, pattern in _PATTERNS)
_NUMBER_RUN = re.compile(r"\d+|[零〇一二两三四五六七八九十廿卅百]+(?!周|星期|礼拜)")
_COULD_START = re.compile(
    r"[\d零〇一二两三四五六七八九十廿卅半几本这当下上今去明前后来大昨接未往之再过最近周星礼月年中凌清早晨一午正晌傍晚间夜深]"
)


def scan(text: str, now: datetime) -> tuple[Atom, ...]:
    """The atoms of *text* from left to right; at one place the first pattern that reads something wins."""
    out: list[Atom] = []
    at = 0
    while (hit := _COULD_START.search(text, at)) is not None:
        at = hit.start()
        atom = _atom_at(text, at, now, out[-1] if out else None)
        if atom is None:
            # A number that is no date is stepped over whole: its tail is no date either.
            run = _NUMBER_RUN.match(text, at)
            at = run.end() if run is not None else at + 1
            continue
        out.append(atom)
        at = atom.end
    return tuple(out)


def _atom_at(text: str, at: int, now: datetime, before: Atom | None) -> Atom | None:
    if text[at] == "下" and text[at - 1 : at] == "一" and (before is None or before.end != at):
        return None  # 问一下周四: the 下 belongs to 一下; in 周一下午 it does not
    for name, pattern in _ALTERNATIVES:
        found = pattern.match(text, at)
        if found is not None:
            if name == "lone_part" and (before is None or before.kind != "day" or before.end != at):
                continue
            if name == "gone" and found[0].startswith("前") and before is not None and before.end == at:
                continue
            atom = _READERS[name](found, now)
            if atom is not None:
                return atom
    return None


def _day(found: re.Match[str], first: date | None, last: date | None = None, **more: object) -> Atom:
    if first is None:
        return Atom("bad", found.start(), found.end())
    return Atom("day", found.start(), found.end(), first, last or first, **more)  # type: ignore[arg-type]


def _number(text: str) -> int:
    value = whole_number(text)
    return -1 if value is None else value


def _year(said: str, today: date) -> int:
    said = said.strip().removesuffix("年").strip() if said not in _YEAR_WORDS else said
    if said in _YEAR_WORDS:
        return today.year + _YEAR_WORDS[said]
    value = _number(said)
    return 2000 + value if len(said) == 2 and value < 70 else value


def _full(found: re.Match[str], now: datetime) -> Atom | None:
    year = _year(found["y"], now.date())
    month, day = _number(found["m"]), _number(found["d"])
    return _day(found, days.made(year, month, day), month=month, day_number=day)


def _third(found: re.Match[str], first: date) -> Atom:
    third = found["third"]
    last = days.month_end(first)
    if not third:
        return _day(found, first, last)
    begin, end = _THIRDS[third]
    return _day(found, first.replace(day=min(begin, last.day)), first.replace(day=min(end, last.day)))


def _year_month(found: re.Match[str], now: datetime) -> Atom | None:
    first = days.made(_year(found["y"], now.date()), _number(found["m"]), 1)
    return _third(found, first) if first is not None else _day(found, None)


def _range_hao(found: re.Match[str], now: datetime) -> Atom | None:
    today = now.date()
    a, b = _number(found["a"]), _number(found["b"])
    if found["mw"]:
        month = days.month_of(today, _MONTH_WORDS[found["mw"]])
        first = days.made(month.year, month.month, a)
    elif found["m"]:
        first = days.day_of_year(today, _number(found["m"]), a)
    else:
        first = days.day_of_month(today, a)
    if first is None:
        return _day(found, None)
    return _day(found, first, _day_on_or_after(first, b))


def _day_on_or_after(first: date, day: int) -> date | None:
    for months in range(3):
        month = days.month_of(first, months)
        made = days.made(month.year, month.month, day)
        if made is not None and made >= first:
            return made
    return None


def _month_hao(found: re.Match[str], now: datetime) -> Atom | None:
    month = days.month_of(now.date(), _MONTH_WORDS[found["mw"]])
    return _day(found, days.made(month.year, month.month, _number(found["d"])))


def _month_word(found: re.Match[str], now: datetime) -> Atom | None:
    return _third(found, days.month_of(now.date(), _MONTH_WORDS[found["mw"]]))


def _month_day(found: re.Match[str], now: datetime) -> Atom | None:
    month, day = _number(found["m"]), _number(found["d"])
    made = days.day_of_year(now.date(), month, day)
    return _day(found, made, follows="month_day", month=month, day_number=day)


def _month(found: re.Match[str], now: datetime) -> Atom | None:
    month = _number(found["m"])
    if not 1 <= month <= 12:
        return _day(found, None)
    return _third(found, days.month_without_year(now.date(), month))


def _amount(found: re.Match[str]) -> tuple[int, int, int] | None:
    """Days, months and years of a duration; 半个月 is 15 days, 半年 six months. None for 几天."""
    said, unit = found["n"], found["unit"].removeprefix("个")
    if said == "几":
        return None
    if said == "半":
        return {"月": (15, 0, 0), "年": (0, 6, 0)}.get(unit)
    count = _number(said)
    if not 0 <= count <= 9999:
        return None
    if unit in ("天", "日"):
        return (count, 0, 0)
    if unit in ("周", "星期", "礼拜"):
        return (7 * count, 0, 0)
    return (0, count, 0) if unit == "月" else (0, 0, count)


def _moved(today: date, amount: tuple[int, int, int], sign: int) -> date | None:
    return days.moved(today, days=sign * amount[0], months=sign * amount[1], years=sign * amount[2])


def _ago(found: re.Match[str], now: datetime) -> Atom | None:
    amount = _amount(found)
    if amount is None or (found["unit"] == "日" and found["way"] in ("前", "后")):
        return None  # 20日前 is a bound on the 20th, not a distance
    today = now.date()
    if found["way"] in ("内", "之内"):
        until = _moved(today, amount, 1)
        return _day(found, today, until) if until is not None else None
    return _day(found, _moved(today, amount, 1 if found["way"] == "后" else -1))


def _pass(found: re.Match[str], now: datetime) -> Atom | None:
    amount = _amount(found)
    return None if amount is None else _day(found, _moved(now.date(), amount, 1))


def _coming(found: re.Match[str], now: datetime) -> Atom | None:
    amount = _amount(found)
    until = None if amount is None else _moved(now.date(), amount, 1)
    return None if until is None else _day(found, now.date() + timedelta(days=1), until)


def _gone(found: re.Match[str], now: datetime) -> Atom | None:
    amount = _amount(found)
    since = None if amount is None else _moved(now.date(), amount, -1)
    return None if since is None else _day(found, since, now.date() - timedelta(days=1))


def _hours(found: re.Match[str], now: datetime) -> Atom | None:
    if found["halfhour"]:
        minutes = 30.0
    else:
        said = found["n"]
        count = float(said) if "." in said else float(_number(said))
        count += 0.5 if found["half"] or found["half2"] else 0.0
        minutes = count * {"小时": 60, "钟头": 60, "刻钟": 15, "分钟": 1}[found["unit"]]
    if not 0 <= minutes <= 60 * 9999:
        return None
    sign = 1 if found["way"] == "后" else -1
    at = now.replace(second=0, microsecond=0) + sign * timedelta(minutes=minutes)
    return Atom("instant", found.start(), found.end(), instant=at)


def _weeks(said: str | None) -> int:
    said = (said or "").removesuffix("一")
    return said.count("下") - said.count("上")


def _weekend(found: re.Match[str], now: datetime) -> Atom | None:
    monday, sunday = days.week_of(now.date(), _weeks(found["week"]))
    return _day(found, monday + timedelta(days=5), sunday)


def _weekday(found: re.Match[str], now: datetime) -> Atom | None:
    text, end = found.string, found.end()
    if found["unit"] == "周" and text[end : end + 1] in _NAME_TAIL and text[end : end + 1]:
        return None
    if text[max(0, found.start() - 1) : found.start()] in {"每", "一", "两", "几"}:
        return None
    weekday = WEEKDAYS[found["wd"]]
    if not found["week"]:
        return _day(found, days.next_weekday(now.date(), weekday), is_weekday=True, follows="weekday",
                    day_number=weekday)  # fmt: skip
    monday, _ = days.week_of(now.date(), _weeks(found["week"]))
    return _day(found, monday + timedelta(days=weekday), is_weekday=True)


def _week(found: re.Match[str], now: datetime) -> Atom | None:
    return _day(found, *days.week_of(now.date(), _weeks(found["week"])))


def _pair(found: re.Match[str], now: datetime) -> Atom | None:
    begin, end = _PAIRS[found[0]]
    return _day(found, now.date() + timedelta(days=begin), now.date() + timedelta(days=end))


def _day_part(found: re.Match[str], now: datetime) -> Atom | None:
    away, part = _DAY_PARTS[found[0]]
    return _day(found, now.date() + timedelta(days=away), part=part)


def _day_word(found: re.Match[str], now: datetime) -> Atom | None:
    return _day(found, now.date() + timedelta(days=_DAY_WORDS[found[0]]))


def _year_end(found: re.Match[str], now: datetime) -> Atom | None:
    return _day(found, date(now.year, 12, 31))


def _month_third(found: re.Match[str], now: datetime) -> Atom | None:
    first = days.month_of(now.date(), 0)
    begin, end = _THIRDS[found[0].removeprefix("月")]
    last = days.month_end(first)
    return _day(found, first.replace(day=min(begin, last.day)), first.replace(day=min(end, last.day)))


def _hao(found: re.Match[str], now: datetime) -> Atom | None:
    number = _number(found["d"])
    if not 1 <= number <= 31:
        return None
    return _day(found, days.day_of_month(now.date(), number), follows="day", day_number=number)


def _dotted(found: re.Match[str], now: datetime) -> Atom | None:
    month, day = int(found["m"]), int(found["d"])
    if not 1 <= month <= 12 or not 1 <= day <= 31:
        return None
    around = (
        found.string[max(0, found.start() - 1) : found.start()] + found.string[found.end() : found.end() + 1]
    )
    if found["sep"] == "-" and "-" in around:
        return None  # 1-2-3 is a telephone number or a code
    return _day(
        found, days.day_of_year(now.date(), month, day), follows="month_day", month=month, day_number=day
    )


_NOT_BEFORE_CLOCK = re.compile(r"(?:第|这|那|以下|如下|提前|提|有)$")


def _clock(found: re.Match[str], _now: datetime) -> Atom | None:
    said_before = found.string[max(0, found.start() - 2) : found.start()]
    if found["said"] and _NOT_BEFORE_CLOCK.search(said_before):
        return None
    # 一点 is mostly "a little"; as a time it stands at the start, after a day or after a preposition.
    if (
        found["said"] == "一"
        and not found["tail"]
        and not re.search(r"(?:^|[午晚上早天日号一二三四五六到至从成为在是 ])$", said_before)
    ):
        return None
    said = clock_of(found)
    if said is None:
        return Atom("bad", found.start(), found.end())
    return Atom("time", found.start(), found.end(), clock=said)


def _part(found: re.Match[str], _now: datetime) -> Atom | None:
    return Atom("part", found.start(), found.end(), part=PART_WORDS[found[0]])


def _year_alone(found: re.Match[str], now: datetime) -> Atom | None:
    year = _year(found["y"].replace(" ", ""), now.date())
    return _day(found, days.made(year, 1, 1), days.made(year, 12, 31))


_READERS: dict[str, Callable[[re.Match[str], datetime], Atom | None]] = {
    "full": _full, "year_month": _year_month, "range_hao": _range_hao, "month_hao": _month_hao,
    "month_word": _month_word, "month_day": _month_day, "month": _month, "ago": _ago, "pass": _pass,
    "coming": _coming, "gone": _gone, "hours": _hours, "weekend": _weekend, "weekday": _weekday, "week": _week,
    "pair": _pair, "day_part": _day_part, "day_word": _day_word, "year_end": _year_end,
    "month_third": _month_third, "hao": _hao, "dotted": _dotted, "clock": _clock, "part": _part,
    "lone_part": _part, "year": _year_alone,
}  # fmt: skip

_RANGE_GAP = re.compile(r"\s*(?:一?直?到|至|-{1,2}|~{1,2}|—{1,2}|–)\s*")
_UNTIL_BEFORE = re.compile(r"(?:截至|截止到?|不晚于|最晚|最迟)\s*$")
_BOUND = re.compile(
    r"\s*(?:(?P<until>之前|以前|为止|前(?![沿面端排台后任天日几两三]))|(?P<since>之后|以后|往后|过后|后(?![面续台端天日来勤半几两三悔果])|起(?![床来飞得草码])|以来))"
)
_FROM_BEFORE = re.compile(r"(?:从|自|打)\s*$")


def is_range_gap(gap: str) -> bool:
    """Whether the text between two moments joins them to a range (到, 至, -, ~)."""
    return _RANGE_GAP.fullmatch(gap) is not None


def bound_after(text: str, start: int, end: int) -> tuple[Literal["until", "from"] | None, int]:
    """Whether the moment at *start*..*end* is an open bound (X前, X后, 从X开始), and where it ends."""
    found = _BOUND.match(text, end)
    if found is not None:
        return ("until" if found["until"] else "from"), found.end()
    if _UNTIL_BEFORE.search(text[max(0, start - 4) : start]):
        return "until", end
    if _FROM_BEFORE.search(text[max(0, start - 2) : start]) and text.startswith("开始", end):
        return "from", end + 2
    return None, end


def first_match(atom: Atom | None, on_or_after: date, said: date | None) -> date | None:
    """The end of a range: the first day that *atom* names on or after its start (D5)."""
    if atom is None:
        return said
    if atom.follows == "weekday" and atom.day_number is not None:
        return days.next_weekday(on_or_after, atom.day_number)
    if atom.follows == "day" and atom.day_number is not None:
        return _day_on_or_after(on_or_after, atom.day_number)
    if atom.follows == "month_day" and atom.month is not None and atom.day_number is not None:
        for year in range(on_or_after.year, on_or_after.year + 9):
            made = days.made(year, atom.month, atom.day_number)
            if made is not None and made >= on_or_after:
                return made
    return said
