"""Weekly series laid out over the calendar, with suspended days and make-up days."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from datetime import date, timedelta

from programme.notice.calendar import Placed
from programme.notice.dates import DateMention, make_date
from programme.notice.event_items import kind_of
from programme.notice.events import Event
from programme.notice.marks import WEEKDAY_NAMES
from programme.notice.page import Finding
from programme.notice.printed import Printed, printed_from
from programme.notice.prose_reading import ProseReading
from programme.notice.season import Season
from programme.notice.series import Recurring, days_of, month_bounds
from programme.notice.standing import completed
from programme.notice.timetable import Draft, Timetable


def series_days(
    prose: ProseReading,
    season: Season,
    title_months: tuple[int, ...],
    findings: list[Finding],
    taken: frozenset[int],
    listed: frozenset[str] = frozenset(),
) -> list[Printed]:
    """The sessions of every bounded series as printed days with their date already computed.

    A weekly rule with an hour but no bounds runs through the whole programme's printed span or months, on
    weekdays that no listed session has (*taken*), or with a name that no listed session bears (*listed*); the
    admin is told.
    """
    printed: list[Printed] = []
    off = frozenset(_days_off(prose, season))
    for given in prose.rules:
        rule = (
            given
            if given.is_bounded or given.start or given.end or given.count
            else _spread(given, prose, title_months, findings, taken, _is_named(given, listed))
        )
        bounds = _bounds(rule, season, title_months, findings)
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
        made_up = sum(1 for item in prose.exceptions if item.kind in ("makeup", "stands_in"))
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
    named: bool,
) -> Recurring:
    weekdays = rule.weekdays if named else tuple(day for day in rule.weekdays if day not in taken)
    if (
        rule.step_weeks > 1
        or rule.event.begin is None
        or not weekdays
        or (prose.span is None and not title_months)
    ):
        return rule
    what = f"第{rule.line}行没有写起止，按整个安排的时间排入：{rule.phrase[:40]}"
    findings.append(Finding("rule_unclear", (rule.line,), what, "kept", rule.phrase))
    if prose.span is not None:
        first = prose.span[0]
        return replace(rule, weekdays=weekdays, start=replace(first, until=None), end=first.until)
    return replace(rule, weekdays=weekdays, months=title_months)


def _is_named(rule: Recurring, listed: frozenset[str]) -> bool:
    """每周五论文精读 beside a camp that also meets on a Friday: something of its own."""
    names = [words for item in rule.event.items if (words := item.title or item.track)]
    return bool(names) and not any(name in words or words in name for name in names for words in listed)


def _days_off(prose: ProseReading, season: Season) -> Iterator[date]:
    for item in prose.exceptions:
        if item.kind == "suspended" and item.day is not None:
            yield from season.days(item.day)
        if item.kind == "stands_in" and item.instead_of is not None:
            yield from season.days(item.instead_of)


def _is_first_of_month(rule: Recurring) -> bool:
    return rule.start is not None and rule.start.day == 1


def _nth(event: Event, index: int, count: int) -> Event:
    """As many titles as sessions: one each, in order."""
    if len(event.items) > 1 and len(event.items) == count:
        return replace(event, items=(event.items[index],))
    return event


def _bounds(
    rule: Recurring, season: Season, title_months: tuple[int, ...], findings: list[Finding]
) -> tuple[date, date | None] | None:
    year = season.year
    if rule.weeks is not None:
        return _teaching_weeks(rule, season, findings)
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
    start = season.day(rule.start)
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


def _teaching_weeks(rule: Recurring, season: Season, findings: list[Finding]) -> tuple[date, date] | None:
    """第3周–第10周 from the Monday of the first week; without that week's date nothing is laid out."""
    day = season.day(rule.first_week) if rule.first_week is not None else None
    if day is None or rule.weeks is None:
        what = f"第{rule.line}行按教学周写，没有写第1周从哪天开始，没有排入：{rule.phrase[:40]}"
        findings.append(Finding("rule_unclear", (rule.line,), what, "asked", rule.phrase))
        return None
    monday = day - timedelta(days=day.weekday())
    first, last = rule.weeks
    parity = {"单": 1, "双": 0}.get(next((mark for mark in "单双" if f"{mark}周" in rule.phrase), ""))
    if parity is not None and rule.step_weeks == 2 and first % 2 != parity:
        first += 1
    return monday + timedelta(weeks=first - 1), monday + timedelta(weeks=last, days=-1)


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
                if draft.day == item.fixed_on
                and draft.event.begin in (None, item.event.begin)
                and not (draft.is_series and _differ(draft.event, item.event))
            ),
            None,
        )
        if at is None and not item.event.items and any(draft.day == item.fixed_on for draft in drafts):
            continue  # the list gives this day its own hour, and the series has no title to add
        if at is not None:
            merged[at] = replace(merged[at], event=completed(merged[at].event, item.event))
            continue
        spot = Placed(item, item.fixed_on)
        merged.append(
            Draft(spot, item.event, kind_of(item.event.items, item.cell, timetable.title), is_series=True)
        )
    return merged


def _differ(one: Event, other: Event) -> bool:
    """Two series that name different things meet on one day as two sessions."""
    return bool(one.items and other.items) and not set(one.items) & set(other.items)
