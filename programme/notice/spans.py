"""Spans of days at the head of a notice: the whole programme's time, or one session a day."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

from programme.notice.dates import DateMention
from programme.notice.event_words import dates_of
from programme.notice.events import read_event, split_by_hours
from programme.notice.printed import Printed
from programme.notice.prose_reading import ProseReading, SpanBlock


def settle_spans(prose: ProseReading, table_days: Sequence[Printed], first_month: int | None) -> None:
    """A labelled span is the programme's when other lines list days inside it; else it is its own sessions."""
    listed = [*table_days, *prose.printed]
    for block in prose.spans:
        if any(_is_inside(item, block.printed, first_month) for item in listed) or prose.rules:
            prose.span = prose.span or (_mention(block.printed), block.printed.line)
            prose.standing.append(block.standing)
            continue
        prose.printed.extend(_each_day(block, prose))
    prose.printed.sort(key=lambda item: item.line)


def _each_day(block: SpanBlock, prose: ProseReading) -> list[Printed]:
    """The days of the span as sessions: 每天上午9:00-11:30、下午14:00-16:00 is two of them a day."""
    printed, halves = block.printed, block.standing.halves
    if halves:
        prose.standing.append(replace(block.standing, kinds=frozenset({"place"})))
    found = []
    for part in split_by_hours(printed.cell, dates_of(printed.cell, bare_dates=True)):
        event = read_event(part, dates_of(part, bare_dates=True))
        found.append(replace(printed, event=event))
    return found


def _mention(printed: Printed) -> DateMention:
    return DateMention(
        printed.year, printed.month, printed.day, None, 0, 0, until=printed.until, month_is_own=True
    )


def _is_inside(item: Printed, span: Printed, first_month: int | None) -> bool:
    if span.until is None:
        return False
    month = span.month or first_month or 0
    last_month = span.until.month or month
    first, last = (month, span.day), (last_month, span.until.day)
    at = (item.month or month, item.day)
    return first <= at <= last if first <= last else at >= first or at <= last
