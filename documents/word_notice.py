"""A notice as docx: paragraphs with their automatic numbers, tables with their merged cells."""

from __future__ import annotations

import io
import re
from collections import defaultdict
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any

from programme.notice.page import Block, Cell, Finding, Paragraph, Row, Table

MAX_BLOCKS = 20_000
MAX_COLUMNS = 100
_W = "{http://schemas.openxmlformats.org/wordprocessingml/2006/main}"
_MC = "{http://schemas.openxmlformats.org/markup-compatibility/2006}"
_CHINESE = ("零", "一", "二", "三", "四", "五", "六", "七", "八", "九", "十")
_CONTROL = re.compile(r"[\x00-\x08\x0b\x0c\x0e-\x1f\u200b-\u200f\u202a-\u202e\u2060\ufeff]")


@dataclass
class _Numbering:
    """Counts of the automatic lists: python-docx leaves their numbers out of the text."""

    levels: dict[tuple[str, str], tuple[str, str, int]]
    style_numbers: dict[str, tuple[str, str]]
    counts: dict[str, dict[int, int]] = field(default_factory=lambda: defaultdict(dict))

    def label(self, element: Any) -> str:
        found = self._reference(element)
        if found is None:
            return ""
        number_id, level = found
        if number_id == "0" or (number_id, level) not in self.levels:
            return ""
        form, text, start = self.levels[(number_id, level)]
        if form in ("bullet", "none"):
            return "- " if form == "bullet" else ""
        depth = int(level)
        counts = self.counts[number_id]
        counts[depth] = counts.get(depth, start - 1) + 1
        for deeper in [known for known in counts if known > depth]:
            del counts[deeper]
        shown = re.sub(r"%(\d)", lambda match: self._shown(number_id, int(match[1]) - 1), text)
        return f"{shown} " if shown else ""

    def _shown(self, number_id: str, depth: int) -> str:
        form, _, start = self.levels.get((number_id, str(depth)), ("decimal", "", 1))
        return _spelled(self.counts[number_id].get(depth, start), form)

    def _reference(self, element: Any) -> tuple[str, str] | None:
        numbering = element.find(f"{_W}pPr/{_W}numPr")
        if numbering is not None:
            number_id, level = numbering.find(f"{_W}numId"), numbering.find(f"{_W}ilvl")
            if number_id is not None:
                return number_id.get(f"{_W}val", "0"), (
                    level.get(f"{_W}val", "0") if level is not None else "0"
                )
        style = element.find(f"{_W}pPr/{_W}pStyle")
        return self.style_numbers.get(style.get(f"{_W}val", "")) if style is not None else None


def _spelled(value: int, form: str) -> str:
    if "hinese" in form or "deographDigital" in form:
        if value <= 10:
            return _CHINESE[max(value, 0)]
        tens, ones = divmod(value, 10)
        return f"{_CHINESE[tens] if 1 < tens <= 10 else ''}十{_CHINESE[ones] if ones else ''}"
    if form == "lowerLetter":
        return chr(96 + (value - 1) % 26 + 1)
    if form == "upperLetter":
        return chr(64 + (value - 1) % 26 + 1)
    if form == "decimalEnclosedCircle" and 1 <= value <= 20:
        return chr(0x245F + value)
    return str(value)


def word_blocks(data: bytes) -> tuple[tuple[Block, ...], tuple[Finding, ...]]:
    """Blocks in reading order; a line is the ordinal of a paragraph or of a table row, empty ones counted.

    Raises whatever python-docx raises on a damaged file; the caller translates.
    """
    import docx

    document = docx.Document(io.BytesIO(data))
    numbering = _numbering(document)
    blocks: list[Block] = []
    line = 0
    for element in _elements(document.element.body):
        if line > MAX_BLOCKS:
            break
        if element.tag == f"{_W}p":
            line += 1
            blocks.append(Paragraph(line, numbering.label(element) + _text(element), _is_struck(element)))
            continue
        for table in (element, *_nested(element)):
            rows = list(_rows(table, line))
            line += len(rows)
            if rows:
                blocks.append(Table(tuple(rows)))
    return tuple(blocks), ()


def _nested(table: Any) -> Iterator[Any]:
    """The tables inside the cells of *table*, outer ones first; they are read behind it."""
    return (inner for inner in table.iter(f"{_W}tbl") if inner is not table)


def _elements(parent: Any) -> Iterator[Any]:
    """Paragraphs and tables, content controls opened."""
    for child in parent:
        if child.tag in (f"{_W}p", f"{_W}tbl"):
            yield child
        elif child.tag == f"{_W}sdt":
            content = child.find(f"{_W}sdtContent")
            if content is not None:
                yield from _elements(content)


def _text(element: Any, *, is_in_cell: bool = False) -> str:
    """The text as printed: inserted words are in, deleted ones are out, a text box once."""
    parts: list[str] = []
    for node in element.iter(f"{_W}t", f"{_W}tab", f"{_W}br", f"{_W}cr", f"{_W}noBreakHyphen"):
        if _is_repeated(node, element, is_in_cell=is_in_cell):
            continue
        if node.tag == f"{_W}t":
            parts.append(node.text or "")
        elif node.tag == f"{_W}tab":
            # a tab stop's definition in the paragraph's properties is no tab in its text
            parts.append("" if node.getparent().tag == f"{_W}tabs" else " ")
        elif node.tag == f"{_W}noBreakHyphen":
            parts.append("-")
        else:
            parts.append("\n")
    return _CONTROL.sub("", "".join(parts)).strip()


