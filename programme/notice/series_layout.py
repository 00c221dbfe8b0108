"""Weekly series laid out over the calendar, with suspended days and make-up days."""

from __future__ import annotations

import re
from dataclasses import replace
from datetime import date

from programme.notice.calendar import Placed
from programme.notice.dates import DateMention, make_date
from programme.notice.event_items import kind_of
from programme.notice.events import Event
from programme.notice.marks import WEEKDAY_NAMES
from programme.notice.notice import FreeDay
from programme.notice.page import Finding
from programme.notice.printed import Printed, printed_from
from programme.notice.prose import ProseReading
from programme.notice.series import Recurring, SeriesException, days_of, month_bounds
from programme.notice.timetable import Draft, Timetable


def series_days(
    prose: ProseReading,
    year: int,
    title_months: tuple[int, ...],
    findings: list[Finding],
    taken: frozenset[int],
) -> list[Printed]:
    """The sessions of every bounded series as printed days with their date already computed.

    A weekly rule with an hour but no bounds runs through the whole programme's printed span or months, on
    weekdays that no listed session has (*taken*); the admin is told.
    """
    printed: list[Printed] = []
    off = frozenset(
        day for item in prose.exceptions if item.kind == "suspended" for day in _exception_days(item, year)
    )
    for given in prose.rules:
        rule = (
            given
            if given.is_bounded or given.start or given.end or given.count
            else _spread(given, prose, title_months, findings, taken)
        )
        bounds = _bounds(rule, year, title_months, findings)
        if bounds is None:
            continue
        start, end = bounds
        if (
            rule.start is not None
            and start.weekday() not in rule.weekdays
            and not (rule.months or _is_first_of_month(rule))
        ):
            names = "、".join(WEEKDAY_NAMES[day] for day in rule.weekdays)
            what = f"第{rule.line}行从{start.isoformat()}（{WEEKDAY_NAMES[start.weekday()]}）起，但安排在{names}；开始日期之前的不算"
            findings.append(Finding("first_week_before_start", (rule.line,), what, "kept", rule.phrase))
        made_up = sum(1 for item in prose.exceptions if item.kind == "makeup")
        skipped = len(off & set(days_of(rule, start, end, frozenset())))
        if rule.count is not None and made_up:
            rule = replace(rule, count=max(rule.count - min(made_up, skipped), 0))
        days = days_of(rule, start, end, off)
        if skipped and not made_up and rule.count is not None and not rule.counts_weeks and end is None:
            what = f"第{rule.line}行共{rule.count}次里有{skipped}次停：按实际上满{rule.count}次，顺延到{days[-1].isoformat()}，请确认"
            findings.append(Finding("ambiguous_exception", (rule.line,), what, "asked", rule.phrase))
        for index, day in enumerate(days):
            event = _nth(rule.event, index, len(days))
            printed.append(
                replace(
                    printed_from(
                        DateMention(day.year, day.month, day.day, None, 0, 0),
                        event,
                        line=rule.line,
                        cell=rule.phrase,
                    ),
                    fixed_on=day,
                )
            )
    return printed


def _spread(
    rule: Recurring,
    prose: ProseReading,
    title_months: tuple[int, ...],
    findings: list[Finding],
    taken: frozenset[int],
) -> Recurring:
    weekdays = tuple(day for day in rule.weekdays if day not in taken)
    if rule.event.begin is None or not weekdays or (prose.span is None and not title_months):
        return rule
    what = f"第{rule.line}行没有写起止，按整个安排的时间排入：{rule.phrase[:40]}"
    findings.append(Finding("rule_unclear", (rule.line,), what, "kept", rule.phrase))
    if prose.span is not None:
        first = prose.span[0]
        return replace(rule, weekdays=weekdays, start=replace(first, until=None), end=first.until)
    return replace(rule, weekdays=weekdays, months=title_months)


def _is_first_of_month(rule: Recurring) -> bool:
    return rule.start is not None and rule.start.day == 1


def _nth(event: Event, index: int, count: int) -> Event:
    """As many titles as sessions: one each, in order."""
    if len(event.items) > 1 and len(event.items) == count:
        return replace(event, items=(event.items[index],))
    return event


