"""Reading weekday grids: a date in each cell, in a row of its own, in the header, or from the week beside it."""

from __future__ import annotations

import re
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
from programme.notice.marks import WEEKDAY_NAMES, fold, strip_marks, weekday_list
from programme.notice.page import Cell, Finding, Row, Table
from programme.notice.printed import Printed, printed_from
from programme.notice.times import period_words, scan_times
from programme.sessions import Period


@dataclass(frozen=True)
class _Spot:
    """One cell of a grid and where it stands: its *weekdays*, the *label* beside its row, row and week."""

    cell: Cell
    column: int
    weekdays: tuple[int, ...]
    label: str
    line: int
    number: int
    week: tuple[int, int]

    def printed(self, day: DateMention, event: Event | None) -> Printed:
        return printed_from(
            day,
            event,
            line=self.line,
            cell=self.cell.text,
            weekdays=self.weekdays,
            row=self.number,
            week=self.week,
            cell_name=self.cell.name,
            is_from_table=True,
        )


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
        is_last = not any(c.text.strip() for below in table.rows[header + 1 + index :] for c in below.cells)
        _note_width(reading, row, width, is_last=is_last)
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


def _note_width(reading: TableReading, row: Row, width: int, *, is_last: bool) -> None:
    """A month that ends in the middle of its last week leaves cells out; in any other row they are missed."""
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
                "kept" if is_last else "asked",
            )
        )


def _read_grid_row(
    reading: TableReading, grid: _Grid, row: Row, number: int, week: tuple[int, int], month: int | None
) -> None:
    cells = {column: row.cells[column] for column in grid.weekdays if column < len(row.cells)}
    side = [cell for column, cell in enumerate(row.cells) if column < min(grid.weekdays, default=0)]
    label = " ".join(cell.text for cell in side if column_is_label(cell.text))
    if _only_dates(cells.values()):
        _read_date_row(reading, grid, cells, number, week, month)
        return
    seen: set[int] = set()
    for column, cell in cells.items():
        repeats = cell.is_covered and column - 1 in seen and cells[column - 1].text == cell.text
        seen.add(column)
        if repeats:
            continue
        spot = _Spot(cell, column, _spanned(row, column, grid.weekdays), label, row.line, number, week)
        _read_grid_cell(reading, grid, spot, _week_start(label), month)
        if cell_dates(cell):
            month = None


def _read_date_row(
    reading: TableReading,
    grid: _Grid,
    cells: dict[int, Cell],
    number: int,
    week: tuple[int, int],
    month: int | None,
) -> None:
    """A row of dates alone: the rows below borrow them."""
    grid.dates = {}
    for column, cell in cells.items():
        mentions = cell_dates(cell)
        if not mentions:
            continue
        grid.dates[column] = in_month(mentions[0], month)
        spot = _Spot(cell, column, (grid.weekdays[column],), "", cell.line, number, week)
        reading.printed.append(spot.printed(grid.dates[column], None))
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
    reading: TableReading, grid: _Grid, spot: _Spot, week_range: DateMention | None, month: int | None
) -> None:
    cell, text = spot.cell, spot.cell.text
    mentions = reading.without_replaced(cell, cell_dates(cell))
    if not text.strip() or (not mentions and is_nothing(text)):
        return
    unusable = _unusable(spot)
    if unusable is not None:
        reading.unreadable.append(unusable)
        return
    if not mentions:
        _read_undated(reading, spot, grid.dates.get(spot.column), week_range)
        return
    days = [in_month(mention, month) for mention in mentions]
    if _moves_away(reading, spot, days[0]):
        return
    if len(days) > 1 or days[0].until is not None:
        _read_several_dates(reading, spot, days)
        return
    if _DUE.search(fold(text)) and "《" not in text and len(days) == 1:
        reading.due.append((days[0], spot.line, text))
        reading.printed.append(spot.printed(days[0], None))
        return
    own = dates_of(text, bare_dates=True) or (days[0],)
    for event in _events_in(text, own, spot.label, cell) or [None]:
        reading.printed.append(spot.printed(days[0], event))


_MOVED = re.compile(r"[(（]?\s*(?:改|调|移|挪|换|顺延|推迟|延期|提前)(?:整)?(?:到|至|在|为)")
_DUE = re.compile(
    r"截止|截至|逾期|(?<![a-z])ddl(?![a-z])|deadline|(?:之前|前)\s*(?:提交|上交|交)", re.IGNORECASE
)


def _moves_away(reading: TableReading, spot: _Spot, day: DateMention) -> bool:
    """20 上午9:30 文献分享 改到21日下午2点: the session stands under its own day and where it goes is asked;
    the day behind 改到 never corrects the cell's own."""
    text = spot.cell.text
    moved = _MOVED.search(text)
    behind = text[moved.end() :] if moved is not None else ""
    if moved is None or not (
        scan_dates(fold(behind), bare_dates=True) or scan_times(fold(behind)) or weekday_list(fold(behind))
    ):
        return False
    ahead = text[: moved.start()]
    own = tuple(mention for mention in dates_of(ahead, bare_dates=True)) or _opening(spot.cell, len(ahead))
    if not own:
        return False
    target = _target(spot, replace(own[0], month=own[0].month or day.month), fold(behind))
    if target is not None:
        _place_moved(reading, spot, replace(own[0], month=own[0].month or day.month), target, ahead, behind)
        return True
    for event in _events_in(ahead, own, spot.label, spot.cell) or [None]:
        reading.printed.append(spot.printed(replace(own[0], month=own[0].month or day.month), event))
    what = f"第{spot.line}行一格写明改期，暂按原来的{own[0].day}日排，请改好通知再导入：{text[:40]}"
    reading.unreadable.append(Finding("ambiguous_exception", (spot.line,), what, "asked", text))
    return True