def _is_repeated(node: Any, paragraph: Any, *, is_in_cell: bool) -> bool:
    """A text box is stored twice (the second time for old programs); in a cell its paragraphs are read by
    themselves."""
    parent = node.getparent()
    while parent is not None and parent is not paragraph:
        if parent.tag == f"{_MC}Fallback" or (is_in_cell and parent.tag == f"{_W}p"):
            return True
        parent = parent.getparent()
    return False


def _is_fallback(paragraph: Any) -> bool:
    return any(parent.tag == f"{_MC}Fallback" for parent in paragraph.iterancestors())


def _is_struck(element: Any) -> bool:
    """Whether all words of a paragraph or cell are struck through."""
    runs = [run for run in element.iter(f"{_W}r") if any((t.text or "").strip() for t in run.iter(f"{_W}t"))]
    return bool(runs) and all(_has_strike(run) for run in runs)


def _has_strike(run: Any) -> bool:
    for name in ("strike", "dstrike"):
        mark = run.find(f"{_W}rPr/{_W}{name}")
        if mark is not None and mark.get(f"{_W}val", "1") not in ("0", "false", "off"):
            return True
    return False


def _rows(table: Any, line: int) -> Iterator[Row]:
    above: dict[int, Cell] = {}
    for offset, row in enumerate(table.iterchildren(f"{_W}tr"), 1):
        cells: list[Cell] = []
        for element in _row_cells(row):
            for cell in _cells(element, line + offset, len(cells), above):
                if len(cells) < MAX_COLUMNS:
                    cells.append(cell)
        for column, cell in enumerate(cells):
            above[column] = cell
        yield Row(line + offset, tuple(cells))


def _row_cells(row: Any) -> Iterator[Any]:
    before = row.find(f"{_W}trPr/{_W}gridBefore")
    for _ in range(min(_number(before), MAX_COLUMNS) if before is not None else 0):
        yield None
    for child in row.iterchildren():
        if child.tag == f"{_W}tc":
            yield child
        elif child.tag == f"{_W}sdt":
            yield from child.iter(f"{_W}tc")


def _cells(element: Any, line: int, column: int, above: dict[int, Cell]) -> Iterator[Cell]:
    """One cell and the places it covers to its right; a continued vertical merge repeats the cell above."""
    if element is None:
        yield Cell("", line)
        return
    span = element.find(f"{_W}tcPr/{_W}gridSpan")
    width = max(1, min(_number(span), MAX_COLUMNS)) if span is not None else 1
    merge = element.find(f"{_W}tcPr/{_W}vMerge")
    continues = merge is not None and merge.get(f"{_W}val", "continue") == "continue"
    text = "\n".join(
        part
        for part in (
            _text(p, is_in_cell=True)
            for p in element.iter(f"{_W}p")
            if not _is_fallback(p) and next(p.iterancestors(f"{_W}tc"), None) is element
        )
        if part
    )
    is_struck = _is_struck(element)
    if continues and not text and column in above:
        text, is_struck = above[column].text, above[column].is_struck
    for index in range(width):
        yield Cell(
            text,
            line,
            columns=width if index == 0 else 1,
            is_covered=continues or index > 0,
            is_struck=is_struck,
        )


def _number(element: Any) -> int:
    text = element.get(f"{_W}val", "1")
    return int(text) if text.isdecimal() and len(text) < 6 else 1


def _numbering(document: Any) -> _Numbering:
    from docx.opc.constants import RELATIONSHIP_TYPE

    levels: dict[tuple[str, str], tuple[str, str, int]] = {}
    root = next(
        (
            rel.target_part.element
            for rel in document.part.rels.values()
            if rel.reltype == RELATIONSHIP_TYPE.NUMBERING and not rel.is_external
        ),
        None,
    )
    if root is not None:
        abstract = {a.get(f"{_W}abstractNumId"): a for a in root.iterchildren(f"{_W}abstractNum")}
        for number in root.iterchildren(f"{_W}num"):
            reference = number.find(f"{_W}abstractNumId")
            base = abstract.get(reference.get(f"{_W}val")) if reference is not None else None
            if base is not None:
                levels.update(_levels(number.get(f"{_W}numId", ""), base))
    styles: dict[str, tuple[str, str]] = {}
    for style in document.styles.element.iterchildren(f"{_W}style"):
        found = style.find(f"{_W}pPr/{_W}numPr/{_W}numId")
        level = style.find(f"{_W}pPr/{_W}numPr/{_W}ilvl")
        if found is not None:
            styles[style.get(f"{_W}styleId", "")] = (
                found.get(f"{_W}val", "0"),
                level.get(f"{_W}val", "0") if level is not None else "0",
            )
    return _Numbering(levels, styles)


def _levels(number_id: str, base: Any) -> dict[tuple[str, str], tuple[str, str, int]]:
    found = {}
    for level in base.iterchildren(f"{_W}lvl"):
        form, text, start = (level.find(f"{_W}{name}") for name in ("numFmt", "lvlText", "start"))
        found[(number_id, level.get(f"{_W}ilvl", "0"))] = (
            form.get(f"{_W}val", "decimal") if form is not None else "decimal",
            text.get(f"{_W}val", "") if text is not None else "",
            _number(start) if start is not None else 1,
        )
    return found
