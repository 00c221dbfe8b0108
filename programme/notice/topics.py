"""The directions to choose from: numbered headings, their notes and their paragraphs."""

from __future__ import annotations

import itertools
import re
from dataclasses import dataclass, replace

from programme.notice.event_items import as_items
from programme.notice.marks import fold, number, strip_marks
from programme.notice.outline import Outline
from programme.notice.page import Finding, Page, Paragraph, Row, Table
from programme.programme import Topic

_SECTION = re.compile(
    r"选题|课题(?!组)|研究方向|参考题目|题目(?:列表|范围|推荐|一览)|备选|方向(?:列表|推荐|一览|如下|范围)|可选方向|推荐方向|题库|选做"
)
_HEADING = re.compile(
    r"^\s*(?:[-•·*●▪]\s*)?(?:(?:选题|方向|课题|题目|专题)\s*(?P<w>\d{1,3}|[一二三四五六七八九十]{1,3})\s*[:、.．)]?|(?P<s>\d{1,2}(?:\.\d{1,2}){1,2})(?=\s*[^\d\s.月日%])|(?P<n>\d{1,3})\s*[.、)](?!\d)|\((?P<p>\d{1,3}|[一二三四五六七八九十]{1,3})\)|(?P<c>[一二三四五六七八九十]{1,3})\s*[、.]|(?P<k>[①-⑳]))\s*(?P<t>\S.*)$"
)
_NOTE = re.compile(r"\s*//\s*(.+?)\s*$")
_NEXT_SECTION = re.compile(r"^\s*[★☆■□◆◇※【]")
_ROLE_TITLE = re.compile(r"(?:选题|课题|研究|参考)?(?:题目|方向|名称|标题)|选题|课题")
_ROLE_NUMBER = re.compile(r"序号|编号|号|No\.?", re.IGNORECASE)
_ROLE_BODY = re.compile(r"(?:主要|研究)?内容|简介|说明|描述|要求")


@dataclass(frozen=True)
class TopicReading:
    topics: tuple[Topic, ...]
    preamble: tuple[str, int] | None
    findings: tuple[Finding, ...]
    lines: frozenset[int]
    heading: tuple[str, int] | None
    last_line: int | None


def read_topics(page: Page, outline: Outline) -> TopicReading:
    """Topics of the section that announces them; every paragraph below a heading is its body."""
    table = _table_topics(page)
    paragraphs = [p for p in page.paragraphs() if p.text.strip()]
    start = _section_start(outline, paragraphs)
    if start is None:
        table = table or _inline_topics(paragraphs)
    if start is None:
        return table or TopicReading((), None, (), frozenset(), None, None)
    heading, scope = start
    topics: list[Topic] = []
    preamble: list[Paragraph] = []
    style: str | None = None
    taken: set[int] = set()
    for paragraph in scope:
        match = _HEADING.match(fold(paragraph.text))
        if match is not None and style not in (None, "c", "w") and _style(match) == "c":
            break  # 四、其他 behind (1), (2): the next section of the notice
        if match is not None and (style is None or _style(match) == style):
            style = style or _style(match)
            topics.append(_topic(len(topics) + 1, match, paragraph))
        elif topics and (_NEXT_SECTION.match(paragraph.text) or _ends_topics(paragraph, topics)):
            break
        elif topics:
            topics[-1] = replace(
                topics[-1],
                paragraphs=(*topics[-1].paragraphs, paragraph.text.strip()),
                body_lines=(*topics[-1].body_lines, paragraph.line),
            )
        else:
            preamble.append(paragraph)
        taken.add(paragraph.line)
    if not topics:
        return table or TopicReading((), None, (), frozenset(), None, None)
    first = (preamble[0].text.strip(), preamble[0].line) if preamble else None
    return TopicReading(tuple(topics), first, _findings(topics), frozenset(taken), heading, max(taken))


