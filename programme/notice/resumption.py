"""A weekly series that is told by its changes: 原每周二下午组会，10月1日停，10月8日起恢复，直至12月31日."""

from __future__ import annotations

from calendar import monthrange
from dataclasses import replace

from programme.notice.dates import DateMention
from programme.notice.exceptions import SeriesException
from programme.notice.printed import Printed
from programme.notice.prose_reading import ProseReading
from programme.notice.series import Recurring
from programme.notice.standing import completed


def resume(reading: ProseReading) -> None:
    """Bound the one open series by the first day its changes name and the last day of its resumption; from
    the last day off until it resumes nothing is held."""
    for item in [item for item in reading.exceptions if item.kind == "resumes"]:
        pause = _pause(reading.exceptions, item)
        if pause is not None:
            reading.exceptions.append(pause)
        open_rules = [rule for rule in reading.rules if _is_open(rule)]
        if len(open_rules) != 1:
            continue
        at = reading.rules.index(open_rules[0])
        first = next((other.day for other in reading.exceptions if other.day is not None), item.day)
        start = open_rules[0].start or first
        reading.rules[at] = replace(open_rules[0], start=start, end=item.instead_of)


def with_announced_days(printed: list[Printed]) -> list[Printed]:
    """时间：6月3日、5日 晚7点-9点 above a list 6月3日 特征工程: the list's days take the hours and place announced."""
    announced = [
        item
        for item in printed
        if item.event is not None
        and item.event.begin is not None
        and item.event.has_time_label
        and not item.event.items
    ]
    taken: list[Printed] = []
    result: list[Printed] = []
    for item in printed:
        own = next((a for a in announced if _is_listed_for(item, a)), None)
        if own is None or item.event is None or own.event is None:
            result.append(item)
            continue
        taken.append(own)
        result.append(replace(item, event=completed(item.event, own.event), month=item.month or own.month))
    return [item for item in result if not any(item is other for other in taken)]


def _is_listed_for(item: Printed, announced: Printed) -> bool:
    event = item.event
    if event is None or item is announced or item.line == announced.line or not event.items:
        return False
    same = item.day == announced.day and (item.month or announced.month) == (announced.month or item.month)
    return same and event.begin is None and not event.is_pending and item.until is None


def _is_open(rule: Recurring) -> bool:
    return not (rule.is_bounded or rule.end or rule.count)


def _pause(exceptions: list[SeriesException], item: SeriesException) -> SeriesException | None:
    """The days between the last day off and the day *item* names, as days off."""
    before = exceptions[: exceptions.index(item)]
    off = next((other.day for other in reversed(before) if other.kind == "suspended"), None)
    day = item.day
    if off is None or day is None or off.month is None or day.month is None or off.until is not None:
        return None
    month, last = (day.month, day.day - 1) if day.day > 1 else ((day.month - 2) % 12 + 1, 0)
    last = last or monthrange(2023, month)[1]
    if (off.month, off.day) >= (month, last):
        return None
    until = DateMention(None, month, last, None, 0, 0)
    return SeriesException("suspended", replace(off, until=until, weekday=None), item.line, item.phrase)
