"""The second look, session by session: what stands together in a line must be found together in one session."""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Iterator, Mapping
from datetime import date, time

from programme.notice.event_words import HONORIFIC, TITLE, dates_of
from programme.notice.marks import fold
from programme.notice.notice import FreeDay
from programme.notice.page import Finding
from programme.notice.times import minutes_lasting, period_of, scan_times
from programme.sessions import Session

NOT_TOGETHER = "排出来的场次和原文对不上"

# Words that speak of a change or a limit: they are part of no title.
_NO_TITLE = re.compile(
    r"改[到至在期]|调[到至]|移[到至]|截止|直至|恢复|照常|除外|顺延|特此|请假|停一次|停课|放假$"
)
_PLACE_IN_NAME = re.compile(r"机房|教室|会议室|报告厅|实验室|线上|大厅|\d{3}|[A-Z]\d{2,}|\s/\s")
_ANYBODY = re.compile(rf"{HONORIFIC}|同学们?|大家|全体老师")
_LETTER = re.compile(r"^\s*(?:尊敬|亲爱)的[^\n]{1,12}[:：]?\s*$", re.MULTILINE)
_LEAVE = re.compile(r"^\s*请假条|特此请假", re.MULTILINE)
_MYSELF = re.compile(r"我(?![校院系们组室所国部司市省处会方课实中])")
_TO_ALL = re.compile(r"通知|安排|举办|讲座|报名|同学们|各位")


def misplaced(
    texts: dict[int, str],
    sessions: tuple[Session, ...],
    free_days: tuple[FreeDay, ...],
    told: frozenset[int],
    breaks: frozenset[time] = frozenset(),
) -> tuple[Finding, ...]:
    """One finding for each line whose words and sessions disagree. *texts*: what is printed, by line;
    *told*: lines that are asked about already; *breaks*: hours of what is told and no session."""
    by_line: dict[int, list[Session]] = defaultdict(list)
    by_day: dict[tuple[int, int], list[Session]] = defaultdict(list)
    for session in sessions:
        by_day[session.held_on.month, session.held_on.day].append(session)
        if session.source.line is not None:
            by_line[session.source.line].append(session)
    free = {(day.held_on.month, day.held_on.day) for day in free_days}
    found = []
    for line, text in texts.items():
        if line in told:
            continue
        doubts = [*_of_sessions(by_line.get(line, []), text), *_of_days(text, by_day, free, breaks)]
        if doubts:
            what = f"第{line}行{NOT_TOGETHER}（{'；'.join(dict.fromkeys(doubts))}）：「{' '.join(text.split())[:40]}」"
            found.append(Finding("rule_unclear", (line,), what[:160], "asked", text.strip()))
    return tuple(found)


def is_a_persons_letter(texts: Mapping[int, str]) -> bool:
    """请假条 and letters home speak of one person; whatever day they name is no programme."""
    whole = "\n".join(texts.values())
    if _MYSELF.search(whole) is None or _TO_ALL.search(whole) is not None:
        return False
    return _LETTER.search(whole) is not None or _LEAVE.search(whole) is not None


def _of_sessions(sessions: list[Session], text: str) -> Iterator[str]:
    titles = {match[1].strip() for match in TITLE.finditer(text)}
    for session in sessions:
        spoken = f"{session.held_on.month}月{session.held_on.day}日"
        yield from (f"{spoken}{doubt}" for doubt in _of_items(session, titles, _bare(text)))
        if session.start is not None and _is_other_half(session):
            yield f"{spoken}的钟点和上下午不一致"
        if _has_foreign_end(session, text):
            yield f"{spoken}的结束时间是别处的"
    by_day: dict[date, list[Session]] = defaultdict(list)
    for session in sessions:
        by_day[session.held_on].append(session)
    for day, same in by_day.items():
        if len(same) > 1 and len(same[0].items) > 1 and len({session.items for session in same}) == 1:
            yield f"{day.month}月{day.day}日各场的题目没有分开"


def _of_items(session: Session, titles: set[str], text: str) -> Iterator[str]:
    for item in session.items:
        words = item.title or item.track or ""
        days = {(m.month or session.held_on.month, m.day) for m in dates_of(words)}
        is_odd = _NO_TITLE.search(words) or re.match(r"\d{1,2}\s", words) or _is_unbalanced(words)
        if is_odd or days - {_day(session)}:
            yield f"的题目读成「{words[:16]}」"
        elif (
            item.title
            and titles
            and _bare(item.title) not in text
            and not any(_same(item.title, title) for title in titles)
        ):
            yield f"的题目「{item.title[:16]}」是别处的"
        if item.speaker and (_PLACE_IN_NAME.search(item.speaker) or _ANYBODY.fullmatch(item.speaker)):
            yield f"的主讲读成「{item.speaker[:16]}」"


def _same(title: str, printed: str) -> bool:
    bare, other = _bare(title), _bare(printed)
    return other in bare or bare in other


def _bare(text: str) -> str:
    return re.sub(r"\s", "", fold(text))


def _day(session: Session) -> tuple[int, int]:
    return session.held_on.month, session.held_on.day


def _is_unbalanced(words: str) -> bool:
    return fold(words).count("(") != fold(words).count(")")


def _is_other_half(session: Session) -> bool:
    if session.start is None or session.period is None:
        return False
    own = period_of(session.start.hour)
    return {own, session.period} in ({"morning", "afternoon"}, {"morning", "evening"})


def _has_foreign_end(session: Session, text: str) -> bool:
    """每周一上午9点组会 that ends at 18:00 has taken the end of another line."""
    folded = fold(text)
    hours = scan_times(folded)
    if session.end is None or minutes_lasting(folded) is not None or len(hours) != 1:
        return False
    return hours[0].begin == session.start and hours[0].end is None and hours[0].problem is None


def _of_days(
    text: str,
    by_day: dict[tuple[int, int], list[Session]],
    free: set[tuple[int, int]],
    breaks: frozenset[time],
) -> Iterator[str]:
    """Each day of a line with the hour and title beside it, against the sessions of that day."""
    mentions = [mention for mention in dates_of(text) if mention.month is not None]
    stops = [*(mention.start for mention in mentions[1:]), len(text)][: len(mentions)]
    parts = [text[mention.end : stop] for mention, stop in zip(mentions, stops, strict=True)]
    if any(not re.search(r"《|\d\s*[:：点]", part) for part in parts):
        return  # 9月8日、15日和22日: what follows is for all of them
    for index, mention in enumerate(mentions):
        key = (mention.month or 0, mention.day)
        held = by_day.get(key, [])
        if mention.until is not None or not held or key in free:
            continue
        part = parts[index]
        spoken = f"{key[0]}月{key[1]}日"
        own = {item.title or "" for session in held for item in session.items}
        for match in TITLE.finditer(part):
            if not any(_same(title, match[1]) for title in own if title):
                yield f"{spoken}没有《{match[1][:16]}》"
        clocks = {clock for session in held for clock in (session.start, session.end)} | breaks
        for hours in scan_times(fold(re.sub(r"《[^《》]*》", "", part))):
            if hours.begin is not None and not {hours.begin, _later(hours.begin)} & clocks:
                yield f"{spoken}没有{hours.begin:%H:%M}的场次"


def _later(clock: time) -> time:
    return clock.replace(hour=(clock.hour + 12) % 24) if clock.hour < 12 else clock
