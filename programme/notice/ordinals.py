"""第1次 《…》 张伟: a list that counts the sessions of a series instead of dating them."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, replace

from programme.notice.dates import scan_dates
from programme.notice.event_items import kind_of
from programme.notice.event_words import GATHERING
from programme.notice.events import Event, read_event
from programme.notice.marks import fold, number
from programme.notice.page import Finding, Page
from programme.sessions import Item, Session, Source

_COUNTED = re.compile(
    r"\s*[-*·]?\s*第\s*([0-9]{1,2}|[一二三四五六七八九十]{1,3})\s*(?:次|讲|期|场|节|回|周(?![一二三四五六日天]))\s*[:、.,]?\s*"
)


@dataclass(frozen=True)
class _Counted:
    ordinal: int
    event: Event
    line: int
    text: str


def with_ordinals(
    sessions: Sequence[Session], page: Page, title: str
) -> tuple[tuple[Session, ...], tuple[Finding, ...]]:
    """*sessions* with the titles of the counted list; a counted line that fits none is asked about.

    The sessions are counted in order of time, with their make-ups: 第4次 is the fourth that is held.
    """
    sessions = _with_stretches(sessions, page, title)
    counted = _counted_lines(page)
    if not counted or all(_has_title(session) for session in sessions):
        return tuple(sessions), ()
    in_order = sorted(range(len(sessions)), key=lambda at: (sessions[at].held_on, str(sessions[at].start)))
    result = list(sessions)
    findings: list[Finding] = []
    for entry in counted:
        at = in_order[entry.ordinal - 1] if 1 <= entry.ordinal <= len(in_order) else None
        if at is None or _has_title(result[at]):
            what = f"第{entry.line}行“{entry.text[:30]}”没有日期，也对不上任何一场，没有排入"
            findings.append(Finding("rule_unclear", (entry.line,), what, "asked", entry.text))
            continue
        result[at] = _titled(result[at], entry, title)
    return tuple(result), tuple(findings)


_STRETCH = (
    r"\s*(?:其中)?\s*第\s*(\d{1,2}|[一二三四五六七八九十]{1,3})\s*(?:[-至到]\s*第?\s*(\d{1,2}|[一二三四五六七八九十]{1,3}))?"
    r"\s*(?:次|讲|期|场|节)\s*课?\s*(起|开始|以后|及以后)?\s*[:、]?"
)


def _with_stretches(sessions: Sequence[Session], page: Page, title: str) -> Sequence[Session]:
    """第1-3次课由宋老师主讲《A》，第4次课起由马老师主讲《B》: who gives which sessions of a series."""
    for paragraph in page.paragraphs():
        stretches = _stretches(paragraph.text)
        if not stretches:
            continue
        lines = Counter(session.source.line for session in sessions)
        line = lines.most_common(1)[0][0] if lines else None
        own = sorted(
            (at for at, session in enumerate(sessions) if session.source.line == line),
            key=lambda at: (sessions[at].held_on, str(sessions[at].start)),
        )
        result = list(sessions)
        for first, last, event in stretches:
            for at in own[first - 1 : last]:
                items = tuple(replace(item, track=item.track or _name(result[at])) for item in event.items)
                result[at] = replace(result[at], items=items, kind=kind_of(items, paragraph.text, title))
        sessions = result
    return sessions


def _stretches(text: str) -> list[tuple[int, int | None, Event]]:
    """The stretches of a sentence that tells at least one as a range or with 起; empty for any other."""
    found: list[tuple[int, int | None, Event]] = []
    is_stretch = False
    if "第" not in text or re.search(_STRETCH, fold(text)) is None or scan_dates(fold(text)):
        return []
    for clause in re.split(r"[,，;；。](?![^《》]*》)", text):
        match = re.match(_STRETCH, fold(clause))
        if match is None:
            continue
        event = read_event(clause[match.end() :], ())
        first = number(match[1])
        if first is None or not event.items:
            return []
        last = number(match[2]) if match[2] else None if match[3] else first
        is_stretch = is_stretch or match[2] is not None or match[3] is not None
        found.append((first, last, event))
    return found if is_stretch else []


def _name(session: Session) -> str | None:
    first = session.items[0] if session.items else None
    return (first.track or first.title) if first is not None else None


def named_by_title(sessions: Sequence[Session], title: str) -> tuple[Session, ...]:
    """关于本学期组会安排的通知: sessions that say nothing of themselves are what the title says."""
    named = GATHERING.search(title)
    if named is None or any(_has_title(session) for session in sessions):
        return tuple(sessions)
    kind = kind_of((Item(named[0], None, None),), title, title)
    return tuple(
        replace(s, items=(Item(named[0], None, s.items[0].speaker if s.items else None),), kind=kind)
        for s in sessions
    )


def _has_title(session: Session) -> bool:
    return any(item.title or item.track for item in session.items)


def _counted_lines(page: Page) -> list[_Counted]:
    found: list[_Counted] = []
    for paragraph in page.paragraphs():
        folded = fold(paragraph.text)
        match = _COUNTED.match(folded)
        if match is None or scan_dates(folded) or paragraph.is_struck:
            continue
        ordinal, event = number(match[1]), read_event(paragraph.text[match.end() :], ())
        if ordinal is not None and event.items:
            found.append(_Counted(ordinal, event, paragraph.line, paragraph.text.strip()))
    return found


def _titled(session: Session, entry: _Counted, title: str) -> Session:
    items = entry.event.items
    if entry.event.speaker is not None and items[0].speaker is None:
        items = (replace(items[0], speaker=entry.event.speaker), *items[1:])
    given = session.items[0].speaker if session.items else None
    items = tuple(item if item.speaker else replace(item, speaker=given) for item in items)
    return replace(
        session,
        items=items,
        kind=kind_of(items, entry.text, title),
        place=entry.event.place or session.place,
        source=Source(entry.line, entry.text, session.source.cell),
    )
