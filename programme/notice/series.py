"""Weekly series: 每周三晚上7点，共8次，从9月6日起."""

from __future__ import annotations

import re
from calendar import monthrange
from dataclasses import dataclass
from datetime import date, timedelta
from itertools import pairwise

from programme.notice.dates import DateMention, months_named, scan_dates
from programme.notice.event_words import DUTY
from programme.notice.events import Event, read_event
from programme.notice.marks import english_weekdays, fold, number, weekday_list
from programme.notice.times import period_words, scan_times

_EVERY = re.compile(
    r"每\s*(?:个)?\s*(?:周|星期|礼拜)(?![次期])|逢\s*(?:周|星期)|每\s*(?:天|日(?!期))|每个?工作日|隔周|每[两二2]周|每隔一周|双周|单周|[两二2]周(?:举[行办]|开展|进行|安排)?[一1]次|(?<![a-z])(?:bi)?weekly|(?<![a-z])(?:every|each)\s+(?=(?:mon|tue|wed|thu|fri|sat|sun))|(?<![a-z])every\s+(?:week)?day(?![a-z])",
    re.IGNORECASE,
)
EVERY_DAY = re.compile(r"每\s*(?:天|日(?!期))")
_EVERY_OTHER = re.compile(r"隔周|[两二2]周|每隔一周|双周|单周|biweekly")
_COUNT = re.compile(
    r"(?:共计?|总共|合计|计划|持续|连续|为期|开展|进行|举办|安排|一共|,|\(|\s|^)\s*(\d{1,2}|[一二两三四五六七八九十]{1,3})\s*(次|讲|期|场|周|节课|节|个星期|星期)(?![一二三四五六日天])"
)
_STARTS_BEFORE = re.compile(
    r"(?:从|自|于|首次|第一次|开始时间|起始|开课)[^0-9〇零一二三四五六七八九十]{0,4}$"
)
_STARTS_AFTER = re.compile(r"\s*[)]?\s*(?:\([^)]*\)\s*)?(?:起|开始|开课|开讲|以后|之后|首讲|首次)")
_ENDS_BEFORE = re.compile(r"(?:至|到|截止|截至|直到|结束于)[^0-9〇零一二三四五六七八九十]{0,3}$")
_ENDS_AFTER = re.compile(r"\s*(?:结束|止|为止|截止|结课)")
_MAX_DAYS = 400
_ORDINAL_WEEK = r"(\d{1,2}|[一二三四五六七八九十]{1,3})"
_WEEKS = (
    rf"第?\s*{_ORDINAL_WEEK}\s*周?\s*(?:-+|至|到)\s*第?\s*{_ORDINAL_WEEK}\s*(?:教学)?周(?![一二三四五六日天])"
)
_FIRST_WEEK = (
    r"\(?第\s*[1一]\s*(?:教学)?周(?!\s*(?:-|至|到))[^,;。\n]{0,8}?(?:\d{4}\s*[年./-]\s*)?\d{1,2}\s*[月./-]\s*\d{1,2}\s*日?(?:\s*(?:起|开始|\(?周一\)?))*\)?"
    r"|(?:\d{4}\s*年\s*)?\d{1,2}\s*月\s*\d{1,2}\s*日\s*(?:\(周一\))?\s*(?:为|是|\(|起为)\s*第\s*[1一]\s*(?:教学)?周\)?"
)


@dataclass(frozen=True)
class Recurring:
    """A weekly rule. Bounded by *start* with *end* or *count*, or by whole *months*, it is a series of
    sessions; unbounded it only lends its hours to the sessions of its weekdays."""

    weekdays: tuple[int, ...]
    event: Event
    line: int
    phrase: str
    start: DateMention | None
    end: DateMention | None
    months: tuple[int, ...]
    count: int | None
    counts_weeks: bool
    step_weeks: int
    words: str = ""
    weeks: tuple[int, int] | None = None  # 第3周–第10周, counted from *first_week*
    first_week: DateMention | None = None

    @property
    def is_bounded(self) -> bool:
        return bool(self.months or self.weeks) or (
            self.start is not None and (self.end is not None or self.count is not None)
        )


