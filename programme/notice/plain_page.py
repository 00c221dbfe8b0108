"""What chat and mail put around a notice taken off: emoji, quote marks, the heads of a forwarded message."""

from __future__ import annotations

import re
from dataclasses import replace

from programme.notice.marks import fold
from programme.notice.page import Block, Cell, Page, Paragraph, Table

_EMOJI = re.compile(
    "[\U0001f000-\U0001faff\u2600-\u2604\u260e-\u26ff\u2702-\u275f\u2763-\u2775\u2794-\u27bf\u2b50\u2b55]|[\ufe0e\ufe0f\u200d]"
)
_KEYCAP = re.compile("(\\d{1,2})\ufe0f?\u20e3")
_QUOTE = re.compile(r"^\s*(?:[>＞|│]\s*)+")
_HEAD = r"\s*(?P<name>发件人|发送时间|发送日期|收件人|抄送|主题|日期|from|to|cc|sent|date|subject)\s*:\s*(?P<value>.*)"
# 各位同学：本学期… : whom a sentence greets is no speaker.
_SALUTE = re.compile(
    r"\s*(?:亲爱的|尊敬的)?(?:各位|全体)(?:老师|同学|同仁|同事|学员|成员|师生|家长)(?:们)?(?:、?(?:各位)?(?:老师|同学)们?)?\s*[:：,，!！]"
)
_RULED = r"\s*[-—_=]{3,}\s*(?:原始邮件|转发(?:的)?邮件|original message|forwarded message)?\s*[-—_=]{3,}\s*"


def plain_page(page: Page) -> Page:
    """*page* as it was before it was pasted into a chat or forwarded; the same object when nothing is to do."""
    paragraphs = [block for block in page.blocks if isinstance(block, Paragraph)]
    heads = _mail_heads(paragraphs)
    blocks = tuple(_plain(block, heads) for block in page.blocks)
    return page if blocks == page.blocks else Page(page.name, blocks, page.findings)


def _mail_heads(paragraphs: list[Paragraph]) -> frozenset[int]:
    """The lines of a forwarded message's head: at least a sender and one more, close together."""
    found: dict[int, str] = {}
    if not any("发件人" in paragraph.text or "rom" in paragraph.text for paragraph in paragraphs):
        return frozenset()
    for paragraph in paragraphs:
        head = re.match(_HEAD, _QUOTE.sub("", fold(paragraph.text)), re.IGNORECASE)
        if head is not None:
            found[paragraph.line] = head["name"].lower()
    senders = [line for line, name in found.items() if name in ("发件人", "from")]
    near = {line for line in found for sender in senders if abs(line - sender) <= 6}
    return frozenset(near) if len(near) > 1 else frozenset()


def _plain(block: Block, heads: frozenset[int]) -> Block:
    if isinstance(block, Table):
        rows = tuple(replace(row, cells=tuple(_plain_cell(cell) for cell in row.cells)) for row in block.rows)
        return replace(block, rows=rows)
    text = _QUOTE.sub("", _without_emoji(block.text))
    if block.line in heads:
        head = re.match(_HEAD, fold(text), re.IGNORECASE)
        about = head is not None and head["name"].lower() in ("主题", "subject")
        text = text[head.start("value") :] if head is not None and about else ""
    elif text[:1] in ("-", "—", "_", "=") and re.fullmatch(_RULED, text, re.IGNORECASE):
        text = ""
    salute = _SALUTE.match(text)
    if salute is not None and text[salute.end() :].strip():
        text = text[salute.end() :].lstrip()
    return block if text == block.text else replace(block, text=text)


def _plain_cell(cell: Cell) -> Cell:
    text = _without_emoji(cell.text)
    return cell if text == cell.text else replace(cell, text=text)


def _without_emoji(text: str) -> str:
    if text.isascii() or (_EMOJI.search(text) is None and _KEYCAP.search(text) is None):
        return text
    text = _EMOJI.sub(" ", _KEYCAP.sub(r"\1、", text))
    return re.sub(r"(?<=[^\t ]) {2,}(?=[^ ])", " ", text).strip(" ")
