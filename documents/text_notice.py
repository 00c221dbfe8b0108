"""A notice as plain text: its encoding, its lines, and the tables that tabs, bars or wide gaps draw."""

from __future__ import annotations

import csv
import re
from collections.abc import Iterable

from programme.notice.columns import role_of
from programme.notice.marks import fold, weekday_alone
from programme.notice.page import Block, Cell, Finding, Paragraph, Row, Table

MAX_TEXT_BYTES = 2 * 1024 * 1024
MAX_TEXT_CHARS = 80_000
_CONTROL = re.compile(r"[\x00-\x08\x0b\x0c\x0e-\x1f\x7f\u200b-\u200f\u202a-\u202e\u2060\ufeff]")
_TAG = re.compile(
    r"</?(?:p|br|div|span|table|tbody|thead|tr|td|th|li|ul|ol|b|i|u|strong|em|h[1-6]|a|font|img|html|body|head|meta|style|script|section|o:p)\b[^<>]{0,300}>",
    re.IGNORECASE,
)
_SCRIPT = re.compile(r"<(script|style)\b.{0,20000}?</\1>", re.IGNORECASE | re.DOTALL)
_BAR_RULE = re.compile(r"[\s|｜:+\-—─━┼]*")
_ENTITIES = {
    "&nbsp;": " ",
    "&amp;": "&",
    "&lt;": "<",
    "&gt;": ">",
    "&quot;": '"',
    "&ldquo;": "“",
    "&rdquo;": "”",
}
Decoded = tuple[str, tuple[Finding, ...]]


class NotText(ValueError):
    """The bytes are no text; args[0] is the Chinese reason."""


def decode(data: bytes) -> Decoded:
    """*data* as text with what was odd about its encoding. Nothing is replaced in silence.

    Raises NotText.
    """
    for mark, encoding in ((b"\xef\xbb\xbf", "utf-8-sig"), (b"\xff\xfe", "utf-16"), (b"\xfe\xff", "utf-16")):
        if data.startswith(mark):
            return _strictly(data, encoding)
    guessed = _utf16_without_mark(data)
    if guessed is not None and _decodes(data, guessed):
        return data.decode(guessed), ()
    if b"\x00" in data:
        raise NotText("不是文本文件")
    try:
        return data.decode("utf-8"), ()
    except UnicodeDecodeError:
        return _by_line(data)


def _strictly(data: bytes, encoding: str) -> Decoded:
    try:
        return data.decode(encoding), ()
    except UnicodeDecodeError as error:
        if encoding == "utf-8-sig":
            return _by_line(data[3:])
        raise NotText("文件的编码损坏，读不出来") from error


def _utf16_without_mark(data: bytes) -> str | None:
    """UTF-16 without a mark shows as zero bytes on one side only (line breaks, digits, blanks)."""
    sample = data[:4000]
    if len(data) < 4 or len(data) % 2 or b"\x00" not in sample:
        return None
    even, odd = sample[0::2].count(0), sample[1::2].count(0)
    if odd and not even:
        return "utf-16-le"
    return "utf-16-be" if even and not odd else None


def _by_line(data: bytes) -> Decoded:
    """Not all UTF-8: GBK as a whole, or line by line when some lines are UTF-8 and others GBK."""
    lines = data.split(b"\n")
    is_utf8 = [_decodes(line, "utf-8") for line in lines]
    has_utf8 = any(ok and not line.isascii() for ok, line in zip(is_utf8, lines, strict=True))
    if not has_utf8:
        try:
            text = data.decode("gb18030")
        except UnicodeDecodeError:
            pass
        else:
            if _looks_like_text(text):
                return text, ()
            raise NotText("不是文本文件，或编码不认识（支持 UTF-8、GBK、UTF-16）")
    return _mixed(lines, is_utf8)


def _mixed(lines: list[bytes], is_utf8: list[bool]) -> Decoded:
    texts: list[str] = []
    other: list[int] = []
    broken: list[int] = []
    for number, (line, ok) in enumerate(zip(lines, is_utf8, strict=True), 1):
        if ok:
            texts.append(line.decode("utf-8"))
        elif _decodes(line, "gb18030"):
            texts.append(line.decode("gb18030"))
            other.append(number)
        else:
            texts.append(line.decode("utf-8", "replace"))
            broken.append(number)
    if len(broken) * 4 > len(lines) or not _looks_like_text("\n".join(texts)):
        raise NotText("不是文本文件，或编码不认识（支持 UTF-8、GBK、UTF-16）")
    found = []
    if other:
        found.append(
            Finding(
                "mixed_encoding",
                tuple(other),
                f"第{_spoken(other)}行是GBK，其余是UTF-8，已分别读出，请核对这些行",
                "kept",
            )
        )
    if broken:
        found.append(
            Finding(
                "mixed_encoding",
                tuple(broken),
                f"第{_spoken(broken)}行有读不出的字节，请核对后重新保存为UTF-8",
                "asked",
            )
        )
    return "\n".join(texts), tuple(found)


def _spoken(lines: list[int]) -> str:
    return "、".join(map(str, lines[:10])) + ("等" if len(lines) > 10 else "")


def _decodes(line: bytes, encoding: str) -> bool:
    try:
        line.decode(encoding)
    except UnicodeDecodeError:
        return False
    return True


