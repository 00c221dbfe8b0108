"""A notice as ordered blocks of text, whatever file it came from; every piece knows its line."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, datetime, time
from typing import Literal

Done = Literal["fixed", "kept", "asked", "refused"]
CellValue = date | datetime | time | float | bool | None


@dataclass(frozen=True)
class Finding:
    """Something the import tells: an anomaly code, where it stands, what it is (Chinese), what was done."""

    code: str
    lines: tuple[int, ...]
    what: str
    done: Done
    cell: str | None = None


@dataclass(frozen=True)
class Cell:
    """One cell. *name* is its sheet address (xlsx) or None; *value* what a spreadsheet stores when
    it is no text; *columns* and *rows* how many it spans; a covered place of a merged cell repeats
    its text with *is_covered* set; *is_unread* is a formula without a stored result."""

    text: str
    line: int
    name: str | None = None
    value: CellValue = None
    columns: int = 1
    rows: int = 1
    is_covered: bool = False
    is_struck: bool = False
    is_unread: bool = False


@dataclass(frozen=True)
class Row:
    line: int
    cells: tuple[Cell, ...]

    @property
    def text(self) -> str:
        """The row as one line, cells parted by tabs, as a txt notice prints it."""
        return "\t".join(cell.text.replace("\n", " ") for cell in self.cells)


@dataclass(frozen=True)
class Paragraph:
    line: int
    text: str
    is_struck: bool = False


@dataclass(frozen=True)
class Table:
    rows: tuple[Row, ...]


Block = Paragraph | Table


@dataclass(frozen=True)
class Page:
    """The whole file: *name* as the operator typed it, *findings* what the reader itself saw."""

    name: str
    blocks: tuple[Block, ...]
    findings: tuple[Finding, ...] = ()

    def paragraphs(self) -> Iterator[Paragraph]:
        for block in self.blocks:
            if isinstance(block, Paragraph):
                yield block

    def tables(self) -> Iterator[Table]:
        for block in self.blocks:
            if isinstance(block, Table):
                yield block

    def lines(self) -> dict[int, str]:
        """Text by line number, for quoting (依据)."""
        quoted: dict[int, str] = {}
        for block in self.blocks:
            if isinstance(block, Paragraph):
                quoted[block.line] = block.text
                continue
            for row in block.rows:
                quoted[row.line] = row.text
        return quoted
