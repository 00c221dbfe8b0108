"""Days that differ from the plan: 10月4日停课，10月7日补；2月14日（补2月5日）；3月17日改在B201."""

from __future__ import annotations

import re
from dataclasses import dataclass, replace
from itertools import pairwise
from typing import Literal

from programme.notice.dates import DateMention, scan_dates
from programme.notice.events import Event, read_event
from programme.notice.marks import fold, weekday_list
from programme.notice.times import scan_times

_OFF = re.compile(
    r"停课|停讲|停开|停办|放假|暂停|停一次|停\d?次|不上课|除外|不安排|不开|取消(?!资格|评|参|其)|休息|(?<=[日号)])\s*停|(?<![A-Za-z])[Nn]o (?:seminar|class|meeting|lecture|talk)"
)
_EXCEPT = re.compile(r"除(?!了?参加)(.{1,40}?)(?:之?外|以外)")
_MAKEUP = re.compile(
    r"补(?:课|上|讲|办|开|做|在|到|至)?(?!助|贴|充|偿|习|班|考)|(?:调整?|改|移|挪|延期|推迟|顺延|提前)(?:至|到|在|为)|调课"
)
_MOVED = re.compile(r"(?:调整?|改|换|移|挪|延期|推迟|顺延|提前)(?:至|到|在|为|成)")
_VAGUE = re.compile(
    r"(?:遇|逢|法定|国庆|中秋|春节|元旦|五一|端午|清明|节假日|假期).{0,12}(?:顺延|暂停|停课|停讲|放假|另行|调整|休息|停一次|停\d?次|停会|(?<=[节日假])停)|顺延|每月.{0,6}停"
)
# What stands directly before a day that is made up for: 补2月5日, 代2月5日. 补到2月5日 is the make-up itself.
_IN_PLACE_OF = re.compile(r"(?:补|代替?|顶替|替代)(?:上|开|讲|办|做|的是)?\s*$")
_MAKES_UP_WEEKDAY = re.compile(
    r"^[\s(]*(?:补|代|上)(?:上)?(?:本|上|下)?(?:周|星期)[一二三四五六日天](?:的?\S{0,4})?[\s)]*$"
)

_WEEKDAY_AT = re.compile(r"^[\s(]*(?:周|星期)[一二三四五六日天]\s*(?:改|则|为)?(?:在|到)(?=\s*\S)")
_NOT_MADE_UP = re.compile(r"不(?:再|另|另外)?补(?![助贴充])|照常|不变")

_REASON = re.compile(r"^[\s(]*(?:因为?|由于|鉴于|受|适逢|恰逢|逢)")
_RESUMES = re.compile(r"恢复")
_UNTIL = re.compile(r"^\s*(?:一直|持续)?(?:直至|直到|至|到|截至|截止到?)\s*$")
_SAME_TIME = re.compile(r"同一时间|同一?地点|时间不变|地点不变|时间地点不变|原?时间")
_ENDS = re.compile(
    r"[\s(]*(?:到|至|于)?\s*(?:全部|学期|本学期)?(?:结束|为止|截止|止|最后一次(?:组会|课|讨论班)?)[\s)]*"
)
_SERIES_OFF = re.compile(r"停课|停讲|停一次|停\d?次|暂停|顺延|不上课|不安排")
_PLACE_CHANGES = r"^\s*(?:上课|活动)?(?:地点|教室|会议室|场地|地址)\s*(?:由.{1,16}?)?(?:也|均|都|同时)?(?:改|换|移|调整?|变更?)(?:为|到|至|在|成)?\s*(?P<place>\S.*)$"

ExceptionKind = Literal["suspended", "makeup", "vague", "stands_in", "amended", "noted", "resumes"]


@dataclass(frozen=True)
class SeriesException:
    """A day without, a day instead, a listed day that stands in for *instead_of*, a day held elsewhere or
    at another hour (*event*; *weekdays* when it names no day), or a remark without any day. *noted*: said of a day that stays as it is.
    *resumes*: from *day* on the series goes on, until *instead_of* when that is printed."""

    kind: ExceptionKind
    day: DateMention | None
    line: int
    phrase: str
    instead_of: DateMention | None = None
    event: Event | None = None
    weekdays: tuple[int, ...] = ()


@dataclass
class _Clauses:
    """Going through the clauses of a sentence: the last day off, and the clause before with its dates."""

    line: int
    last_off: DateMention | None = None
    before: tuple[int, int] | None = None
    before_dates: tuple[DateMention, ...] = ()


def read_exceptions(raw: str, line: int) -> tuple[tuple[SeriesException, ...], str]:
    """The exceptions in a sentence and the sentence with their words blanked."""
    folded = fold(raw)
    found: list[SeriesException] = []
    kept = raw
    state = _Clauses(line)
    for start, end in _clauses(folded):
        clause = folded[start:end]
        mentions = scan_dates(clause, bare_dates=True)
        if found and _finishes(found, clause, raw[start:end], mentions):
            kept = kept[:start] + " " * (end - start) + kept[end:]
            continue
        new = _read_clause(state, clause, raw[start:end], mentions)
        if new:
            found.extend(new)
            if _takes_reason(state, folded, new):
                start = state.before[0] if state.before is not None else start
            kept = kept[:start] + " " * (end - start) + kept[end:]
        state.before, state.before_dates = (start, end), mentions
    return tuple(found), kept


