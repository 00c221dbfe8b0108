"""Reading a notice file (txt, docx, xlsx) into a page of text; hostile files are refused with a reason."""

from __future__ import annotations

import io
import re
import warnings
from collections.abc import Iterator
from dataclasses import replace
from datetime import date, datetime, time
from pathlib import Path

from documents.container import MAX_FILE_BYTES, ContainerRefused, Unreadable, examine
from documents.text_notice import MAX_TEXT_BYTES, MAX_TEXT_CHARS, NotText, decode, plain, text_blocks
from documents.word_notice import word_blocks
from programme.notice.page import Block, Cell, CellValue, Finding, Page, Paragraph, Row, Table

MAX_TEXT_LINES = 5_000
MAX_ROWS = 2_000
MAX_COLUMNS = 60
MAX_SHEETS = 20
_OLD_OFFICE = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1"


class NoticeUnreadable(Unreadable):
    """The file cannot be read as a notice. *reason* is Chinese, for the operator."""

    def __init__(self, reason: str) -> None:
        super().__init__(reason)
        self.reason = reason


def read_notice_file(source: Path | str | bytes, name: str | None = None) -> Page:
    """The page of a notice file. The kind is told by content, not by the name's ending.

    Raises NoticeUnreadable for what is no notice: empty, binary, damaged, locked, too large.
    """
    data = source if isinstance(source, bytes) else _bytes_of(Path(source))
    shown = name or (Path(source).name if not isinstance(source, bytes) else "通知")
    if not data.strip():
        raise NoticeUnreadable("文件是空的，请看是不是选错了文件")
    if data.startswith(b"PK"):
        return _office(data, shown)
    _refuse_other_kinds(data)
    if len(data) > MAX_TEXT_BYTES:
        raise NoticeUnreadable(f"文本超过{MAX_TEXT_BYTES // 1024 // 1024}MB，不像通知")
    try:
        text, odd = decode(data)
    except NotText as error:
        raise NoticeUnreadable(str(error)) from error
    if not text.strip():
        raise NoticeUnreadable("文件是空的，请看是不是选错了文件")
    if len(text) > MAX_TEXT_CHARS:
        raise NoticeUnreadable(f"文本超过{MAX_TEXT_CHARS // 10_000}万字，不像通知")
    if text.count("\n") > MAX_TEXT_LINES:
        raise NoticeUnreadable(f"文本超过{MAX_TEXT_LINES}行，不像通知")
    blocks, found = text_blocks(text)
    return Page(shown, blocks, (*odd, *found))


def _bytes_of(path: Path) -> bytes:
    try:
        if path.stat().st_size > MAX_FILE_BYTES:
            raise NoticeUnreadable(f"文件超过{MAX_FILE_BYTES // 1024 // 1024}MB，没有打开")
        return path.read_bytes()
    except OSError as error:
        raise NoticeUnreadable("文件不存在或读不出来，请看路径和权限") from error


def _refuse_other_kinds(data: bytes) -> None:
    if data.startswith(_OLD_OFFICE):
        raise NoticeUnreadable("这是旧版 doc/xls 或加了密码的文件，请另存为 docx 或 xlsx")
    if data.startswith(b"%PDF"):
        raise NoticeUnreadable("这是 PDF，请用 docx、xlsx 或 txt")
    if data.startswith(b"{\\rtf"):
        raise NoticeUnreadable("这是 RTF，请另存为 docx")
    if data.startswith((b"\x89PNG", b"\xff\xd8\xff", b"GIF8")):
        raise NoticeUnreadable("这是图片，请用 docx、xlsx 或 txt")


def _office(data: bytes, name: str) -> Page:
    try:
        kind = examine(data).kind
    except ContainerRefused as error:
        raise NoticeUnreadable(str(error)) from error
    try:
        with warnings.catch_warnings():
            # Both libraries warn about parts they do not use (a missing style, an unknown extension).
            warnings.simplefilter("ignore")
            blocks, findings = word_blocks(data) if kind == "docx" else _sheet_blocks(data)
    except Exception as error:  # the libraries raise whatever the file made them trip over
        raise NoticeUnreadable("文件内容损坏，读不出来") from error
    page = _without_markup(Page(name, blocks, findings))
    if not any(text.strip() for text in page.lines().values()):
        raise NoticeUnreadable("文件里没有文字")
    if sum(len(text) for text in page.lines().values()) > MAX_TEXT_CHARS:
        raise NoticeUnreadable(f"文字超过{MAX_TEXT_CHARS // 10_000}万字，不像通知")
    return page