def is_series(folded: str) -> bool:
    """Whether a sentence speaks about every week or every day."""
    return _EVERY.search(folded) is not None


def lists_days(folded: str, mentions: tuple[DateMention, ...]) -> bool:
    """9月4日、11日、18日（每周一）: the days themselves are printed, 每周 only describes them."""
    return any(
        before.until is None and re.fullmatch(r"[\s、,和及]*", folded[before.end : after.start]) is not None
        for before, after in pairwise(mentions)
    )


def read_recurring(raw: str, line: int) -> Recurring | None:
    """A weekly or daily rule in a sentence (its exceptions already blanked); None when it is none."""
    folded, printed = fold(raw), raw
    every = _EVERY.search(folded)
    if every is None:
        return None
    mentions = scan_dates(folded, bare_dates=False)
    weekdays, span = _weekdays(folded, every)
    if not weekdays:
        return None
    weeks = re.search(_WEEKS, folded)
    first_week = first_week_in(folded)
    start, end = (None, None) if weeks is not None else _bounds(folded, mentions)
    if weeks is not None:
        parity = (match.span() for match in re.finditer(r"\(?[单双]周\)?", folded))
        raw = _blanked(raw, [weeks.span(), *(m.span() for m in re.finditer(_FIRST_WEEK, folded)), *parity])
        folded = fold(raw)
    count = _COUNT.search(folded)
    months = () if start is not None else _months(folded)
    if start is None and not months:
        start = _first_of_month(folded)
    kept = _blanked(
        raw,
        [
            span,
            every.span(),
            *([count.span()] if count else []),
            *(_with_bounds(folded, m) for m in mentions),
        ],
    )
    kept = _DEALT_BY_NUMBER.sub(_spaces, _BRACKETED_DAYS.sub(_spaces, kept))
    kept = re.sub(
        r"原(?:定|来|本)?(?:于|在)?(?=\s{2})|(?:从|自|于)(?=\s{2})|(?<=\s)(?:起|开始|止|期间|内)(?=[\s，,。；;]|$)|(?:^|(?<=\s))(?:至|到|的)(?=\s)|共计?(?=\s{2})",
        " ",
        kept,
    )
    if every[0][:1] in "eE":
        kept = re.sub(
            r"(?<![A-Za-z])(?:from|to|until|till|through|starting|between|and|on|in|at)(?=\s|$)",
            lambda match: " " * len(match[0]),
            kept,
        )
    return Recurring(
        weekdays=weekdays,
        event=read_event(_SET_FOR.sub(_spaces, _without_duties(_without_months(kept, months))), ()),
        line=line,
        phrase=" ".join(printed.split("\n")).strip(),
        start=start,
        end=end,
        months=months,
        count=number(count[1]) if count else None,
        counts_weeks=bool(count and count[2] in ("周", "个星期", "星期")),
        step_weeks=2 if _every_other(fold(printed)) else 1,
        words=_rule_words(folded, span, raw),
        weeks=_week_span(weeks),
        first_week=first_week,
    )


# 8月10日至8月14日（周一至周五）: the days again, and no title; the first may be gone with its date.
_BRACKETED_DAYS = re.compile(
    r"(?:[(（]\s*(?:周|星期|礼拜)[一二三四五六日天]|(?<=\s))\s*[-—–~～至到]+\s*(?:周|星期|礼拜)?[一二三四五六日天]\s*[)）]"
)
_SET_FOR = re.compile(r"(?:兹|拟|将|现|原)*(?:定|计划)(?:于|在)?(?=\s{2})")  # 定于 where the date stood
# 主讲：第1次 王磊，第2次 李娜，以后轮流: each has one session, and none has all of them.
_DEALT_BY_NUMBER = re.compile(
    r"(?:主\s*讲\s*人?|报告人|汇报人|分享人|讲者|主持人?|领读人?)\s*(?:安排|顺序)?\s*[:：]?\s*"
    r"第\s*[\d一二三四五六七八九十]{1,3}\s*[次期讲场周][^。\n]*"
)


