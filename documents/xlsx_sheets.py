"""The visible sheets of an xlsx file as rows of text, read in one pass with expat.

openpyxl builds an object a cell and needs 6 s of CPU for 50,000 people; this needs one. It reads
what a person sees: text, numbers as they were typed, cells merged downwards.
"""

from __future__ import annotations

import io
import re
import zipfile
import zlib
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from functools import lru_cache
from pathlib import Path, PurePosixPath
from typing import IO
from xml.parsers import expat

from documents.container import DAMAGED, STRANGE, Limits, Unreadable, examine
from programme.roster_titles import SPOILED, TableRow

MOST_COLUMNS = 60
EXACT_DIGITS = 15
CHUNK_BYTES = 256 * 1024
# 60,000 people with a dozen columns; a notice is far smaller.
ROSTER_LIMITS = Limits(file_bytes=20 << 20, part_bytes=64 << 20, total_bytes=96 << 20, tags=6_000_000)

# The same form as the container check looks for, so its limit on merged cells holds here.
_MERGED = re.compile(rb'<(?:\w+:)?mergeCell\s+ref="([A-Z]{1,3})(\d{1,7}):[A-Z]{1,3}(\d{1,7})"[^>]*>')
_OLD_OR_LOCKED = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1"
_PREFIXED = re.compile(rb"<\w+:(?:worksheet|sst|workbook|styleSheet|Relationships)\b")
_ESCAPE = re.compile(r"_x([0-9A-Fa-f]{4})_")

Attributes = Mapping[str, str]
Rows = tuple[TableRow, ...]


def read_sheets(path: Path, keep: Callable[[Iterable[TableRow]], Rows]) -> dict[str, Rows]:
    """Title → rows of each visible worksheet in its order; *keep* takes what it wants of the rows.

    A formula, an error value or a number that lost digits becomes a SPOILED cell with its reason: where
    nobody reads it, it harms nobody. Raises Unreadable: not a sound xlsx file, too many merged cells or
    columns.
    """
    data = path.read_bytes()
    if data.startswith(_OLD_OR_LOCKED):
        raise Unreadable("文件加了密码，或是旧的 .xls 格式；请去掉密码，另存为 .xlsx")
    if not data:
        raise Unreadable("文件是空的，请看是不是选错了文件")
    if not data.startswith(b"PK"):
        raise Unreadable("扩展名是 .xlsx，内容却不是；请另存为 .xlsx，是文本就把扩展名改成 .csv")
    if examine(data, ROSTER_LIMITS).kind != "xlsx":
        raise Unreadable("扩展名和内容不一致")
    try:
        with zipfile.ZipFile(io.BytesIO(data)) as book:
            texts, widths = _shared_texts(book), _zero_widths(book)
            return {title: keep(_rows(book, part, texts, widths)) for title, part in _visible_sheets(book)}
    except (zipfile.BadZipFile, zlib.error, expat.ExpatError, KeyError, ValueError, IndexError, EOFError):
        raise Unreadable(DAMAGED) from None


def _parse(
    source: IO[bytes],
    start: Callable[[str, Attributes], None],
    end: Callable[[str], None] = lambda _: None,
    text: Callable[[str], None] = lambda _: None,
) -> Iterator[None]:
    """Feed *source* to the handlers, one step a chunk; element names come without their prefix."""
    parser = expat.ParserCreate()
    parser.buffer_text = True
    parser.CharacterDataHandler = text
    parser.StartDoctypeDeclHandler = _refuse
    chunk = source.read(CHUNK_BYTES)
    if _PREFIXED.search(chunk[:2000]):
        start, end = _without_prefix(start), _without_prefix(end)
    parser.StartElementHandler = start
    parser.EndElementHandler = end
    while chunk:
        parser.Parse(chunk)
        yield
        chunk = source.read(CHUNK_BYTES)
    parser.Parse(b"", True)
    yield


