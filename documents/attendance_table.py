"""The grid of attendance as a spreadsheet (xlsx) or as CSV; no cell of it is ever a formula."""

from __future__ import annotations

import csv
import io
from collections.abc import Iterable, Sequence

from openpyxl import Workbook
from openpyxl.cell import Cell as SheetCell
from openpyxl.cell import WriteOnlyCell
from openpyxl.worksheet._write_only import WriteOnlyWorksheet

from programme.attendance_grid import Change, Grid, GridRow, word

MOST_PEOPLE = 1000  # of an xlsx: openpyxl takes 0.8 s a thousand; a longer list is a csv
# A cell that begins so is a formula to a spreadsheet program; the full-width ones to some.
FORMULA_STARTS = ("=", "+", "-", "@", "\t", "\r", "＝", "＋", "－", "＠")
PERSON = ("姓名", "学号", "年级", "项目组", "导师")
TOTALS = ("应到", "到", "迟到", "请假", "线上待担保", "待核对", "缺勤", "到场率", "到场率（不计请假）")
TRACE = ("姓名", "场次", "记录", "由谁", "时间", "原因")

Value = str | int | float
KINDS = {"guarantee": "线上担保", "leave": "请假", "explanation": "迟到说明", "correction": "更正"}
STATES = {
    "asked": "等答复",
    "granted": "同意",
    "refused": "没有同意",
    "withdrawn": "已撤回",
    "present": "到场",
    "late": "迟到",
    "voluntary": "自愿到场",
    "to_verify": "待核对",
    "absent": "缺勤",
    "on_leave": "请假",
    "not_there": "未到",
    "online_pending": "线上待担保",
    "moved": "改期",
    "": "",
}


def attendance_xlsx(grid: Grid, trace: Sequence[Change]) -> bytes:
    """Two sheets: 考勤, a line a person, and 变更, a line for each guarantee, leave and correction."""
    book = Workbook(write_only=True)
    fill(book.create_sheet("考勤"), rows_of(grid))
    fill(book.create_sheet("变更"), [TRACE, *map(written, trace)])
    written_to = io.BytesIO()
    book.save(written_to)
    return written_to.getvalue()


def fill(sheet: WriteOnlyWorksheet, rows: Iterable[Sequence[Value]]) -> None:
    for row in rows:
        sheet.append([as_text(value, sheet) if is_formula(value) else value for value in row])


def is_formula(value: Value) -> bool:
    """What openpyxl would take for one; the other beginnings are harmless in a cell that is text."""
    return isinstance(value, str) and value.startswith("=")


def as_text(value: Value, sheet: WriteOnlyWorksheet) -> SheetCell:
    cell = WriteOnlyCell(sheet, value=value)
    cell.data_type = "s"
    return cell


def attendance_csv(grid: Grid) -> bytes:
    """UTF-8 with the mark by which Excel knows it; the sheet 考勤 alone."""
    written_to = io.StringIO()
    writer = csv.writer(written_to)
    writer.writerows([inert(value) for value in row] for row in rows_of(grid))
    return written_to.getvalue().encode("utf-8-sig")


def inert(value: Value) -> Value:
    return f"'{value}" if isinstance(value, str) and value.startswith(FORMULA_STARTS) else value


def rows_of(grid: Grid) -> list[Sequence[Value]]:
    head = [f"{c.held_on.month}/{c.held_on.day} {c.title}" for c in grid.columns]
    return [(*PERSON, *head, *TOTALS), *(row_of(row) for row in grid.rows)]


def row_of(row: GridRow) -> Sequence[Value]:
    person, counts = row.person, row.counts
    told = (person.name, person.student_no, person.cohort, person.group, person.mentor)
    numbers = [counts[s] for s in ("late", "leave", "online_pending", "to_verify", "absent")]
    return (
        *(value or "" for value in told),
        *(word(cell) for cell in row.cells),
        row.expected,
        row.attended,
        *numbers,
        rate(row.attended, row.expected),
        rate(row.attended, row.expected - counts["leave"]),
    )


def rate(attended: int, expected: int) -> Value:
    """A share between 0 and 1 with three digits; nothing where nothing was expected."""
    return round(attended / expected, 3) if expected else ""


def written(change: Change) -> Sequence[Value]:
    state = STATES.get(change.state, change.state)
    record = f"{KINDS[change.kind]}：{state}" if state else KINDS[change.kind]
    return (change.name, change.session, record, change.by, f"{change.at:%Y-%m-%d %H:%M}", change.reason)