_INLINE = re.compile(r"(?:^|[\s;,、。])(?:\(?(\d{1,2})\)|(\d{1,2})\s*[.、)](?!\d)|([①-⑳]))\s*")


def _inline_topics(paragraphs: list[Paragraph]) -> TopicReading | None:
    """选题方向：1. 图神经网络；2. 强化学习: a list in one line, numbered from 1 on."""
    for paragraph in paragraphs:
        head, mark, tail = fold(paragraph.text).partition(":")
        if not mark or len(head) > 20 or not _SECTION.search(head):
            continue
        offset = len(head) + 1
        marks = list(_INLINE.finditer(tail))
        if len(marks) < 2:
            continue
        ends = [*(match.start() for match in marks[1:]), len(tail)]
        titles = [
            strip_marks(paragraph.text[offset + match.end() : offset + end])
            for match, end in zip(marks, ends, strict=True)
        ]
        if not all(titles):
            continue
        topics = tuple(
            Topic(order, order, title, None, title, paragraph.line, (), ())
            for order, title in enumerate(titles, 1)
        )
        return TopicReading(topics, None, (), frozenset({paragraph.line}), None, paragraph.line)
    return None


def _style(match: re.Match[str]) -> str:
    return next(key for key in ("w", "s", "n", "p", "c", "k") if match[key])


def _section_start(
    outline: Outline, paragraphs: list[Paragraph]
) -> tuple[tuple[str, int], list[Paragraph]] | None:
    for text, line in outline.sections:
        if not _SECTION.search(text):
            continue
        scope = [p for p in paragraphs if p.line > line]
        later = [at for name, at in outline.sections if at > line and not _HEADING.match(fold(name))]
        limit = min(later, default=None)
        inside = [p for p in scope if limit is None or p.line < limit]
        if sum(1 for p in inside if _HEADING.match(fold(p.text))) >= 1:
            return (text, line), inside
    for index, paragraph in enumerate(paragraphs):
        text = paragraph.text.strip()
        is_short = (
            len(text) <= 25
            and paragraph.line != outline.title_line
            and re.search(r"(?:选题|课题|方向|题目|范围|列表|推荐|一览)$", text) is not None
            and not re.search(r"[，。；,;]", text)
        )
        if (
            (paragraph.text.rstrip().endswith(("：", ":")) or is_short)
            and _SECTION.search(paragraph.text[-20:])
            and not _HEADING.match(fold(paragraph.text))
        ):
            inside = paragraphs[index + 1 :]
            if inside and _HEADING.match(fold(inside[0].text)):
                return (paragraph.text.strip(), paragraph.line), inside
    return None


def _ends_topics(paragraph: Paragraph, topics: list[Topic]) -> bool:
    """A contact or signature line, or a plain line behind topics that have no bodies, closes the list."""
    if re.match(r"\s*(?:联系人|联系方式|联系电话|注[:：]|备注|附[:：件])", paragraph.text):
        return True
    return len(topics) >= 3 and not any(topic.paragraphs for topic in topics)


def _topic(order: int, match: re.Match[str], paragraph: Paragraph) -> Topic:
    raw = paragraph.text.strip()
    offset = len(paragraph.text) - len(paragraph.text.lstrip())
    text = raw[match.start("t") - offset :]
    note = _NOTE.search(text)
    title = text[: note.start()] if note else text
    printed = match[_style(match)]
    value = (
        ord(printed) - 0x245F
        if "①" <= printed <= "⑳"
        else number(printed)
        if "." not in printed and (len(printed) < 3 or not printed.isdecimal())
        else int(printed.rpartition(".")[2])
    )
    items = as_items(title, None) if title.strip().startswith("《") else ()
    name = items[0].title if items and items[0].title else strip_marks(title)
    return Topic(order, value, name, note[1].strip() if note else None, raw, paragraph.line, (), ())