def _target(spot: _Spot, own: DateMention, behind: str) -> DateMention | None:
    """The day behind 改到: printed, or a weekday of the same row; None when it is neither or the month turns."""
    days = scan_dates(behind, bare_dates=True)
    if len(days) == 1 and days[0].until is None:
        return replace(days[0], month=days[0].month or own.month)
    listed = weekday_list(behind)
    if days or listed is None or len(listed[0]) != 1 or re.match(r"\s*(?:下|上)", behind):
        return own if not days and listed is None and scan_times(behind) else None
    number = own.day + listed[0][0] - spot.weekdays[0]
    if not 1 <= number <= 28:
        return None
    return DateMention(own.year, own.month, number, listed[0][0], 0, 0)


def _place_moved(
    reading: TableReading, spot: _Spot, own: DateMention, target: DateMention, ahead: str, behind: str
) -> None:
    """The session under its new day, with the new hour and place when they are printed; its old day is free."""
    local = tuple(mention for mention in dates_of(ahead, bare_dates=True)) or _opening(spot.cell, len(ahead))
    told = read_event(behind, dates_of(behind, bare_dates=True))
    for event in _events_in(ahead, local, spot.label, spot.cell):
        if event is None:
            continue
        if told.begin is not None:
            event = replace(event, begin=told.begin, end=told.end, period=told.period)
        moved = replace(event, place=told.place or event.place)
        printed = printed_from(
            target, moved, line=spot.line, cell=spot.cell.text, row=spot.number, cell_name=spot.cell.name
        )
        reading.printed.append(replace(printed, is_from_table=True, is_borrowed=True))
    if (target.month, target.day) != (own.month, own.day):
        reading.printed.append(spot.printed(own, None))
    month = f"{target.month}月" if target.month is not None else ""
    what = f"第{spot.line}行一格写明改期，已排在{month}{target.day}日：{spot.cell.text[:40]}"
    reading.findings.append(Finding("makeup_day", (spot.line,), what, "kept", spot.cell.text))


def _opening(cell: Cell, limit: int) -> tuple[DateMention, ...]:
    plain = re.match(r"\s*(\d{1,2})(?=\D)", fold(cell.text[:limit]))
    if plain is None or not 1 <= int(plain[1]) <= 31:
        return ()
    return (DateMention(None, None, int(plain[1]), None, plain.start(1), plain.end(1)),)


def _unusable(spot: _Spot) -> Finding | None:
    """Why a cell is not read as a session at all."""
    text = spot.cell.text
    if FORMULA_TEXT.match(text):
        what = f"第{spot.line}行{WEEKDAY_NAMES[spot.weekdays[0]]}一格像公式，没有排入：{text[:30]}"
        return Finding("formula_text", (spot.line,), what, "asked", spot.cell.name or text)
    if len(text) > OVERSIZE_CHARS:
        what = f"第{spot.line}行有一格超过{OVERSIZE_CHARS}字，没有排入"
        return Finding("oversize_cell", (spot.line,), what, "asked", text[:40])
    return None


def _read_undated(
    reading: TableReading, spot: _Spot, own: DateMention | None, week_range: DateMention | None
) -> None:
    """A cell without a day has that of the row above or the header, else the day of its week."""
    text = spot.cell.text
    borrowed = own or week_range
    if borrowed is None:
        what = f"第{spot.line}行{WEEKDAY_NAMES[spot.weekdays[0]]}一格没有日期，无法排入：{text[:30]}"
        reading.unreadable.append(Finding("rule_unclear", (spot.line,), what, "asked", text))
        return
    for event in _events_in(text, (), spot.label, spot.cell):
        printed = spot.printed(borrowed, event)
        reading.printed.append(replace(printed, is_in_week=own is None, is_borrowed=True))


def _read_several_dates(reading: TableReading, spot: _Spot, days: list[DateMention]) -> None:
    """Two dates in one cell: each with words of its own are two sessions; one text for both, the same."""
    text = spot.cell.text
    pieces = _pieces(text, days)
    what = f"第{spot.line}行一格里有{len(days)}个日期：{text[:40]}"
    cell = spot.cell.name or text
    if len(days) > 1:
        reading.findings.append(Finding("merged_cell_two_dates", (spot.line,), what, "asked", cell))
    for index, day in enumerate(days):
        part, local = text, tuple(days)
        if pieces is not None:
            part, local = pieces[index], dates_of(pieces[index], bare_dates=True)
        for event in _events_in(part, local, spot.label, spot.cell) or [None]:
            reading.printed.append(replace(spot.printed(day, event), is_several=pieces is None))


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
            spot = _Spot(cell, column, (weekday,), label, row.line, number, (1000 + column, column))
            _read_grid_cell(reading, grid, spot, _week_start(head), None)
    reading.columns = len(lines)
    reading.row_lines = tuple(lines)
    return reading