def _bounds(
    rule: Recurring, year: int, title_months: tuple[int, ...], findings: list[Finding]
) -> tuple[date, date | None] | None:
    if rule.months and rule.start is None:
        first, last = month_bounds(year, rule.months)
        return first, last
    if rule.start is None or rule.start.month is None:
        if rule.start is None and rule.end is None and rule.count is None:
            return None
        if rule.end is not None and rule.end.month is not None and title_months:
            end = make_date(rule.end.year or year, rule.end.month, rule.end.day)
            return (month_bounds(year, title_months)[0], end) if end else None
        findings.append(
            Finding(
                "rule_unclear",
                (rule.line,),
                f"第{rule.line}行没有写从哪天开始，没有排入：{rule.phrase[:40]}",
                "asked",
                rule.phrase,
            )
        )
        return None
    start = make_date(rule.start.year or year, rule.start.month, rule.start.day)
    end = None
    if rule.end is not None:
        month = rule.end.month or rule.start.month
        end = make_date(rule.end.year or (start.year if start else year), month, rule.end.day)
        if start is not None and end is not None and end < start and rule.end.year is None:
            end = make_date(start.year + 1, month, rule.end.day)
    if start is None or (rule.end is not None and end is None):
        findings.append(
            Finding(
                "impossible_date",
                (rule.line,),
                f"第{rule.line}行的起止日期不存在：{rule.phrase[:40]}",
                "asked",
                rule.phrase,
            )
        )
        return None
    if end is None and rule.count is None:
        if title_months:
            end = month_bounds(year, title_months)[1]
        else:
            findings.append(
                Finding(
                    "rule_unclear",
                    (rule.line,),
                    f"第{rule.line}行没有写到哪天结束或共几次，没有排入：{rule.phrase[:40]}",
                    "asked",
                    rule.phrase,
                )
            )
            return None
    return start, end


def _exception_days(item: SeriesException, year: int) -> tuple[date, ...]:
    if item.day is None:
        return ()
    first = day_of(item.day, year)
    if first is None:
        return ()
    last = (
        day_of(replace(item.day.until, month=item.day.until.month or item.day.month), year)
        if item.day.until
        else first
    )
    if last is None or (last - first).days > 60:
        return (first,)
    return tuple(date.fromordinal(n) for n in range(first.toordinal(), last.toordinal() + 1))


def day_of(mention: DateMention, year: int) -> date | None:
    return make_date(mention.year or year, mention.month, mention.day) if mention.month is not None else None


def with_series(drafts: list[Draft], series: list[Printed], timetable: Timetable) -> list[Draft]:
    """A listed session on a day of the series is that day's session: it takes the series' hours and place."""
    merged = list(drafts)
    free = {day.held_on for day in timetable.free_days}
    for item in series:
        if item.fixed_on is None or item.event is None or item.fixed_on in free:
            continue
        at = next(
            (
                i
                for i, draft in enumerate(merged)
                if draft.day == item.fixed_on and draft.event.begin in (None, item.event.begin)
            ),
            None,
        )
        if at is None and not item.event.items and any(draft.day == item.fixed_on for draft in drafts):
            continue  # the list gives this day its own hour, and the series has no title to add
        if at is not None:
            merged[at] = replace(merged[at], event=_completed(merged[at].event, item.event))
            continue
        spot = Placed(item, item.fixed_on)
        merged.append(
            Draft(spot, item.event, kind_of(item.event.items, item.cell, timetable.title), is_series=True)
        )
    return merged


def _completed(own: Event, series: Event) -> Event:
    return replace(
        own,
        begin=own.begin or (None if own.is_pending else series.begin),
        end=own.end or (series.end if own.begin in (None, series.begin) and not own.is_pending else None),
        period=own.period or series.period,
        period_is_printed=own.period_is_printed or (own.period is None and series.period_is_printed),
        place=own.place or series.place,
        items=own.items or series.items,
    )


