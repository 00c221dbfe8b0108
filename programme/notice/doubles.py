"""What is printed twice is one session, and what fills the hours between talks is none."""

from __future__ import annotations

from collections import defaultdict
from datetime import date

from programme.notice.event_words import BREAK
from programme.notice.events import Event
from programme.notice.page import Finding
from programme.notice.timetable import Draft, Timetable

NO_TALK = "不是报告，没有排成场次"


def without_breaks(drafts: list[Draft], timetable: Timetable) -> list[Draft]:
    """签到 and 茶歇 between the talks of a day are no sessions; on a day of their own they stay."""
    breaks = [draft for draft in drafts if _is_break(draft.event)]
    busy = {draft.day for draft in drafts if not _is_break(draft.event)}
    told: dict[int, list[str]] = defaultdict(list)
    for draft in breaks:
        if draft.day in busy:
            event = draft.event
            name = event.items[0].title or event.items[0].track or ""
            hours = "–".join(f"{at:%H:%M}" for at in (event.begin, event.end) if at is not None)
            told[draft.placed.printed.line].append(f"{hours}{name}")
    for line, names in told.items():
        what = f"第{line}行的{'、'.join(dict.fromkeys(names))[:60]}{NO_TALK}"
        timetable.findings.append(Finding("rule_unclear", (line,), what, "kept"))
    return [draft for draft in drafts if draft not in breaks or draft.day not in busy]


def _is_break(event: Event) -> bool:
    words = [item.title or item.track or "" for item in event.items]
    return bool(words) and all(BREAK.fullmatch(word.strip()) for word in words)


def without_doubles(drafts: list[Draft], timetable: Timetable) -> list[Draft]:
    kept: list[Draft] = []
    seen: dict[tuple[object, ...], Draft] = {}
    for draft in drafts:
        key = (draft.day, draft.event.begin, draft.event.items)
        first = seen.get(key)
        if first is not None and draft.event.items:
            lines = tuple(sorted({first.placed.printed.line, draft.placed.printed.line}))
            what = f"{draft.day.month}月{draft.day.day}日的同一场写了两次（第{'、'.join(map(str, lines))}行），只排一场"
            timetable.findings.append(
                Finding("duplicate_session", lines, what, "fixed", draft.placed.printed.cell.strip())
            )
            continue
        seen[key] = draft
        kept.append(draft)
    for lines, day in _same_day(kept):
        what = f"{day.month}月{day.day}日在第{'、'.join(map(str, lines))}行出现了不止一次，内容不同，都保留，请确认"
        timetable.findings.append(Finding("duplicate_date", lines, what, "asked"))
    return kept


def _same_day(drafts: list[Draft]) -> list[tuple[tuple[int, ...], date]]:
    """Days on which two sessions of a grid, or two at the same or an unknown hour, claim the same time."""
    by_day: dict[date, list[Draft]] = defaultdict(list)
    for draft in drafts:
        by_day[draft.day].append(draft)
    found = []
    for day, same in by_day.items():
        if len(same) < 2:
            continue
        cells = {draft.placed.printed.cell for draft in same}
        starts = [draft.event.begin for draft in same]
        grid = all(d.placed.printed.week is not None and not d.placed.printed.is_borrowed for d in same)
        claimed = any(
            len({d.placed.printed.cell for d in same if d.event.begin == start}) > 1 for start in set(starts)
        )
        if (grid and len(cells) > 1) or claimed:
            found.append((tuple(sorted({draft.placed.printed.line for draft in same})), day))
    return found