def _findings(topics: list[Topic]) -> tuple[Finding, ...]:
    found: list[Finding] = []
    numbers = [topic.printed_no for topic in topics]
    repeated = [
        index for index, value in enumerate(numbers) if value is not None and numbers.count(value) > 1
    ]
    if repeated:
        indexes = sorted({*repeated, min(repeated[-1] + 1, len(topics) - 1)})
        lines = tuple(topics[index].heading_line for index in indexes)
        printed = "、".join(str(value) for value in numbers)
        found.append(
            Finding(
                "numbering_repeated",
                lines,
                f"选题的印刷编号有重复（{printed}），共{len(topics)}个方向，命令里用顺序号1–{len(topics)}",
                "kept",
            )
        )
    for before, after in itertools.pairwise(topics):
        if (
            before.printed_no is not None
            and after.printed_no is not None
            and after.printed_no - before.printed_no not in (0, 1)
        ):
            found.append(
                Finding(
                    "numbering_gap",
                    (before.heading_line, after.heading_line),
                    f"选题编号从{before.printed_no}跳到{after.printed_no}，请确认没有漏掉",
                    "kept",
                )
            )
    noted = tuple(topic.heading_line for topic in topics if topic.note)
    if noted:
        found.append(Finding("heading_note", noted, "选题标题后的//附注不算标题，单独保存", "kept"))
    several = tuple(line for topic in topics if len(topic.paragraphs) > 1 for line in topic.body_lines)
    if several:
        found.append(Finding("body_paragraphs", several, "有的选题正文不止一段，全部保留", "kept"))
    stray = tuple(
        line
        for topic in topics
        for text, line in zip(topic.paragraphs, topic.body_lines, strict=True)
        if _is_unbalanced(text)
    )
    if stray:
        found.append(Finding("stray_mark", stray, "选题正文里有不成对的括号，原样保留", "kept"))
    return tuple(found)


def _is_unbalanced(text: str) -> bool:
    plain = fold(text)
    return plain.count("(") != plain.count(")")


def _table_topics(page: Page) -> TopicReading | None:
    for table in page.tables():
        columns = _topic_columns(table.rows[0]) if table.rows else None
        if columns is None:
            continue
        topics = [
            topic
            for topic in (_row_topic(row, columns, index) for index, row in enumerate(table.rows[1:], 1))
            if topic is not None
        ]
        topics = [replace(topic, order=order) for order, topic in enumerate(topics, 1)]
        if topics:
            lines = frozenset(row.line for row in table.rows)
            return TopicReading(tuple(topics), None, _findings(topics), lines, None, table.rows[-1].line)
    return None


def _topic_columns(row: Row) -> dict[str, int] | None:
    columns: dict[str, int] = {}
    for column, cell in enumerate(row.cells):
        text = re.sub(r"\s", "", cell.text)
        if re.search(r"时间|日期|地点|主讲|周[一二三四五六日]", text):
            return None
        for role, pattern in (("number", _ROLE_NUMBER), ("title", _ROLE_TITLE), ("body", _ROLE_BODY)):
            if pattern.fullmatch(text):
                columns.setdefault(role, column)
                break
    is_choice = re.search(r"选题|课题|方向", row.text) is not None
    return columns if "title" in columns and is_choice else None


def _row_topic(row: Row, columns: dict[str, int], order: int) -> Topic | None:
    def text(role: str) -> str:
        column = columns.get(role)
        return row.cells[column].text.strip() if column is not None and column < len(row.cells) else ""

    title = text("title")
    if not title:
        return None
    note = _NOTE.search(title)
    printed = number(text("number").rstrip(".0") or text("number")) if text("number") else None
    body = tuple(part.strip() for part in text("body").splitlines() if part.strip())
    name = strip_marks(title[: note.start()] if note else title)
    return Topic(
        order, printed, name, note[1] if note else None, title, row.line, body, (row.line,) * len(body)
    )


def has_table(table: Table) -> bool:
    """Whether *table* lists topics, so that it is no schedule."""
    return bool(table.rows) and _topic_columns(table.rows[0]) is not None