def with_exceptions(
    drafts: list[Draft], exceptions: list[SeriesException], year: int, timetable: Timetable
) -> list[Draft]:
    kept = list(drafts)
    replaced = [item.instead_of for item in exceptions if item.instead_of is not None]
    for item in exceptions:
        if item.kind == "vague":
            timetable.findings.append(
                Finding(
                    "ambiguous_exception",
                    (item.line,),
                    f"第{item.line}行的例外没有写明日期，无法执行：{item.phrase[:40]}",
                    "asked",
                    item.phrase,
                )
            )
            continue
        days = _exception_days(item, year)
        if not days:
            timetable.findings.append(
                Finding(
                    "impossible_date",
                    (item.line,),
                    f"第{item.line}行的例外日期不存在：{item.phrase[:40]}",
                    "asked",
                    item.phrase,
                )
            )
            continue
        if item.kind == "suspended":
            _suspend(kept, item, days, replaced, timetable)
        else:
            _make_up(kept, item, days[0], year, timetable)
    return kept


def _suspend(
    drafts: list[Draft],
    item: SeriesException,
    days: tuple[date, ...],
    replaced: list[DateMention],
    timetable: Timetable,
) -> None:
    listed = [draft for draft in drafts if draft.day in days and not draft.is_series]
    if listed and not any(day_of(other, days[0].year) in days for other in replaced):
        what = f"第{item.line}行说{listed[0].day.month}月{listed[0].day.day}日停，但第{listed[0].placed.printed.line}行在这天排了场次，暂按排了处理"
        timetable.findings.append(
            Finding(
                "ambiguous_exception",
                tuple(sorted({item.line, listed[0].placed.printed.line})),
                what,
                "asked",
                item.phrase,
            )
        )
        return
    if not listed:
        drafts[:] = [draft for draft in drafts if draft.day not in days]
    code = "cancelled_row" if re.search(r"取消|作废|停办", item.phrase) else "suspended_date"
    span = f"{days[0].month}月{days[0].day}日" + (
        f"至{days[-1].month}月{days[-1].day}日" if len(days) > 1 else ""
    )
    timetable.findings.append(
        Finding(code, (item.line,), f"第{item.line}行写明{span}停或取消，没有排入", "kept", item.phrase)
    )
    if len(days) == 1:
        timetable.free_days.append(FreeDay(days[0], days[0].day, days[0].weekday(), None, item.line, (code,)))


def _make_up(drafts: list[Draft], item: SeriesException, day: date, year: int, timetable: Timetable) -> None:
    pattern = next((draft for draft in drafts if draft.is_series), None)
    if item.instead_of is not None:
        old = day_of(item.instead_of, year)
        moved = next((draft for draft in drafts if draft.day == old), None)
        if moved is not None:
            drafts.remove(moved)
            pattern = moved
    if pattern is None and len({draft.event for draft in drafts}) == 1 and drafts:
        pattern = drafts[0]
    if pattern is None and item.event is None:
        timetable.findings.append(
            Finding(
                "ambiguous_exception",
                (item.line,),
                f"第{item.line}行的补课不知道补哪一场：{item.phrase[:40]}",
                "asked",
                item.phrase,
            )
        )
        return
    event = pattern.event if pattern is not None else Event()
    if item.event is not None and item.event.begin is not None:
        event = replace(event, begin=item.event.begin, end=item.event.end, period=item.event.period)
    mention = item.day
    weekdays = (mention.weekday,) if mention is not None and mention.weekday is not None else ()
    printed = Printed(None, day.month, day.day, weekdays, item.line, item.phrase, event, fixed_on=day)
    if weekdays and day.weekday() not in weekdays:
        what = f"第{item.line}行写的是{WEEKDAY_NAMES[weekdays[0]]}，但{day.isoformat()}是{WEEKDAY_NAMES[day.weekday()]}，暂按日期排入，请确认"
        timetable.findings.append(Finding("weekday_mismatch", (item.line,), what, "asked", item.phrase))
    timetable.findings.append(
        Finding(
            "makeup_day",
            (item.line,),
            f"第{item.line}行写明{day.month}月{day.day}日补，已排入",
            "kept",
            item.phrase,
        )
    )
    drafts.append(
        Draft(
            Placed(printed, day, ("makeup_day",)),
            event,
            pattern.kind if pattern is not None else kind_of(event.items, item.phrase, timetable.title),
            is_series=True,
        )
    )