def _spaces(match: re.Match[str]) -> str:
    return " " * len(match[0])


def _every_other(folded: str) -> bool:
    """双周由博士生、单周由硕士生汇报 is every week."""
    return _EVERY_OTHER.search(folded) is not None and not ("单周" in folded and "双周" in folded)


def first_week_in(folded: str) -> DateMention | None:
    """第1周从2月24日开始, 9月2日（第一周）: a day of the first teaching week."""
    if "周" not in folded or "第" not in folded:
        return None
    for match in re.finditer(_FIRST_WEEK, folded):
        days = scan_dates(match[0], bare_dates=True)
        if days:
            return days[0]
    return None


def _week_span(weeks: re.Match[str] | None) -> tuple[int, int] | None:
    first = number(weeks[1]) if weeks is not None else None
    last = number(weeks[2]) if weeks is not None else None
    return (first, last) if first and last and first <= last else None


def _without_duties(text: str) -> str:
    """*text* with the clauses blanked that say who must come or that something takes place: they are
    no title, and 大二同学 is no speaker."""
    clauses = re.split(r"([，,。；;])", text)
    return "".join(" " * len(c) if DUTY.search(c) and "《" not in c else c for c in clauses)


def _with_bounds(folded: str, mention: DateMention) -> tuple[int, int]:
    """The date with the words that make it a bound: 从…起, 至…结束."""
    before = re.search(r"(?:从|自|于|至|到|截止到?|截至|直到|开始时间:?|首次:?)\s*$", folded[: mention.start])
    after = re.match(r"\s*(?:起|开始|开课|开讲|结束|为止|止|截止|结课|以后|之后)", folded[mention.end :])
    return before.start() if before else mention.start, mention.end + (after.end() if after else 0)


def _rule_words(folded: str, span: tuple[int, int], raw: str) -> str:
    """周二、周四下午: the weekdays with the part of the day behind them, as printed."""
    words = [end for _, start, end in period_words(folded) if 0 <= start - span[1] <= 1]
    return raw[span[0] : words[0] if words else span[1]].strip().removeprefix("每")


def _weekdays(folded: str, every: re.Match[str]) -> tuple[tuple[int, ...], tuple[int, int]]:
    if "day" in every[0].lower():
        return ((0, 1, 2, 3, 4) if "week" in every[0].lower() else tuple(range(7))), every.span()
    if "天" in every[0] or "日" in every[0]:
        return ((0, 1, 2, 3, 4) if "工作" in every[0] else tuple(range(7))), every.span()
    listed = (
        weekday_list(folded, every.start()) or weekday_list(folded) or english_weekdays(folded, every.start())
    )
    return (listed[0], (listed[1], listed[2])) if listed else ((), every.span())


def weekday_rule(raw: str, line: int) -> Recurring | None:
    """周二、周四下午，分别…: weekdays with a part of the day or an hour, without 每 and without any date."""
    folded = fold(raw)
    listed = weekday_list(folded)
    if listed is None or scan_dates(folded) or not (period_words(folded) or scan_times(folded)):
        return None
    kept = _blanked(raw, [(listed[1], listed[2])])
    return Recurring(
        listed[0],
        read_event(kept, ()),
        line,
        raw.strip(),
        None,
        None,
        (),
        None,
        False,
        1,
        _rule_words(folded, (listed[1], listed[2]), raw),
    )