def _looks_like_text(text: str) -> bool:
    """Few control characters and private marks, and among other letters mostly common Chinese."""
    sample = text[:20_000]
    odd = sum(
        1
        for mark in sample
        if (ord(mark) < 32 and mark not in "\t\r\n\f\v")
        or 0xE000 <= ord(mark) <= 0xF8FF
        or ord(mark) >= 0x20000
    )
    letters = [mark for mark in sample if ord(mark) > 0x2FFF]
    common = sum(
        1
        for mark in letters
        if 0x4E00 <= ord(mark) <= 0x9FFF or 0x3000 <= ord(mark) <= 0x303F or 0xFF00 <= ord(mark) <= 0xFFEF
    )
    others = sum(
        1
        for mark in sample
        if 0x80 <= ord(mark) <= 0x2FFF and mark not in "·—–‘’“”…′″℃×÷±①②③④⑤⑥⑦⑧⑨⑩★☆●○◆◇■□▲△※→│─"
    )
    if odd * 50 > len(sample):
        return False
    return common + 20 >= (len(letters) - common) * 3 and others <= len(letters) + 50


def text_blocks(text: str) -> tuple[tuple[Block, ...], tuple[Finding, ...]]:
    """Paragraphs and tables of *text*, by its own lines; pasted HTML becomes plain text and is told."""
    text = text.replace("\r\n", "\n").replace("\r", "\n")
    lines = [_CONTROL.sub("", line) for line in text.split("\n")]
    lines, findings = _without_markup(lines)
    blocks: list[Block] = []
    index = 0
    while index < len(lines):
        end, rows = _table_at(lines, index)
        if rows:
            blocks.append(Table(tuple(rows)))
            index = end
            continue
        blocks.append(Paragraph(index + 1, lines[index].strip("\t ")))
        index += 1
    return tuple(blocks), findings


def plain(text: str) -> tuple[str, bool]:
    """*text* without HTML tags, and whether there were any."""
    if "<" not in text or not _TAG.search(text):
        return text, False
    bare = _TAG.sub("", re.sub(r"<br\s*/?>|</p>", " ", text, flags=re.IGNORECASE))
    for entity, mark in _ENTITIES.items():
        bare = bare.replace(entity, mark)
    return bare, True


def _without_markup(lines: list[str]) -> tuple[list[str], tuple[Finding, ...]]:
    marked = [number for number, line in enumerate(lines, 1) if "<" in line and _TAG.search(line)]
    if not marked:
        return lines, ()
    whole = _SCRIPT.sub(lambda match: "\n" * match[0].count("\n"), "\n".join(lines))
    whole = re.sub(r"<tr\b[^<>]*>.{0,20000}?</tr>", _html_row, whole, flags=re.IGNORECASE | re.DOTALL)
    bare = [plain(line)[0] for line in whole.split("\n")]
    what = f"第{_spoken(marked)}行夹有网页标记，已去掉标记只留文字，请核对"
    return bare, (Finding("html_markup", tuple(marked), what, "fixed"),)


def _html_row(match: re.Match[str]) -> str:
    """One <tr> as one tabbed line; its further lines stay, empty, so that line numbers hold."""
    cells = re.findall(r"<t[dh]\b[^<>]*>(.*?)</t[dh]>", match[0], re.IGNORECASE | re.DOTALL)
    row = "\t".join(re.sub(r"\s*\n\s*", " ", plain(cell)[0]).strip() for cell in cells)
    return row + "\n" * match[0].count("\n")


def _table_at(lines: list[str], index: int) -> tuple[int, list[Row]]:
    for split in (_tabbed, _barred, _spaced, _comma):
        rows: list[Row] = []
        position, end = index, index
        while position < len(lines):
            line = lines[position]
            if not line.strip():
                position += 1
                if position - end > 2:
                    break
                continue
            if split is _barred and rows and _BAR_RULE.fullmatch(line):
                position += 1
                end = position
                continue
            cells = split(line, bool(rows))
            if cells is None:
                break
            rows.append(Row(position + 1, tuple(Cell(text.strip(), position + 1) for text in cells)))
            position += 1
            end = position
        if len(rows) >= 2:
            return end, rows
    return index, []


def _tabbed(line: str, is_inside: bool) -> list[str] | None:
    stripped = line.strip(" \n") if is_inside else line.strip("\t \n")
    return stripped.split("\t") if "\t" in stripped else None


def _barred(line: str, is_inside: bool) -> list[str] | None:
    text = line.strip().replace("｜", "|")
    if text.count("|") < 2 and not (is_inside and "|" in text):
        return None
    if _BAR_RULE.fullmatch(text):
        return None
    return text.removeprefix("|").removesuffix("|").split("|")


def _spaced(line: str, is_inside: bool) -> list[str] | None:
    cells = [cell for cell in re.split(r"[ \u3000]{2,}|\u3000", line.strip(" \u3000")) if cell]
    if len(cells) < 2:
        return None
    return cells if is_inside or _is_header(cells) else None


def _comma(line: str, is_inside: bool) -> list[str] | None:
    mark = "," if line.count(",") >= line.count("，") else "，"
    if mark not in line:
        return None
    try:
        cells = next(csv.reader([line], delimiter=mark))
    except (csv.Error, StopIteration):
        return None
    if len(cells) < 3:
        return None
    return cells if is_inside or _is_header(cells, least=3) else None


def _is_header(cells: Iterable[str], *, least: int = 2) -> bool:
    """A line of wide gaps or commas is a table only under a header that names weekdays or columns."""
    texts = [fold(cell).strip() for cell in cells]
    days = sum(weekday_alone(text) is not None and len(text) >= 2 for text in texts)
    labels = sum(role_of(text) is not None for text in texts)
    return days >= max(2, len(texts) - 1) or (labels >= least and labels == len(texts))
