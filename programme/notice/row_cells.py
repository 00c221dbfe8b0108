"""The day and the hours of a row, whatever kind of cell holds them."""

from __future__ import annotations

import re
from dataclasses import replace
from datetime import date, datetime, time, timedelta

from programme.notice.columns import TableReading, cell_dates
from programme.notice.dates import DateMention, months_named, scan_dates
from programme.notice.event_words import dates_of
from programme.notice.events import Event, read_event
from programme.notice.marks import fold
from programme.notice.page import Cell, Finding
from programme.notice.times import period_of, scan_times
from programme.sessions import Period

_EXCEL_EPOCH = date(1899, 12, 30)


def row_dates(by_role: dict[str, list[Cell]], reading: TableReading) -> tuple[DateMention, ...]:
    for cell in by_role.get("date", []):
        found = reading.without_replaced(cell, _date_cell(cell, reading))
        if found:
            return found
    if "day" in by_role:
        day = re.sub(r"\D", "", fold(first_text(by_role, "day")))
        month_text = re.sub(r"\D", "", fold(first_text(by_role, "month")))
        if day:
            month = (
                int(month_text)
                if month_text
                else (months_named(fold(first_text(by_role, "month"))) or (None,))[0]
            )
            return (DateMention(None, month, int(day[:2]), None, 0, 0),)
    for role in ("time", "title", "note"):
        for cell in by_role.get(role, []):
            found = dates_of(cell.text, bare_dates=role == "time")
            if found and role == "time":
                return found
    return ()


def _date_cell(cell: Cell, reading: TableReading) -> tuple[DateMention, ...]:
    if isinstance(cell.value, (datetime, date)):
        day = cell.value.date() if isinstance(cell.value, datetime) else cell.value
        return (DateMention(day.year, day.month, day.day, None, 0, 0),)
    if isinstance(cell.value, bool):
        return ()
    if isinstance(cell.value, (int, float)) or re.fullmatch(r"\d{5}(?:\.0)?", cell.text.strip()):
        return _number_as_date(cell, reading)
    return cell_dates(cell)


def _number_as_date(cell: Cell, reading: TableReading) -> tuple[DateMention, ...]:
    """45122 is a spreadsheet's day number; 20230708 a date; 7.1 may be the first or the tenth and is asked."""
    value = float(cell.value) if isinstance(cell.value, (int, float)) else float(cell.text.strip())
    if 36_526 <= value < 73_051:
        day = _EXCEL_EPOCH + timedelta(days=int(value))
        what = f"第{cell.line}行的日期是数字{cell.text.strip()}，按表格日期读作{day.isoformat()}"
        reading.findings.append(Finding("number_as_date", (cell.line,), what, "fixed", cell.name))
        return (DateMention(day.year, day.month, day.day, None, 0, 0),)
    compact = scan_dates(f"{value:.0f}", bare_dates=True) if value >= 10_000_000 else ()
    if compact:
        reading.findings.append(
            Finding(
                "number_as_date",
                (cell.line,),
                f"第{cell.line}行的日期是数字{cell.text.strip()}",
                "fixed",
                cell.name,
            )
        )
        return compact
    parts = re.fullmatch(r"(\d{1,2})\.(\d{2})", cell.text.strip())
    if parts:
        reading.findings.append(
            Finding(
                "number_as_date",
                (cell.line,),
                f"第{cell.line}行的日期是数字{cell.text.strip()}，读作{parts[1]}月{int(parts[2])}日",
                "fixed",
                cell.name,
            )
        )
        return (DateMention(None, int(parts[1]), int(parts[2]), None, 0, 0),)
    if value == int(value) and 1 <= value <= 31:
        return (DateMention(None, None, int(value), None, 0, 0),)
    reading.findings.append(
        Finding(
            "number_as_date",
            (cell.line,),
            f"第{cell.line}行的日期是数字{cell.text.strip()}，读不出是哪一天",
            "asked",
            cell.name,
        )
    )
    return ()


def row_times(by_role: dict[str, list[Cell]]) -> Event:
    for role in ("time", "date"):
        for cell in by_role.get(role, []):
            value = cell.value
            if isinstance(value, datetime) and (value.hour or value.minute):
                value = value.time()
            if isinstance(value, time):
                return _with_end(
                    Event(begin=value.replace(second=0, microsecond=0), period=part_of_day(value)), by_role
                )
            if isinstance(value, float) and 0 < value < 1 and role == "time":
                minutes = round(value * 1440)
                clock = time(minutes // 60 % 24, minutes % 60)
                return _with_end(Event(begin=clock, period=part_of_day(clock)), by_role)
            if isinstance(value, (date, datetime)):
                continue
            event = read_event(cell.text, dates_of(cell.text, bare_dates=True), compact_times=role == "time")
            if event.begin or event.problem or event.period or event.is_ambiguous:
                kept = Event(
                    begin=event.begin,
                    end=event.end,
                    period=event.period,
                    period_is_printed=event.period_is_printed,
                    problem=event.problem,
                    is_ambiguous=event.is_ambiguous,
                )
                return _with_end(kept, by_role)
    return Event()


def part_of_day(clock: time) -> Period:
    return period_of(clock.hour)


def _with_end(event: Event, by_role: dict[str, list[Cell]]) -> Event:
    for cell in by_role.get("end", []):
        end = cell.value if isinstance(cell.value, time) else None
        if isinstance(cell.value, float) and 0 < cell.value < 1:
            minutes = round(cell.value * 1440)
            end = time(minutes // 60 % 24, minutes % 60)
        if end is None:
            times = scan_times(fold(cell.text), default=event.period if event.period_is_printed else None)
            end = times[0].begin if times else None
        if end is None:
            continue
        if event.begin is not None and end <= event.begin:
            return replace(event, problem=event.problem or "end_before_start")
        return replace(event, end=end)
    return event


def first_text(by_role: dict[str, list[Cell]], role: str) -> str:
    return next((cell.text.strip() for cell in by_role.get(role, []) if cell.text.strip()), "")