def _bounds(folded: str, mentions: tuple[DateMention, ...]) -> tuple[DateMention | None, DateMention | None]:
    start: DateMention | None = None
    end: DateMention | None = None
    for mention in mentions:
        if mention.until is not None:
            return mention, mention.until
        before, after = folded[: mention.start], folded[mention.end :]
        if _ENDS_BEFORE.search(before) or _ENDS_AFTER.match(after):
            end = mention
        elif (
            start is None and (_STARTS_BEFORE.search(before) or _STARTS_AFTER.match(after))
        ) or start is None:
            start = mention
        elif end is None:
            end = mention
    return start, end


_MONTH = r"(1[0-2]|[1-9]|十[一二]?|[一二三四五六七八九])\s*月(?:份)?"
_FROM_MONTH = re.compile(rf"(?<![\d十])(?:\d{{4}}年\s*)?{_MONTH}(?:初|中旬|上旬)?\s*(?:起|开始|开学)")
_UNTIL_MONTH = re.compile(rf"(?:至|到|-)\s*{_MONTH}\s*(?:底|末|份)?(?:结束|止|为止)?(?!\s*\d)")


def _months(folded: str) -> tuple[int, ...]:
    """9月至10月; 9月起…至12月底. A month that only opens a series is no bound."""
    first, last = _FROM_MONTH.search(folded), _UNTIL_MONTH.search(folded)
    if first is None:
        return months_named(folded)
    begin, end = number(first[1]), number(last[1]) if last is not None else None
    if begin is None or end is None:
        return ()
    return tuple((month - 1) % 12 + 1 for month in range(begin, (end if end >= begin else end + 12) + 1))


def _first_of_month(folded: str) -> DateMention | None:
    """9月起，共8次: counted from the first of that month."""
    first = _FROM_MONTH.search(folded)
    month = number(first[1]) if first is not None else None
    return DateMention(None, month, 1, None, 0, 0) if month is not None else None


def _without_months(text: str, months: tuple[int, ...]) -> str:
    text = _UNTIL_MONTH.sub(
        lambda match: " " * len(match[0]), _FROM_MONTH.sub(lambda m: " " * len(m[0]), text)
    )
    return (
        re.sub(
            r"(?:\d{4}年)?[\d一二三四五六七八九十]{1,2}月?份?\s*(?:[-至到—–~～]\s*[\d一二三四五六七八九十]{1,2}\s*)?月(?:份|期间|内|间|底)?",
            " ",
            text,
        )
        if months
        else text
    )


def _blanked(raw: str, spans: list[tuple[int, int]]) -> str:
    for start, end in spans:
        raw = raw[:start] + " " * (end - start) + raw[end:]
    return raw


def days_of(series: Recurring, start: date, end: date | None, off: frozenset[date]) -> tuple[date, ...]:
    """The days of a bounded series, days *off* left out; 共8次 counts the sessions that are held,
    连续8周 the weeks from the first day on."""
    count = series.count
    if end is None and count is None:
        return ()
    if count is not None and series.counts_weeks:
        end = (
            min(end, start + timedelta(weeks=count) - timedelta(days=1))
            if end
            else start + timedelta(weeks=count, days=-1)
        )
        count = None
    days: list[date] = []
    monday = start - timedelta(days=start.weekday())
    first = next(
        (
            start + timedelta(days=n)
            for n in range(7)
            if (start + timedelta(days=n)).weekday() in series.weekdays
        ),
        start,
    )
    anchor = first - timedelta(days=first.weekday())
    for offset in range(_MAX_DAYS):
        day = monday + timedelta(days=offset)
        if end is not None and day > end:
            break
        if day < start or day.weekday() not in series.weekdays or day in off:
            continue
        if ((day - timedelta(days=day.weekday())) - anchor).days // 7 % series.step_weeks:
            continue
        days.append(day)
        if count is not None and len(days) >= count:
            break
    return tuple(days)


def month_bounds(year: int, months: tuple[int, ...]) -> tuple[date, date]:
    """First and last day of the named months, running over the year's end when they wrap."""
    last_year = year + 1 if months[-1] < months[0] else year
    return date(year, months[0], 1), date(last_year, months[-1], monthrange(last_year, months[-1])[1])