def _without_prefix(handler: Callable[..., None]) -> Callable[..., None]:
    return lambda tag, *rest: handler(tag.rpartition(":")[2], *rest)


def _refuse(*_: object) -> None:
    raise Unreadable(STRANGE)  # a document type is there to expand or to fetch something


def _elements(book: zipfile.ZipFile, part: str) -> list[tuple[str, Attributes]]:
    """Every element of a small part; none when the part is absent."""
    found: list[tuple[str, Attributes]] = []
    if part in book.namelist():
        with book.open(part) as source:
            for _ in _parse(source, lambda tag, attributes: found.append((tag, attributes))):
                pass
    return found


def _visible_sheets(book: zipfile.ZipFile) -> Iterator[tuple[str, str]]:
    """(title, part) of the worksheets that a person sees."""
    targets = {
        attributes["Id"]: attributes["Target"]
        for tag, attributes in _elements(book, "xl/_rels/workbook.xml.rels")
        if tag == "Relationship" and attributes.get("Type", "").endswith("/worksheet")
    }
    for tag, attributes in _elements(book, "xl/workbook.xml"):
        if tag != "sheet" or attributes.get("state", "visible") != "visible":
            continue
        if target := targets.get(_prefixed_id(attributes)):
            yield attributes["name"], str(PurePosixPath("/xl", target)).lstrip("/")


def _prefixed_id(attributes: Attributes) -> str:
    return next((value for key, value in attributes.items() if key.endswith(":id")), "")


@dataclass
class _Texts:
    """Handlers for the shared texts; the reading aids (rPh) beside Chinese or Japanese are left out."""

    found: list[str] = field(default_factory=list)
    parts: list[str] = field(default_factory=list)
    is_text: bool = False
    aids: int = 0

    def start(self, tag: str, _: Attributes) -> None:
        if tag == "si":
            self.parts.clear()
        self.aids += tag == "rPh"
        self.is_text = tag == "t" and not self.aids

    def end(self, tag: str) -> None:
        self.is_text = False
        self.aids -= tag == "rPh"
        if tag == "si":
            self.found.append(_plain("".join(self.parts)))

    def text(self, data: str) -> None:
        if self.is_text:
            self.parts.append(data)


def _shared_texts(book: zipfile.ZipFile) -> list[str]:
    part = "xl/sharedStrings.xml"
    texts = _Texts()
    if part in book.namelist():
        with book.open(part) as source:
            for _ in _parse(source, texts.start, texts.end, texts.text):
                pass
    return texts.found


def _plain(text: str) -> str:
    return _ESCAPE.sub(lambda code: chr(int(code[1], 16)), text) if "_x" in text else text


def _zero_widths(book: zipfile.ZipFile) -> dict[str, int]:
    """Style → the number of digits it shows at least (format 00000000): leading zeros are meant."""
    elements = _elements(book, "xl/styles.xml")
    widths = {
        attributes["numFmtId"]: len(attributes["formatCode"])
        for tag, attributes in elements
        if tag == "numFmt" and set(attributes.get("formatCode", "")) == {"0"}
    }
    tags = [tag for tag, _ in elements]
    first = tags.index("cellXfs") if "cellXfs" in tags else len(tags)
    styles = [attributes.get("numFmtId", "") for tag, attributes in elements[first:] if tag == "xf"]
    return {str(style): widths[form] for style, form in enumerate(styles) if form in widths}