def _finishes(found: list[SeriesException], clause: str, raw: str, mentions: tuple[DateMention, ...]) -> bool:
    """A clause that only adds to the change before it: 线上腾讯会议, 地点由A101改为B202, 直至12月31日."""
    last = found[-1]
    if last.kind == "resumes" and len(mentions) == 1 and _UNTIL.match(clause[: mentions[0].start]):
        found[-1] = replace(last, instead_of=mentions[0])
        return True
    if last.kind != "makeup" or mentions or "《" in clause:
        return False
    if scan_times(clause):
        return _all_at(found, clause, raw)
    changed = re.match(_PLACE_CHANGES, clause)
    told = read_event(raw[changed.start("place") :] if changed is not None else raw, ())
    place = told.place or (raw[changed.start("place") :].strip() if changed is not None else None)
    if place is None or told.items:
        return False
    phrase = f"{last.phrase}，{raw.strip()}"
    for index, item in enumerate(found):
        if item.kind == "makeup" and item.phrase == last.phrase:
            found[index] = replace(item, event=replace(item.event or Event(), place=place), phrase=phrase)
    return True


def _all_at(found: list[SeriesException], clause: str, raw: str) -> bool:
    """…分别改到6日、13日，时间15:00: the hour is that of every day the sentence moves to."""
    label = re.match(r"^\s*(?:上课|开始)?时间\s*(?:均|都|统一)?(?:改)?(?:为|是|:)?\s*", clause)
    told = read_event(raw[label.end() :], ()) if label is not None else None
    if told is None or told.begin is None or told.items:
        return False
    for index, item in enumerate(found):
        if item.kind == "makeup" and item.line == found[-1].line:
            event = replace(item.event or Event(), begin=told.begin, end=told.end, period=told.period)
            found[index] = replace(item, event=event)
    return True


def _clauses(folded: str) -> list[tuple[int, int]]:
    """Clauses at commas and inside brackets; a bracket that only explains a date stays with it."""
    flat = re.sub(
        r"\(([^()]*)\)",
        lambda match: ("," + match[1] + ",") if _says_exception(match[1]) else match[0],
        folded,
    )
    spans, start = [], 0
    for match in re.finditer(r"[,;。\n]", flat):
        spans.append((start, match.start()))
        start = match.end()
    spans.append((start, len(flat)))
    return [(a, b) for a, b in spans if flat[a:b].strip()]


def _says_exception(words: str) -> bool:
    return any(pattern.search(words) for pattern in (_OFF, _MAKEUP, _EXCEPT, _WEEKDAY_AT))


def _read_clause(
    state: _Clauses, clause: str, raw: str, mentions: tuple[DateMention, ...]
) -> list[SeriesException]:
    phrase = raw.strip()
    if len(mentions) == 1 and _ENDS.fullmatch(clause[: mentions[0].start] + clause[mentions[0].end :]):
        return [SeriesException("resumes", None, state.line, phrase, mentions[0])]
    if _RESUMES.search(clause) and len(mentions) == 1 and "《" not in clause and not scan_times(clause):
        return [SeriesException("resumes", mentions[0], state.line, phrase)]
    if not any(
        (
            _says_exception(clause),
            _VAGUE.search(clause),
            _MAKES_UP_WEEKDAY.match(clause),
            _NOT_MADE_UP.search(clause),
        )
    ):
        return []
    if not mentions and _REASON.match(clause) and not _SERIES_OFF.search(clause):
        return [SeriesException("noted", None, state.line, phrase)]
    if _NOT_MADE_UP.search(clause) and mentions and "《" not in clause and not scan_times(clause):
        return [SeriesException("noted", mentions[0], state.line, phrase)]
    amended = _amended(state, clause, raw, mentions)
    if amended is not None:
        return [amended, *(replace(amended, day=day) for day in mentions[1:])]
    replaced = _replaced(state, clause, mentions)
    if replaced is not None:
        return [replaced_by(replaced, mentions, state.line, phrase)]
    if _MAKES_UP_WEEKDAY.match(clause):
        return [SeriesException("stands_in", None, state.line, phrase)]
    moved = _MOVED.search(clause)
    if moved is not None and not scan_dates(clause[moved.end() :], bare_dates=True):
        # 改到周六 names no day; 改在C303 is the place of the session that is being listed
        to_weekday = weekday_list(clause[moved.end() : moved.end() + 6]) is not None
        return [SeriesException("vague", None, state.line, phrase)] if to_weekday else []
    if _MAKEUP.search(clause) and mentions:
        return _made_up(state, raw, mentions)
    if mentions and (_OFF.search(clause) or _EXCEPT.search(clause)):
        state.last_off = mentions[-1]
        return [SeriesException("suspended", day, state.line, phrase) for day in mentions]
    if _VAGUE.search(clause):
        return [SeriesException("vague", None, state.line, phrase)]
    return []