def _without_markup(page: Page) -> Page:
    marked: set[int] = set()
    blocks: list[Block] = []
    for block in page.blocks:
        if isinstance(block, Paragraph):
            text, had = plain(block.text)
            marked |= {block.line} if had else set()
            blocks.append(Paragraph(block.line, text, block.is_struck) if had else block)
            continue
        rows = []
        for row in block.rows:
            cells = [(cell, *plain(cell.text)) for cell in row.cells]
            marked |= {row.line} if any(had for _, _, had in cells) else set()
            rows.append(
                Row(row.line, tuple(_with_text(cell, text) if had else cell for cell, text, had in cells))
            )
        blocks.append(Table(tuple(rows)))
    if not marked:
        return page
    found = Finding("html_markup", tuple(sorted(marked)), "夹有网页标记，已去掉标记只留文字，请核对", "fixed")
    return Page(page.name, tuple(blocks), (*page.findings, found))


def _with_text(cell: Cell, text: str) -> Cell:
    return Cell(
        text,
        cell.line,
        cell.name,
        cell.value,
        cell.columns,
        cell.rows,
        cell.is_covered,
        cell.is_struck,
        cell.is_unread,
    )


def _sheet_blocks(data: bytes) -> tuple[tuple[Block, ...], tuple[Finding, ...]]:
    import openpyxl

    book = openpyxl.load_workbook(io.BytesIO(data), keep_links=False)
    values = openpyxl.load_workbook(io.BytesIO(data), data_only=True, keep_links=False)
    findings: list[Finding] = []
    blocks: list[Block] = []
    sheets = [
        sheet for sheet in book.worksheets[:MAX_SHEETS] if sheet.sheet_state == "visible"
    ] or book.worksheets[:1]
    for sheet in sheets:
        own: list[Finding] = []
        reader = _Sheet(sheet, values[sheet.title], sheet.title if len(sheets) > 1 else None, own)
        offset = max((_last_line(block) for block in blocks), default=0)
        blocks.extend(_further_down(block, offset) for block in reader.blocks())
        findings.extend(replace(item, lines=tuple(line + offset for line in item.lines)) for item in own)
    return tuple(blocks), tuple(findings)


def _last_line(block: Block) -> int:
    return block.line if isinstance(block, Paragraph) else max((row.line for row in block.rows), default=0)


def _further_down(block: Block, offset: int) -> Block:
    """The lines of a further sheet go on where the sheet before ends: no two lines share a number."""
    if not offset:
        return block
    if isinstance(block, Paragraph):
        return replace(block, line=block.line + offset)
    rows = (
        Row(row.line + offset, tuple(replace(cell, line=cell.line + offset) for cell in row.cells))
        for row in block.rows
    )
    return replace(block, rows=tuple(rows))


