"""Reading schedule tables: which shape it is, and the shapes that name no columns."""

from __future__ import annotations

from dataclasses import replace
from datetime import date, datetime, time

from programme.notice.columns import (
    TableReading,
    cell_dates,
    grid_header,
    header_weekday,
    is_schedule_like,
    role_of,
    row_header,
)
from programme.notice.dates import DateMention
from programme.notice.event_items import as_items
from programme.notice.event_words import dates_of, is_nothing, looks_like_person
from programme.notice.events import Event, read_event, with_item_speaker
from programme.notice.grids import read_grid, weekdays_down
from programme.notice.marks import fold, weekday_alone
from programme.notice.page import Cell, Finding, Page, Paragraph, Row, Table
from programme.notice.printed import printed_from
from programme.notice.row_cells import part_of_day
from programme.notice.session_rows import read_list_row, read_rows, settle_roles
from programme.notice.times import scan_times


def lead_days(page: Page) -> dict[int, DateMention]:
    """The day that a heading directly above a table names, by the table's index: 7月8日（周一）, 时间：7月8日."""
    found: dict[int, DateMention] = {}
    above: list[Paragraph] = []
    index = -1
    for block in page.blocks:
        if isinstance(block, Paragraph):
            if block.text.strip():
                above.append(block)
            continue
        index += 1
        for paragraph in reversed(above[-4:]):
            days = dates_of(paragraph.text, bare_dates=True)
            if days:
                if len(days) == 1 and days[0].until is None and len(paragraph.text) <= 60:
                    found[index] = days[0]
                break
        above = []
    return found


def read_table(table: Table, number: int, lead: DateMention | None = None) -> TableReading:
    """Recognise *table* (the *number*-th of the page) and read its sessions; never raises on content. *lead*:
    the day printed above it, for rows that print hours only."""
    for index, row in enumerate(table.rows):
        weekdays = grid_header(row)
        if weekdays:
            return read_grid(table, index, weekdays, number)
        roles = row_header(row)
        if roles:
            return read_rows(table, index, roles, lead)
    turned = _turned(table)
    if turned is not None:
        return turned
    guessed = _guess_rows(table, lead)
    return guessed if guessed is not None else TableReading()


def _turned(table: Table) -> TableReading | None:
    """Labels down the first column: one session (two columns) or one per further column."""
    if len(table.rows) < 2 or max(len(row.cells) for row in table.rows) < 2:
        return None
    days = [header_weekday(row.cells[0].text) if row.cells else None for row in table.rows]
    if sum(day is not None for day in days) >= 2:
        return weekdays_down(table)
    labels = [role_of(row.cells[0].text) if row.cells else None for row in table.rows]
    if sum(label is not None for label in labels) < 2 or not {"date", "time"} & set(filter(None, labels)):
        return None
    width = max(len(row.cells) for row in table.rows)
    reading = TableReading("rows", header_line=table.rows[0].line, columns=len(table.rows))
    for column in range(1, width):
        cells = tuple(
            row.cells[column] if column < len(row.cells) else Cell("", row.line) for row in table.rows
        )
        line = next(
            (row.line for row, label in zip(table.rows, labels, strict=True) if label in ("date", "time")),
            table.rows[0].line,
        )
        roles = {index: label for index, label in enumerate(labels) if label is not None}
        if any(cell.text.strip() for cell in cells):
            settled = settle_roles(
                Table((Row(line, tuple(row.cells[0] for row in table.rows)), Row(line, cells))), 0, roles
            )
            reading.data_rows += 1
            read_list_row(reading, Row(line, cells), settled, reading.data_rows, None, None)
    reading.row_lines = tuple(row.line for row in table.rows)
    return reading


def _guess_rows(table: Table, above: DateMention | None) -> TableReading | None:
    """A table without header whose rows begin with a date, or with an hour under the day *above*: each row is
    read as one sentence of cells."""
    dated = [row for row in table.rows if _row_lead(row, above) is not None]
    if not dated or len(dated) * 2 < len(table.rows):
        return None
    reading = TableReading("rows", header_line=None, columns=max(len(row.cells) for row in table.rows))
    lines = []
    for number, row in enumerate(dated, 1):
        lead = _row_lead(row, above)
        if lead is None:
            continue
        column, days = lead
        event = _loose_event(row, column)
        lines.append(row.line)
        reading.data_rows += 1
        for day in days:
            reading.printed.append(
                printed_from(day, event, line=row.line, cell=row.text, row=number, is_from_table=True)
            )
    for row in table.rows:
        if (
            row not in dated
            and any(cell.text.strip() for cell in row.cells)
            and reading.row_lines == ()
            and is_schedule_like(row.text)
        ):
            reading.unreadable.append(
                Finding(
                    "rule_unclear",
                    (row.line,),
                    f"第{row.line}行没有日期，无法排入：{row.text[:40]}",
                    "asked",
                    row.text,
                )
            )
    reading.row_lines = tuple(lines)
    return reading


def _row_lead(row: Row, above: DateMention | None) -> tuple[int, tuple[DateMention, ...]] | None:
    for column, cell in enumerate(row.cells[:3]):
        if isinstance(cell.value, (date, datetime)):
            return column, cell_dates(cell)
        found = dates_of(cell.text, bare_dates=True)
        if found and len(cell.text) <= 60:
            return column, found
    first = row.cells[0].text if row.cells else ""
    opens = scan_times(fold(first), compact=True) if above is not None and len(first) <= 24 else ()
    return (0, (replace(above, start=0, end=0),)) if above is not None and opens and opens[0].begin else None


def _loose_event(row: Row, lead: int) -> Event:
    """Columns without names: hours, a room, a person and a title are told apart by their looks."""
    event = Event()
    speaker = place = None
    titles: list[str] = []
    for column, cell in enumerate(row.cells):
        text = cell.text.strip()
        if not text or is_nothing(text):
            continue
        if isinstance(cell.value, time):
            event = replace(event, begin=cell.value, period=part_of_day(cell.value))
            continue
        part = read_event(text, dates_of(text, bare_dates=True) if column == lead else ())
        if column == lead or (part.begin and len(text) <= 16):
            event = _merged(event, part)
            if column == lead and part.items:
                titles.append(" ".join(filter(None, (item.title or item.track for item in part.items))))
        elif weekday_alone(text) is not None:
            continue
        elif looks_like_person(text) and speaker is None:
            speaker = text
        elif part.place and part.place == text and place is None:
            place = text
        else:
            titles.append(text)
    notes = read_event(row.text, ())
    items = tuple(item for title in titles[:1] for item in as_items(title, speaker))
    return replace(
        with_item_speaker(replace(event, items=items), speaker),
        place=place or event.place,
        is_cancelled=notes.is_cancelled,
        is_suspended=notes.is_suspended,
    )


def _merged(event: Event, part: Event) -> Event:
    if part.begin is None and part.problem is None:
        return replace(event, period=event.period or part.period, place=event.place or part.place)
    return replace(
        event,
        begin=part.begin,
        end=part.end,
        period=part.period,
        period_is_printed=part.period_is_printed,
        problem=part.problem,
        is_ambiguous=part.is_ambiguous,
        place=event.place or part.place,
    )