def replaced_by(
    replaced: DateMention, mentions: tuple[DateMention, ...], line: int, phrase: str
) -> SeriesException:
    """补2月5日 alone marks the sentence's own day; 2月14日补2月5日 names both."""
    own = next((mention for mention in mentions if mention is not replaced), None)
    if own is None:
        return SeriesException("stands_in", None, line, phrase, replaced)
    return SeriesException("makeup", own, line, phrase, replaced)


def days_made_up_for(folded: str, mentions: tuple[DateMention, ...]) -> tuple[DateMention, ...]:
    """Of several dates printed together those that another stands in for: 2月14日（补2月5日）, 2月5日（调至2月6日）."""
    replaced = [m for m in mentions if len(mentions) > 1 and _IN_PLACE_OF.search(folded[: m.start])]
    for before, after in pairwise(mentions):
        if _MOVED.search(folded[before.end : after.start]) and before.until is None:
            replaced.append(before)
    return tuple(replaced)


def _replaced(state: _Clauses, clause: str, mentions: tuple[DateMention, ...]) -> DateMention | None:
    for mention in mentions:
        if _IN_PLACE_OF.search(clause[: mention.start]) is None:
            continue
        off = state.last_off
        if off is None or (off.month, off.day) == (mention.month or off.month, mention.day):
            return mention
    return None


def _made_up(state: _Clauses, raw: str, mentions: tuple[DateMention, ...]) -> list[SeriesException]:
    pairs = _moved_in_pairs(raw, mentions)
    if pairs:
        event = read_event(re.sub(r"分别|依次|各自", "  ", _only_news(raw)), mentions)
        return [
            made
            for old, new in pairs
            for made in (
                SeriesException("suspended", old, state.line, raw.strip()),
                SeriesException("makeup", new, state.line, raw.strip(), old, _said(event)),
            )
        ]
    instead = mentions[0] if len(mentions) > 1 else state.last_off
    if instead is None and len(state.before_dates) == 1 and _MOVED.search(fold(raw)):
        instead = state.before_dates[0]
    event = read_event(_only_news(raw), mentions)
    says = event.begin is not None or event.place is not None
    made = SeriesException("makeup", mentions[-1], state.line, raw.strip(), instead, event if says else None)
    off = [SeriesException("suspended", mentions[0], state.line, raw.strip())] if len(mentions) > 1 else []
    return [*off, made]


def _said(event: Event) -> Event | None:
    says = event.begin is not None or event.place is not None or any(i.title or i.track for i in event.items)
    return event if says else None


def _moved_in_pairs(raw: str, mentions: tuple[DateMention, ...]) -> list[tuple[DateMention, DateMention]]:
    """11月5日、12日的组会分别改到6日、13日: the first day goes to the first, the second to the second."""
    moved = _MOVED.search(fold(raw))
    if moved is None:
        return []
    old = [mention for mention in mentions if mention.start < moved.start()]
    new = [mention for mention in mentions if mention.start >= moved.end()]
    return list(zip(old, new, strict=True)) if len(old) == len(new) > 1 else []


def _only_news(raw: str) -> str:
    """*raw* without the words of moving itself, which are no title."""
    for pattern in (
        _MOVED,
        _SAME_TIME,
        re.compile(r"原(?:定于?|计划)|经研究|调课|(?<![\u4e00-\u9fff])补(?=\s)"),
    ):
        raw = pattern.sub(lambda match: " " * len(match[0]), raw)
    return raw


def _takes_reason(state: _Clauses, folded: str, new: list[SeriesException]) -> bool:
    """5月9日调休上班，改到5月10日: the clause before is only the reason, no session of its own."""
    if state.before is None or not state.before_dates or new[-1].kind != "makeup":
        return False
    if new[-1].instead_of is not state.before_dates[0]:
        return False
    words = folded[state.before[0] : state.before[1]]
    return "《" not in words and not scan_times(words)


def _amended(
    state: _Clauses, clause: str, raw: str, mentions: tuple[DateMention, ...]
) -> SeriesException | None:
    """3月17日改在B201, 周三改到下午3点: the day stays, its place or hour changes."""
    moved = _MOVED.search(clause) or _WEEKDAY_AT.match(clause)
    if moved is None or "《" in clause:
        return None
    ahead, behind = clause[: moved.start()], clause[moved.end() :]
    if scan_dates(behind, bare_dates=True) or scan_times(ahead):
        return None
    listed = weekday_list(ahead or moved[0])
    day = mentions[0] if mentions else None
    if day is None and listed is None:
        return None
    event = read_event(raw[moved.end() :], ())
    if event.begin is None and event.place is None:
        return None
    weekdays = listed[0] if day is None and listed is not None else ()
    return SeriesException("amended", day, state.line, raw.strip(), None, event, weekdays)
