"""The notice's frame: its title and other names, preamble, and section headings."""

from __future__ import annotations

import re
from dataclasses import dataclass

from programme.notice.dates import scan_dates
from programme.notice.marks import fold
from programme.notice.page import Page, Paragraph, Table
from programme.notice.times import scan_times

_TITLE_WORDS = re.compile(
    r"安排|通知|计划|日程|方案|系列|课表|讲座|论坛|训练营|夏令营|活动|培训|学习|研讨|报告会|读书会|时间表|议程|公告|预告|沙龙|组会|例会"
    r"|(?i:seminar|schedule|workshop|reading group|notice|programme?|lectures?|course)"
)
_SALUTATION = re.compile(r"^(?:各位|各|亲爱的|尊敬的|老师们|同学们|全体).{0,24}[:,，！!]?$")
_SYMBOL = re.compile(r"^\s*[★☆■□◆◇●▲◎※#【]")
_ORDINAL = re.compile(
    r"^\s*(?:[一二三四五六七八九十]{1,3}\s*[、.．]|[（(][一二三四五六七八九十]{1,3}[)）]|第[一二三四五六七八九十]+(?:部分|章|节))"
)
_NAMED = re.compile(
    r"将\s*([^，,。;；：:《》]{2,24}?(?:安排|计划|日程|通知|活动|方案))\s*(?:如下|通知如下|公布如下)"
)
_BOOK = re.compile(r"《([^《》]{0,16}(?:安排表?|计划表?|日程表?|课表|时间表|学习表))》")
_OFFICE_MARKS = re.compile(
    r"^(?:\s*(?:转发|回复|答复|群?公告|重要通知|(?i:fwd?|re))\s*[:：])+|^[\s★☆■□◆◇●▲※#*【,]+|[】*#\s,，]+$"
)


@dataclass(frozen=True)
class Outline:
    """*name_lines*: every line that names the programme, for title_varies."""

    title: str | None
    title_line: int | None
    aliases: tuple[str, ...]
    preamble: str | None
    preamble_line: int | None
    sections: tuple[tuple[str, int], ...]
    name_lines: tuple[int, ...]


def read_outline(page: Page) -> Outline:
    paragraphs = [p for p in page.paragraphs() if p.text.strip()]
    titled = _title(page, paragraphs)
    title = titled[0] if titled else None
    line = titled[1] if titled else None
    aliases = _aliases(title, line, paragraphs)
    preamble = _preamble(paragraphs, line)
    sections = tuple(
        (p.text.strip(), p.line)
        for p in paragraphs
        if p.line != line and _is_section(p, {name for name, _ in aliases})
    )
    booked = [p.line for p in paragraphs if _BOOK.search(p.text) and p.line != line]
    lines = sorted({n for n in [line, *(at for _, at in aliases), *booked] if n is not None})
    return Outline(
        title,
        line,
        tuple(dict.fromkeys(name for name, _ in aliases)),
        preamble.text.strip() if preamble else None,
        preamble.line if preamble else None,
        sections,
        tuple(lines),
    )


def section_of(outline: Outline, line: int) -> str | None:
    """The heading above *line*."""
    above = [text for text, at in outline.sections if at < line]
    return above[-1] if above else None


def _title(page: Page, paragraphs: list[Paragraph]) -> tuple[str, int] | None:
    first_table = next((block for block in page.blocks if isinstance(block, Table)), None)
    first_row = first_table.rows[0] if first_table is not None and first_table.rows else None
    candidates = [(p.text.strip(), p.line) for p in paragraphs[:8]]
    if first_row is not None:
        texts = {cell.text.strip() for cell in first_row.cells if cell.text.strip()}
        if len(texts) == 1:
            candidates.append((texts.pop(), first_row.line))
            candidates.sort(key=lambda item: item[1])
    usable = [
        (_OFFICE_MARKS.sub("", text), line)
        for text, line in candidates
        if _may_be_title(_OFFICE_MARKS.sub("", text))
    ]
    return next(
        (item for item in usable if _TITLE_WORDS.search(item[0])),
        usable[0] if usable and usable[0][1] == candidates[0][1] else None,
    )


def _may_be_title(text: str) -> bool:
    folded = fold(text)
    if not 2 <= len(text) <= 50 or _SALUTATION.match(folded) or _ORDINAL.match(text):
        return False
    folded = re.sub(
        r",\s*(?=(?:spring|summer|fall|autumn|winter)\b|20\d\d)", " ", folded, flags=re.IGNORECASE
    )
    if text.isascii():
        folded = folded.replace(",", " ")
    if re.search(r"[。;,]|:$|^\(?\d{1,2}[.、)]", folded) or scan_times(folded):
        return False
    if re.match(r"[\w一-鿿]{1,8}:", folded) and not re.match(r"(?:关于|通知)", folded):
        return False
    dates = scan_dates(folded)
    return not (dates and dates[0].start == 0 and len(folded) - dates[0].end < 4)


def _aliases(title: str | None, title_line: int | None, paragraphs: list[Paragraph]) -> list[tuple[str, int]]:
    """Other names of the programme: 将…如下, and short lines that end as the title does and share its words."""
    if title is None:
        return []
    found: list[tuple[str, int]] = []
    for paragraph in paragraphs:
        text = paragraph.text.strip()
        if paragraph.line == title_line:
            continue
        names = [match[1].strip() for match in _NAMED.finditer(text)]
        if len(text) <= 30 and not re.search(r"[。；;，,：:]", text) and _resembles(text, title):
            names.append(_OFFICE_MARKS.sub("", text))
        found.extend((name, paragraph.line) for name in names if name != title and _resembles(name, title))
    return found


def _resembles(text: str, title: str) -> bool:
    shared = sum(1 for mark in set(text) if mark in title)
    return text[-2:] == title[-2:] and shared * 10 >= len(set(text)) * 7 and len(text) >= 4


def _preamble(paragraphs: list[Paragraph], title_line: int | None) -> Paragraph | None:
    for paragraph in paragraphs[:8]:
        text = paragraph.text.strip()
        if paragraph.line == title_line or _SALUTATION.match(fold(text)) or len(text) < 15:
            continue
        if _ORDINAL.match(text) or _SYMBOL.match(text):
            return None
        return paragraph if re.search(r"如下|通知|安排|为|现|将", text) else None
    return None


def _is_section(paragraph: Paragraph, aliases: set[str]) -> bool:
    text = paragraph.text.strip()
    if len(text) > 30 or re.search(r"[。；;，,]", text):
        return False
    if text in aliases or _SYMBOL.match(text):
        return True
    if _ORDINAL.match(text):
        return not scan_times(fold(text)) and not re.search(r"[：:].", text)
    return text.endswith(("：", ":")) and not _SALUTATION.match(fold(text))
