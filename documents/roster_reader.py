"""Roster files (csv, xlsx) as rows of text with the row numbers that people see."""

from __future__ import annotations

import csv
import io
import re
from collections.abc import Iterable
from pathlib import Path

from documents.container import Unreadable
from documents.xlsx_sheets import MOST_COLUMNS, read_sheets
from programme.roster_titles import TableRow, find_header, is_name_title

MOST_FILE_BYTES = 20 * 1024 * 1024
MOST_ROWS = 60_000
_DELIMITERS = ",;\t，；"
_ENCODINGS = ((b"\xef\xbb\xbf", "utf-8-sig"), (b"\xff\xfe", "utf-16"), (b"\xfe\xff", "utf-16"))
_UNMARKED = ("utf-8", "gb18030", "big5")
_NOT_TEXT = (b"PK\x03\x04", b"\xd0\xcf\x11\xe0", b"%PDF", b"\x7fELF", b"{\\rtf", b"\x1f\x8b")


def read_table(path: Path) -> tuple[TableRow, ...]:
    """The rows of a csv (UTF-8, GBK, Big5, UTF-16; comma, semicolon, tab) or xlsx file.

    Raises Unreadable with a Chinese reason for anything that is not an honest, small table: wrong
    content, too big, encrypted, inflated, formulas instead of values, unbalanced quotes.
    """
    kind = path.suffix.lower()
    if kind not in (".csv", ".tsv", ".txt", ".xlsx"):
        raise Unreadable("只收 .csv 或 .xlsx 文件；旧的 .xls 请另存为 .xlsx")
    try:
        size_bytes = path.stat().st_size
        if not path.is_file():
            raise Unreadable("这不是一个文件，请写文件的路径")
        if size_bytes > MOST_FILE_BYTES:
            raise Unreadable(f"文件超过 {MOST_FILE_BYTES // 1024 // 1024} MB")
        rows = _read_xlsx(path) if kind == ".xlsx" else _read_csv(path.read_bytes())
    except FileNotFoundError:
        raise Unreadable("没有这个文件，请看路径对不对") from None
    except OSError:
        raise Unreadable("读不到这个文件，请看权限") from None
    return rows


def _read_csv(data: bytes) -> tuple[TableRow, ...]:
    text = _decode(data)
    reader = csv.reader(io.StringIO(text, newline=""), delimiter=_delimiter(text), strict=True)
    try:
        return _capped(TableRow(number, tuple(cells)) for number, cells in enumerate(reader, start=1))
    except csv.Error:
        raise Unreadable(f"第 {reader.line_num} 行附近的引号没有成对，或一格太长") from None


def _decode(data: bytes) -> str:
    if data.startswith(_NOT_TEXT):
        raise Unreadable("内容不是表格文本，扩展名和内容不一致")
    encodings = [name for mark, name in _ENCODINGS if data.startswith(mark)]
    if not encodings and b"\0" in data[:200]:
        encodings = ["utf-16-be" if data[::2].count(0) > data[1::2].count(0) else "utf-16-le"]
    texts = [text for encoding in encodings or _UNMARKED if (text := _decoded(data, encoding)) is not None]
    # Nearly any bytes are GBK; a file in Big5 shows itself by its title for names.
    if text := next((text for text in texts if _speaks_of_names(text)), next(iter(texts), "")):
        return text
    if not data:
        return ""
    raise Unreadable("认不出文字编码，请另存为 UTF-8 的 CSV")


def _decoded(data: bytes, encoding: str) -> str | None:
    try:
        text = data.decode(encoding)
    except UnicodeDecodeError:
        return None
    return None if "\0" in text else text


def _speaks_of_names(text: str) -> bool:
    return any(map(_names_somebody, text[:20_000].splitlines()[:20]))


def _names_somebody(line: str) -> bool:
    cells = re.split(f"[{_DELIMITERS}]", line)
    return any(is_name_title(cell.strip(' "\ufeff')) for cell in cells)


def _delimiter(text: str) -> str:
    """What separates the titles: read from the line with 姓名, where no quoted text misleads; without
    one, from the line with the most separators."""
    lines = text.splitlines()[:20]
    named = (line for line in lines if _names_somebody(line))
    title_line = next(named, max(lines, key=_separators_in, default=""))
    return max(_DELIMITERS, key=title_line.count)


def _separators_in(line: str) -> int:
    return max(map(line.count, _DELIMITERS))


def _capped(rows: Iterable[TableRow]) -> tuple[TableRow, ...]:
    """*rows* without those that are blank; Unreadable beyond MOST_ROWS."""
    kept: list[TableRow] = []
    for row in rows:
        if not any(cell and not cell.isspace() for cell in row.cells):
            continue
        if len(row.cells) > MOST_COLUMNS:
            raise Unreadable(f"第 {row.number} 行超过 {MOST_COLUMNS} 列")
        kept.append(row)
        if len(kept) > MOST_ROWS:
            raise Unreadable(f"超过 {MOST_ROWS} 行")
    return tuple(kept)


def _read_xlsx(path: Path) -> tuple[TableRow, ...]:
    """The one visible sheet that looks like a roster; the first one if none does."""
    sheets = read_sheets(path, _capped)
    likely = [title for title, rows in sheets.items() if _has_names(rows)]
    if len(likely) > 1:
        raise Unreadable(f"有 {len(likely)} 张工作表都像名单（{'、'.join(likely)}），请只留一张")
    return sheets[likely[0]] if likely else next(iter(sheets.values()), ())


def _has_names(rows: tuple[TableRow, ...]) -> bool:
    return find_header(rows) is not None
