"""Reading weekday grids: a date in each cell, in a row of its own, in the header, or from the week beside it."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field, replace
from datetime import date, datetime

from programme.notice.columns import (
    FORMULA_TEXT,
    OVERSIZE_CHARS,
    TableReading,
    cell_dates,
    column_is_label,
    grid_header,
    header_weekday,
    heading_month,
    in_month,
)
from programme.notice.dates import DateMention, scan_dates
from programme.notice.event_words import dates_of, is_nothing
from programme.notice.events import Event, read_event, split_by_hours
from programme.notice.marks import WEEKDAY_NAMES, fold, strip_marks
from programme.notice.page import Cell, Finding, Row, Table
from programme.notice.printed import printed_from
from programme.notice.times import period_words, scan_times
from programme.sessions import Period


@dataclass
class _Grid:
    """State while going down a weekday grid."""

    weekdays: dict[int, int]
    dates: dict[int, DateMention] = field(default_factory=dict)
    period: Period | None = None


def read_grid(table: Table, header: int, weekdays: dict[int, int], number: int) -> TableReading:
    reading = TableReading("grid", header_line=table.rows[header].line, columns=len(weekdays))
    grid = _Grid(dict(weekdays), _header_dates(table.rows[header]))
    width = len(table.rows[header].cells)
    lines: list[int] = []
    month: int | None = None
    for index, row in enumerate(table.rows[header + 1 :], 1):
        again = grid_header(row)
        if again:
            grid = _Grid(dict(again), _header_dates(row))
            continue
        heading = heading_month(row)
        if heading is not None:
            month = heading
            continue
        if not any(cell.text.strip() for cell in row.cells):
            continue
        reading.data_rows += 1
        lines.append(row.line)
        _note_width(reading, row, width)
        _read_grid_row(reading, grid, row, reading.data_rows, (number, index), month)
        month = None
    reading.row_lines = tuple(lines)
    return reading


def _header_dates(row: Row) -> dict[int, DateMention]:
    found: dict[int, DateMention] = {}
    for column, cell in enumerate(row.cells):
        mentions = scan_dates(fold(cell.text), bare_dates=True)
        if len(mentions) == 1 and mentions[0].until is None:
            found[column] = mentions[0]
    return found


def _note_width(reading: TableReading, row: Row, width: int) -> None:
    filled = len(row.cells)
    while filled > width and not row.cells[filled - 1].text.strip():
        filled -= 1
    if filled > width:
        reading.findings.append(
            Finding(
                "extra_cell",
                (row.line,),
                f"第{row.line}行有{filled}格，表头只有{width}格，多出的格没有排入",
                "asked",
                row.cells[width].text,
            )
        )
    elif filled < width:
        reading.findings.append(
            Finding(
                "missing_cells",
                (row.line,),
                f"第{row.line}行只有{filled}格，表头有{width}格，缺的格按空白处理",
                "asked",
            )
        )


def _read_grid_row(
    reading: TableReading, grid: _Grid, row: Row, number: int, week: tuple[int, int], month: int | None
) -> None:
    cells = {column: row.cells[column] for column in grid.weekdays if column < len(row.cells)}
    side = [cell for column, cell in enumerate(row.cells) if column < min(grid.weekdays, default=0)]
    label = " ".join(cell.text for cell in side if column_is_label(cell.text))
    if _only_dates(cells.values()):
        grid.dates = {}
        for column, cell in cells.items():
            mentions = cell_dates(cell)
            if mentions:
                grid.dates[column] = in_month(mentions[0], month)
                reading.printed.append(
                    printed_from(
                        grid.dates[column],
                        None,
                        line=row.line,
                        cell=cell.text,
                        weekdays=(grid.weekdays[column],),
                        row=number,
                        week=week,
                        cell_name=cell.name,
                        is_from_table=True,
                    )
                )
                month = None
        return
    range_start = _week_start(label)
    seen: set[int] = set()
    for column, cell in cells.items():
        if (
            cell.is_covered
            and column - 1 in cells
            and cells[column - 1].text == cell.text
            and column - 1 in seen
        ):
            seen.add(column)
            continue
        seen.add(column)
        spanned = _spanned(row, column, grid.weekdays)
        _read_grid_cell(
            reading, grid, cell, column, spanned, label, row.line, number, week, range_start, month
        )
        if cell_dates(cell):
            month = None


def _spanned(row: Row, column: int, weekdays: dict[int, int]) -> tuple[int, ...]:
    """The weekdays that a cell covers; a merged cell covers several."""
    cell = row.cells[column]
    covered = [weekdays[column]]
    for offset in range(1, cell.columns):
        if column + offset in weekdays:
            covered.append(weekdays[column + offset])
    return tuple(covered)


def _only_dates(cells: Iterable[Cell]) -> bool:
    texts = [cell for cell in cells if cell.text.strip()]
    if not texts:
        return False
    return all(_is_date_only(cell) for cell in texts)


def _is_date_only(cell: Cell) -> bool:
    if isinstance(cell.value, (datetime, date)):
        return True
    folded = fold(cell.text)
    mentions = cell_dates(cell)
    if len(mentions) != 1:
        return False
    return not strip_marks(folded[: mentions[0].start] + folded[mentions[0].end :]).strip("()")


def _week_start(label: str) -> DateMention | None:
    mentions = scan_dates(fold(label), bare_dates=True)
    return mentions[0] if mentions and mentions[0].until is not None else None


def _read_grid_cell(
    reading: TableReading,
    grid: _Grid,
    cell: Cell,
    column: int,
    spanned: tuple[int, ...],
    label: str,
    line: int,
    number: int,
    week: tuple[int, int],
    week_range: DateMention | None,
    month: int | None,
) -> None:
    text = cell.text
    mentions = reading.without_replaced(cell, cell_dates(cell))
    if not text.strip() or (not mentions and is_nothing(text)):
        return
    if FORMULA_TEXT.match(text):
        what = f"第{line}行{WEEKDAY_NAMES[spanned[0]]}一格像公式，没有排入：{text[:30]}"
        reading.unreadable.append(Finding("formula_text", (line,), what, "asked", cell.name or text))
        return
    if len(text) > OVERSIZE_CHARS:
        reading.unreadable.append(
            Finding(
                "oversize_cell",
                (line,),
                f"第{line}行有一格超过{OVERSIZE_CHARS}字，没有排入",
                "asked",
                text[:40],
            )
        )
        return
    if not mentions:
        borrowed = grid.dates.get(column) or week_range
        if borrowed is None:
            reading.unreadable.append(
                Finding(
                    "rule_unclear",
                    (line,),
                    f"第{line}行{WEEKDAY_NAMES[spanned[0]]}一格没有日期，无法排入：{text[:30]}",
                    "asked",
                    text,
                )
            )
            return
        mentions = (borrowed,)
        for event in _events_in(text, (), label, cell):
            reading.printed.append(
                replace(
                    printed_from(
                        borrowed,
                        event,
                        line=line,
                        cell=text,
                        weekdays=spanned,
                        row=number,
                        week=week,
                        cell_name=cell.name,
                        is_from_table=True,
                    ),
                    is_in_week=borrowed is week_range,
                    is_borrowed=True,
                )
            )
        return
    days = [in_month(mention, month) for mention in mentions]
    if len(days) == 1 and days[0].until is None:
        for event in _events_in(text, (days[0],), label, cell) or [None]:
            reading.printed.append(
                printed_from(
                    days[0],
                    event,
                    line=line,
                    cell=text,
                    weekdays=spanned,
                    row=number,
                    week=week,
                    cell_name=cell.name,
                    is_from_table=True,
                )
            )
        return
    _read_several_dates(reading, cell, days, spanned, label, line, number, week)


def _read_several_dates(
    reading: TableReading,
    cell: Cell,
    days: list[DateMention],
    spanned: tuple[int, ...],
    label: str,
    line: int,
    number: int,
    week: tuple[int, int],
) -> None:
    """Two dates in one cell: each with words of its own are two sessions; one text for both, the same."""
    text = cell.text
    pieces = _pieces(text, days)
    shared = pieces is None
    reading.findings.append(
        Finding(
            "merged_cell_two_dates",
            (line,),
            f"第{line}行一格里有{len(days)}个日期：{text[:40]}",
            "asked",
            cell.name or text,
        )
    )
    for index, day in enumerate(days):
        part, local = (
            (text, tuple(days))
            if pieces is None
            else (pieces[index], dates_of(pieces[index], bare_dates=True))
        )
        for event in _events_in(part, local, label, cell) or [None]:
            reading.printed.append(
                replace(
                    printed_from(
                        day,
                        event,
                        line=line,
                        cell=text,
                        weekdays=spanned,
                        row=number,
                        week=week,
                        cell_name=cell.name,
                        is_from_table=True,
                    ),
                    is_several=shared,
                )
            )


def _pieces(text: str, days: list[DateMention]) -> list[str] | None:
    """*text* cut at each date when every part says something of its own."""
    starts = [day.start for day in days]
    if len(set(starts)) < len(starts):
        return None
    parts = [text[start:end] for start, end in zip(starts, [*starts[1:], len(text)], strict=True)]
    bodies = [strip_marks(part[day.end - day.start :]) for part, day in zip(parts, days, strict=True)]
    if all(len(body) >= 2 and not is_nothing(body) for body in bodies):
        return [text[: starts[0]] + parts[0], *parts[1:]]
    return None


def _events_in(text: str, days: tuple[DateMention, ...], label: str, cell: Cell) -> list[Event | None]:
    """The sessions of a cell's text; hours of the row's label serve a cell without any."""
    parts = split_by_hours(text, days)
    if len(parts) > 1:
        events = [read_event(part, dates_of(part, bare_dates=True) if days else ()) for part in parts]
        return [with_strike(event, cell) for event in events]
    words = period_words(fold(label))
    event = read_event(text, days, default_period=words[0][0] if words else None)
    if event.is_empty and not event.is_pending and not event.is_suspended and not event.is_cancelled:
        return [None] if event.period is None else [with_strike(event, cell)]
    if event.begin is None and event.problem is None and not event.is_pending:
        event = _with_label_hours(event, label)
    return [with_strike(event, cell)]


def with_strike(event: Event, cell: Cell) -> Event:
    return replace(event, is_cancelled=True) if cell.is_struck else event


def _with_label_hours(event: Event, label: str) -> Event:
    times = scan_times(fold(label))
    if len(times) == 1 and times[0].problem is None:
        return replace(
            event,
            begin=times[0].begin,
            end=times[0].end,
            period=times[0].period,
            period_is_printed=times[0].period_is_printed,
        )
    words = period_words(fold(label))
    if event.period is None and len(words) == 1:
        return replace(event, period=words[0][0], period_is_printed=True)
    return event


def weekdays_down(table: Table) -> TableReading:
    """A grid on its side: weekdays in the first column, weeks across."""
    reading = TableReading("grid", header_line=table.rows[0].line)
    lines = []
    for number, row in enumerate(table.rows, 1):
        weekday = header_weekday(row.cells[0].text) if row.cells else None
        if weekday is None:
            continue
        lines.append(row.line)
        reading.data_rows += 1
        own = scan_dates(fold(row.cells[0].text), bare_dates=True)
        for column, cell in enumerate(row.cells[1:], 1):
            head = table.rows[0].cells[column].text if column < len(table.rows[0].cells) else ""
            grid = _Grid({column: weekday}, {column: own[0]} if own else {})
            label = head if column_is_label(head) else ""
            _read_grid_cell(
                reading,
                grid,
                cell,
                column,
                (weekday,),
                label,
                row.line,
                number,
                (1000 + column, column),
                _week_start(head),
                None,
            )
    reading.columns = len(lines)
    reading.row_lines = tuple(lines)
    return reading
