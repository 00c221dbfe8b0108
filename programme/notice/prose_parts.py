"""Parts of sentences and labelled lines: their hours, what is listed day by day, and what an exception means to them."""

from __future__ import annotations

import re
from dataclasses import replace

from programme.notice.dates import DateMention
from programme.notice.event_items import as_items
from programme.notice.event_words import LABEL, dates_of
from programme.notice.events import Event
from programme.notice.exceptions import SeriesException
from programme.notice.marks import fold, strip_marks
from programme.notice.page import Paragraph
from programme.notice.sentences import NUMBERING
from programme.notice.spoken import PENDING
from programme.notice.times import TimeMention, scan_times


def hours_of(text: str) -> tuple[TimeMention, ...]:
    """The hours beside a span of days, without its dates."""
    folded = fold(text)
    for day in dates_of(text, bare_dates=True):
        folded = folded[: day.start] + " " * (day.end - day.start) + folded[day.end :]
    return scan_times(folded)


def listed_contents(lines: list[Paragraph], days: list[DateMention]) -> dict[int, str]:
    """内容：7月8日 开题交流；7月15日 中期检查 under 日期：7月8日、7月15日: day of the month → what is held then."""
    found: dict[int, str] = {}
    for paragraph in lines:
        label = LABEL.match(fold(paragraph.text))
        if label is None or label.lastgroup != "title":
            continue
        for part in re.split(r"[;；。，,]", paragraph.text[label.end() :]):
            own = dates_of(part, bare_dates=True)
            if len(own) == 1 and strip_marks(part[own[0].end :]):
                found[own[0].day] = strip_marks(part[own[0].end :])
    return found if {day.day for day in days} == set(found) else {}


def without_exceptions(text: str) -> str:
    """地点：A101（周三改在202）: the bracket is told as an exception, the place is what stands before it."""
    return re.sub(r"[(（][^()（）]*(?:改|换|移|调|(?:周|星期)[一二三四五六日天]在)[^()（）]*[)）]", "", text)


def moved_from(
    exceptions: tuple[SeriesException, ...], days: tuple[DateMention, ...]
) -> tuple[SeriesException, ...]:
    """9月18日 《A》（改到9月20日）: the day that is replaced is the sentence's own."""
    if len(days) != 1:
        return exceptions
    moved = (
        replace(item, instead_of=days[0]) if item.kind == "makeup" and item.instead_of is None else item
        for item in exceptions
    )
    return tuple(replace(item, day=days[0]) if item.kind == "stands_in" else item for item in moved)


def is_own_session(sentence: str, exceptions: tuple[SeriesException, ...]) -> bool:
    """9月12日 李教授《X》 取消: a listed session that is off, not an exception of a series."""
    if any(item.kind != "suspended" for item in exceptions):
        return False
    return "《" in sentence or (
        all(item.kind == "suspended" for item in exceptions) and bool(scan_times(fold(sentence)))
    )


def titled(event: Event, heading: str) -> Event:
    text = re.sub(
        r"^第?[一二三四五六七八九十\d]+[讲场期次]\s*[:：、.]?\s*|^(?:讲座|报告|活动)[一二三四五六七八九十\d]+\s*[:：、.]?\s*",
        "",
        heading,
    )
    if not text:
        return event
    items = as_items(text, event.speaker) if PENDING.fullmatch(text) is None else event.items
    return replace(event, items=items)


def titled_by_head(event: Event, text: str, first: DateMention) -> Event:
    """安全培训：3月9日14:00在A101: what stands before the colon is the title of sessions without one."""
    head = NUMBERING.sub("", text[: first.start].rstrip())
    if event.items or not fold(head).endswith(":") or not 2 <= len(strip_marks(head)) <= 24:
        return event
    return (
        event
        if LABEL.match(fold(head)) or re.search(r"[,。;]", fold(head))
        else titled(event, strip_marks(head))
    )
