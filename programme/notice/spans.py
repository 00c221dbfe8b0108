"""Spans of days at the head of a notice: the whole programme's time, or one session a day."""

from __future__ import annotations

from collections.abc import Sequence

from programme.notice.dates import DateMention
from programme.notice.printed import Printed
from programme.notice.prose_reading import ProseReading


def settle_spans(prose: ProseReading, table_days: Sequence[Printed], first_month: int | None) -> None:
    """A labelled span is the programme's when other lines list days inside it; else it is its own sessions."""
    listed = [*table_days, *prose.printed]
    for block in prose.spans:
        if any(_is_inside(item, block.printed, first_month) for item in listed) or prose.rules:
            prose.span = prose.span or (_mention(block.printed), block.printed.line)
            prose.standing.append(block.standing)
            continue
        prose.printed.append(block.printed)
    prose.printed.sort(key=lambda item: item.line)


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