class _Sheet:
    """One worksheet on its way to rows: merged cells spread, dates kept as dates, formulas told."""

    def __init__(self, sheet: object, values: object, title: str | None, findings: list[Finding]) -> None:
        from openpyxl.worksheet.worksheet import Worksheet

        assert isinstance(sheet, Worksheet) and isinstance(values, Worksheet)  # noqa: S101, PT018 (chart sheets are not in worksheets)
        self._sheet = sheet
        self._values = values
        self._title = title
        self._findings = findings
        self._merged = {
            (row, column): (area.min_row, area.min_col, area.max_row, area.max_col)
            for area in sheet.merged_cells.ranges
            for row in range(area.min_row, area.max_row + 1)
            for column in range(area.min_col, area.max_col + 1)
        }

    def blocks(self) -> Iterator[Block]:
        """A row of one filled cell is a paragraph unless it stands inside a table; an empty row parts tables."""
        height, width = min(self._sheet.max_row, MAX_ROWS), min(self._sheet.max_column, MAX_COLUMNS)
        if self._sheet.max_row > MAX_ROWS or self._sheet.max_column > MAX_COLUMNS:
            what = f"表格超过{MAX_ROWS}行或{MAX_COLUMNS}列，只读了前面的部分"
            self._findings.append(Finding("oversize_cell", (height,), what, "asked"))
        pending: list[Row] = []
        for number in range(1, height + 1):
            row = self._row(number, width)
            filled = {cell.text for cell in row.cells if cell.text.strip()}
            if not filled:
                yield from _as_blocks(pending)
                pending = []
                continue
            pending.append(row)
        yield from _as_blocks(pending)

    def _row(self, number: int, width: int) -> Row:
        return Row(number, _trimmed(tuple(self._cell(number, column) for column in range(1, width + 1))))

    def _cell(self, row: int, column: int) -> Cell:
        area = self._merged.get((row, column))
        top, left = (area[0], area[1]) if area is not None else (row, column)
        cell = self._sheet.cell(top, left)
        value: object = cell.value
        is_origin = (top, left) == (row, column)
        if cell.data_type == "f":
            value = self._formula(cell.coordinate, top, left, row, is_origin)
        elif isinstance(value, str) and re.match(r"[=@]|[+\-][A-Za-z(]", value) and is_origin:
            self._findings.append(
                Finding(
                    "formula_text",
                    (row,),
                    f"{self._name(cell.coordinate)}的文字像公式（以{value[0]}开头），按文字保留",
                    "kept",
                    self._name(cell.coordinate),
                )
            )
        if cell.data_type == "e" and is_origin:
            self._findings.append(
                Finding(
                    "bad_type",
                    (row,),
                    f"{self._name(cell.coordinate)}是错误值{value}",
                    "asked",
                    self._name(cell.coordinate),
                )
            )
            value = None
        text, kept = _shown(value)
        is_unread = cell.data_type == "f" and not text
        return Cell(
            text=text,
            line=row,
            name=self._name(cell.coordinate),
            value=kept,
            columns=area[3] - area[1] + 1 if area is not None else 1,
            rows=area[2] - area[0] + 1 if area is not None else 1,
            is_covered=not is_origin,
            is_struck=bool(cell.font is not None and cell.font.strike),
            is_unread=is_unread,
        )

    def _name(self, coordinate: str) -> str:
        return f"{self._title}!{coordinate}" if self._title else coordinate

    def _formula(self, coordinate: str, top: int, left: int, row: int, is_origin: bool) -> object:
        """A formula's stored result is what people saw; without one nothing is computed and the cell is asked."""
        result: object = self._values.cell(top, left).value
        if is_origin:
            name = self._name(coordinate)
            what = f"{name}是公式，" + (
                "没有存下结果，读不出内容" if result is None else f"按存下的结果读：{str(result)[:30]}"
            )
            self._findings.append(
                Finding("formula", (row,), what, "asked" if result is None else "kept", name)
            )
        return result


def _trimmed(cells: tuple[Cell, ...]) -> tuple[Cell, ...]:
    last = max((index for index, cell in enumerate(cells) if cell.text.strip()), default=-1)
    return cells[: last + 1]


def _shown(value: object) -> tuple[str, CellValue]:
    """What a reader of the sheet sees, and the value itself when it is no text."""
    if value is None:
        return "", None
    if isinstance(value, bool):
        return ("是" if value else "否"), value
    if isinstance(value, datetime):
        return (
            value.strftime("%Y-%m-%d") if value.time() == time(0) else value.strftime("%Y-%m-%d %H:%M")
        ), value
    if isinstance(value, date):
        return value.isoformat(), value
    if isinstance(value, time):
        return value.strftime("%H:%M"), value
    if isinstance(value, (int, float)):
        return (str(int(value)) if float(value).is_integer() and abs(value) < 1e15 else repr(value)), float(
            value
        )
    return re.sub(r"[\x00-\x08\x0b\x0c\x0e-\x1f\u200b-\u200f\u202a-\u202e\u2060\ufeff]", "", str(value)), None


def _as_blocks(rows: list[Row]) -> Iterator[Block]:
    """Leading and trailing rows of one text are paragraphs; what is between is one table."""
    lone = [len({cell.text.strip() for cell in row.cells if cell.text.strip()}) <= 1 for row in rows]
    start, end = 0, len(rows)
    while start < end and lone[start]:
        start += 1
    while end > start and lone[end - 1]:
        end -= 1
    for row in rows[:start]:
        yield _paragraph(row)
    if end - start == 1:
        row = rows[start]
        yield Paragraph(
            row.line, "  ".join(dict.fromkeys(cell.text.strip() for cell in row.cells if cell.text.strip()))
        )
    elif end > start:
        width = max(len(row.cells) for row in rows[start:end])
        yield Table(tuple(Row(row.line, _padded(row, width)) for row in rows[start:end]))
    for row in rows[end:]:
        yield _paragraph(row)


def _padded(row: Row, width: int) -> tuple[Cell, ...]:
    """A sheet has no short rows: what is not filled is empty, not missing."""
    return row.cells + tuple(Cell("", row.line) for _ in range(width - len(row.cells)))


def _paragraph(row: Row) -> Paragraph:
    cell = next(cell for cell in row.cells if cell.text.strip())
    return Paragraph(
        row.line, " ".join(part.strip() for part in cell.text.splitlines() if part.strip()), cell.is_struck
    )
