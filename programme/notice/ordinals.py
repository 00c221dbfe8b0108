"""第1次 《…》 张伟: a list that counts the sessions of a series instead of dating them."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass, replace

from programme.notice.dates import scan_dates
from programme.notice.event_items import kind_of
from programme.notice.events import Event, read_event
from programme.notice.marks import fold, number
from programme.notice.page import Finding, Page
from programme.sessions import Session, Source

_COUNTED = re.compile(
    r"\s*[-*·]?\s*第\s*([0-9]{1,2}|[一二三四五六七八九十]{1,3})\s*(?:次|讲|期|场|节|回)\s*[:、.,]?\s*"
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
    counted = _counted_lines(page)
    if not counted or all(session.items for session in sessions):
        return tuple(sessions), ()
    in_order = sorted(range(len(sessions)), key=lambda at: (sessions[at].held_on, str(sessions[at].start)))
    result = list(sessions)
    findings: list[Finding] = []
    for entry in counted:
        at = in_order[entry.ordinal - 1] if 1 <= entry.ordinal <= len(in_order) else None
        if at is None or result[at].items:
            what = f"第{entry.line}行“{entry.text[:30]}”没有日期，也对不上任何一场，没有排入"
            findings.append(Finding("rule_unclear", (entry.line,), what, "asked", entry.text))
            continue
        result[at] = _titled(result[at], entry, title)
    return tuple(result), tuple(findings)


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
    return replace(
        session,
        items=items,
        kind=kind_of(items, entry.text, title),
        place=entry.event.place or session.place,
        source=Source(entry.line, entry.text, session.source.cell),
    )