@dataclass
class _Cells:
    """Handlers for a worksheet; complete rows wait in *rows* until they are taken."""

    texts: list[str]
    widths: Mapping[str, int]
    rows: list[tuple[int, dict[int, str]]] = field(default_factory=list)
    row: int = 0
    column: int = -1
    cells: dict[int, str] = field(default_factory=dict)
    kind: str = ""
    style: str = ""
    parts: list[str] = field(default_factory=list)
    is_value: bool = False
    is_formula: bool = False
    aids: int = 0

    def start(self, tag: str, attributes: Attributes) -> None:
        if tag == "c":
            self._start_cell(attributes)
        elif tag in ("v", "t"):
            self.is_value = not self.aids
        elif tag == "row":
            self.row = int(attributes.get("r", self.row + 1))
            self.column, self.cells = -1, {}
        elif tag == "f":
            self.is_formula = True
        elif tag == "rPh":
            self.aids += 1

    def _start_cell(self, attributes: Attributes) -> None:
        letters = attributes.get("r", "").rstrip("0123456789")
        self.column = _column(letters) if letters else self.column + 1
        if self.column >= MOST_COLUMNS * 10:
            raise Unreadable(f"第 {self.row} 行的列太多")
        self.kind, self.style = attributes.get("t", "n"), attributes.get("s", "")
        self.parts = []
        self.is_formula = False

    def end(self, tag: str) -> None:
        if tag in ("v", "t"):
            self.is_value = False
        elif tag == "c" and self.is_formula:
            self.cells[self.column] = SPOILED + "是公式，请改成写好的文字"
        elif tag == "c" and self.parts:
            self.cells[self.column] = self._value("".join(self.parts))
        elif tag == "row":
            self.rows.append((self.row, self.cells))
        elif tag == "rPh":
            self.aids -= 1

    def text(self, data: str) -> None:
        if self.is_value:
            self.parts.append(data)

    def _value(self, raw: str) -> str:
        if self.kind == "s":
            return self.texts[int(raw)]
        if self.kind in ("inlineStr", "str", "d"):
            return _plain(raw)
        if self.kind == "b":
            return "TRUE" if raw == "1" else "FALSE"
        if self.kind == "e":
            return f"{SPOILED}是错误值 {raw[:10]}，请改成写好的文字"
        return self._number(raw)

    def _number(self, raw: str) -> str:
        if not raw.isdigit():
            value = float(raw)
            raw = str(int(value)) if value.is_integer() else repr(value)
        if len(raw.lstrip("-")) > EXACT_DIGITS and raw.lstrip("-").isdigit():
            return f"{SPOILED}数字超过 {EXACT_DIGITS} 位，表格软件已改掉末尾几位；请把这一列设为文本后重填"
        return raw.zfill(self.widths.get(self.style, 0))


def _rows(
    book: zipfile.ZipFile, part: str, texts: list[str], widths: Mapping[str, int]
) -> Iterator[TableRow]:
    covered = _covered_from_above(book, part)
    cells = _Cells(texts, widths)
    above: dict[int, str] = {}
    above_row = 0
    with book.open(part) as source:
        for _ in _parse(source, cells.start, cells.end, cells.text):
            for number, row in cells.rows:
                for column in covered.get(number, ()):
                    if number == above_row + 1 and column in above:
                        row.setdefault(column, above[column])
                above, above_row = row, number
                yield TableRow(number, _in_order(row))
            cells.rows.clear()


def _in_order(row: Mapping[int, str]) -> tuple[str, ...]:
    return tuple(row.get(column, "") for column in range(max(row, default=-1) + 1))


def _covered_from_above(book: zipfile.ZipFile, part: str) -> dict[int, list[int]]:
    """Row → the columns (from 0) that a merged cell of an earlier row covers."""
    covered: dict[int, list[int]] = {}
    with book.open(part) as source:
        kept = b""
        while chunk := source.read(CHUNK_BYTES):
            kept += chunk
            for place in _MERGED.finditer(kept):
                for row in range(int(place[2]) + 1, int(place[3]) + 1):
                    covered.setdefault(row, []).append(_column(place[1].decode()))
            kept = kept[kept.rfind(b"<") :]  # an element cut in two waits for its rest
    return covered


@lru_cache(1024)
def _column(letters: str) -> int:
    """A → 0, Z → 25, AA → 26."""
    number = 0
    for letter in letters:
        number = number * 26 + ord(letter) - ord("A") + 1
    return number - 1
