"""What the columns of a table are: weekdays, or labels such as 日期, 时间, 主讲人."""

from __future__ import annotations

import re
from dataclasses import dataclass, field, replace
from datetime import date, datetime

from programme.notice.dates import DateMention, months_named, scan_dates
from programme.notice.event_words import HONORIFIC, dates_of, find_room, looks_like_person
from programme.notice.exceptions import SeriesException, days_made_up_for
from programme.notice.marks import fold, strip_marks, weekday_alone, weekday_list
from programme.notice.page import Cell, Finding, Row
from programme.notice.printed import Printed
from programme.notice.times import period_words, scan_times

OVERSIZE_CHARS = 1_000
# What a spreadsheet would compute if it were pasted there (CSV injection); +1 and -5 are just numbers.
FORMULA_TEXT = re.compile(r"\s*(?:[=@]\s*[A-Za-z(+\-]|[+\-]\s*[A-Za-z]+\s*[(|!])")

_ROLES: tuple[tuple[str, str], ...] = (
    ("order", r"序号|编号|周次|次数|期数|讲次|场次|次序|no\.?|#|第?几?周|节次"),
    ("end", r"结束时间|结束|下课时间|截止时间"),
    ("date", r"(?:活动|上课|讲座|报告|会议|培训|授课|分享|举办)?日期|日程|date|日子|年月日"),
    ("month", r"月份|月"),
    ("day", r"日|号"),
    ("weekday", r"星期几?|周几|礼拜|weekday"),
    (
        "time",
        r"(?:活动|上课|讲座|报告|会议|培训|授课|分享|举办|开始|起止|具体)?(?:时间|时段|时刻)(?:段|安排)?|开始|time",
    ),
    (
        "speaker",
        r"主讲(?:人|嘉宾|教师|老师|专家|者)?|(?:报告|演讲|分享|汇报|授课|发言|讲座)(?:人|嘉宾|教师|老师|专家|者)|讲者|讲师|(?:特邀)?(?:嘉宾|专家)|教师|任课老师|老师|姓名|领读(?:人|者)?|负责人|speaker|presenter|lecturer",
    ),
    (
        "place",
        r"(?:活动|上课|讲座|报告|会议|培训|授课|分享|举办)?(?:地点|地址|教室|会议室|场地|场所)|venue|place|location|room",
    ),
    (
        "title",
        r"(?:活动|报告|讲座|分享|演讲|会议|培训|课程|学习|授课)?(?:题目|主题|议题|名称|内容|课题|安排|项目)|活动|课程|标题|书目|篇目|title|topic|paper|讲座|事项|工作内容",
    ),
    ("track", r"(?:活动)?(?:类型|类别|形式|环节|板块|模块)"),
    ("unit", r"(?:工作|报告人|所在)?单位|学校|院系|学院|机构|affiliation|institut(?:e|ion)"),
    ("note", r"备注|说明|状态|note"),
    ("audience", r"参加(?:人员|对象)|对象|面向对象|参与人员|年级|人员"),
)

_WEEK_LABEL = re.compile(
    r"第?\s*(?:\d{1,2}|[一二三四五六七八九十]{1,3})\s*周|周次|week\s*\d*|时间|日期|节次|时段|星期",
    re.IGNORECASE,
)

_ROLE_PATTERNS = tuple((role, re.compile(rf"(?:{pattern})", re.IGNORECASE)) for role, pattern in _ROLES)


@dataclass
class TableReading:
    """What one table gave. *kind* None: it is no schedule. *header_line* as details_missing quotes it."""

    kind: str | None = None
    printed: list[Printed] = field(default_factory=list)
    findings: list[Finding] = field(default_factory=list)
    unreadable: list[Finding] = field(default_factory=list)
    header_line: int | None = None
    data_rows: int = 0
    columns: int = 0
    row_lines: tuple[int, ...] = ()
    exceptions: list[SeriesException] = field(default_factory=list)
    due: list[tuple[DateMention, int, str]] = field(default_factory=list)  # cells that are deadlines

    def without_replaced(self, cell: Cell, days: tuple[DateMention, ...]) -> tuple[DateMention, ...]:
        """*days* of a cell less the one they make up for (2月14日（补2月5日）), which is noted."""
        replaced = days_made_up_for(fold(cell.text), days)
        own = tuple(day for day in days if day not in replaced)
        for day in replaced:
            stands_in = SeriesException(
                "stands_in", own[0] if own else None, cell.line, cell.text.strip(), day
            )
            self.exceptions.append(stands_in)
        return own or days


def role_of(text: str) -> str | None:
    """Which column a header cell opens: date, time, title, … None when it is no label."""
    bare = re.sub(r"[\s:*]|\(.*?\)", "", fold(text))
    for role, pattern in _ROLE_PATTERNS:
        if pattern.fullmatch(bare):
            return role
    parts = [part for part in re.split(r"[/、及和与]", bare) if part]
    if len(parts) > 1:
        roles = [role_of(part) for part in parts]
        roles = [role for role in roles if role != "unit"] or roles
        if all(roles):
            if "date" in roles and not {"place", "speaker", "title"} & set(roles):
                return "date"
            return "+".join(dict.fromkeys(filter(None, roles)))
    return None


def is_slot(text: str) -> bool:
    """上午, 上午 9:00-11:00, 8:30-10:00: a column of sessions at that part of the day."""
    if not 2 <= len(text.strip()) <= 24:
        return False
    folded = fold(text)
    spans = [mention.span for mention in scan_times(folded)] + [(a, b) for _, a, b in period_words(folded)]
    for start, end in spans:
        folded = folded[:start] + " " * (end - start) + folded[end:]
    return bool(spans) and len(re.sub(r"[\s()第节一二三四五六七八九十\d]", "", folded)) == 0


def is_room(text: str) -> bool:
    """A会场（数学楼301）, 分会场二, Room A, 301教室: a column of sessions in that room."""
    bare = text.strip()
    if not 2 <= len(bare) <= 24 or role_of(text) is not None:
        return False
    return re.fullmatch(_HALL, fold(bare), re.IGNORECASE) is not None or find_room(bare) == bare


_HALL = (
    r"(?:[A-Za-z]|第?[一二三四五六\d]|主|分|第?[一二三四五六\d]分|分第?[一二三四五六\d])?\s*(?:会场|分会场|会议室|教室|报告厅)\s*[一二三四五六A-Za-z\d]?(?:\s*\([^()]*\))?"
    r"|(?:room|hall|track|session)\s*[A-Za-z\d]{1,4}(?:\s*\([^()]*\))?"
)


def split_cell(cell: Cell, roles: list[str]) -> list[tuple[str, Cell]]:
    """A cell under 主讲/地点 or 时间/地点 in the parts its looks tell apart; what is left goes by the header's order."""
    text = cell.text
    found: list[tuple[str, Cell]] = []
    when = next((role for role in ("date", "time") if role in roles), None)
    if when is not None:
        folded = fold(text)
        spans = [mention.span for mention in scan_times(folded)] + [
            (a, b) for _, a, b in period_words(folded)
        ]
        if when == "date":
            spans += [(mention.start, mention.end) for mention in dates_of(text, bare_dates=True)]
        if spans:
            start, end = min(a for a, _ in spans), max(b for _, b in spans)
            found.append((when, replace(cell, text=text[start:end], value=None)))
            text = text[:start] + "\n" + text[end:]
    pieces = [strip_marks(piece) for piece in _PARTS.split(text) if strip_marks(piece)]
    if len(pieces) == 1 and {"place", "speaker"} <= set(roles) and " " in pieces[0]:
        ahead, _, last = pieces[0].rpartition(" ")
        pieces = [ahead, last] if find_room(last) else pieces
    rest = [role for role in roles if role not in ("time", "date", "weekday")]
    left = []
    for piece in pieces:
        role = _looks_like(piece, rest)
        if role is None:
            left.append(piece)
            continue
        rest.remove(role)
        found.append((role, replace(cell, text=piece, value=None)))
    for role, piece in zip(rest, left, strict=False):
        found.append((role, replace(cell, text=piece, value=None)))
    return found


_PARTS = re.compile(r"\s+[/|]\s+|[／｜\n;；|、]|(?<!\d)/(?!\d)|\s{2,}|，")


def _looks_like(piece: str, roles: list[str]) -> str | None:
    room = find_room(piece)
    if "place" in roles and (
        (room is not None and len(room) * 3 >= len(piece) * 2) or re.search(r"[楼室厅馆]$|线上|会议", piece)
    ):
        return "place"
    if "title" in roles and "《" in piece:
        return "title"
    if "speaker" in roles and (looks_like_person(piece) or re.search(HONORIFIC, piece)):
        return "speaker"
    return None


def grid_header(row: Row) -> dict[int, int]:
    """Column → weekday when *row* names weekdays (周一, 星期三（7月5日）) and little else."""
    found: dict[int, int] = {}
    others = 0
    for column, cell in enumerate(row.cells):
        weekday = header_weekday(cell.text)
        if weekday is not None:
            found[column] = weekday
        elif cell.text.strip() and not cell.is_covered and not _WEEK_LABEL.search(cell.text):
            others += 1
    if len(found) >= 2 or (
        len(found) == 1 and others == 0 and len([c for c in row.cells if c.text.strip()]) <= 2
    ):
        return found if others <= 1 else {}
    return {}


def header_weekday(text: str) -> int | None:
    alone = weekday_alone(text)
    bare = fold(text).strip()
    if alone is not None:
        return alone if re.search(r"[周期拜]|[a-zA-Z]", bare) or len(bare) == 1 else None
    mentions = scan_dates(bare, bare_dates=True)
    if len(mentions) == 1 and mentions[0].weekday is not None:
        rest = bare[: mentions[0].start] + bare[mentions[0].end :]
        return mentions[0].weekday if len(re.sub(r"周.|星期.|[\s()]", "", rest)) == 0 else None
    listed = weekday_list(bare)
    if (
        listed is not None
        and len(listed[0]) == 1
        and len(re.sub(r"[\s()上下午晚早中]", "", bare[: listed[1]] + bare[listed[2] :])) == 0
    ):
        return listed[0][0]
    return None


def row_header(row: Row) -> dict[int, str]:
    """Column → role when *row* is a header of a session list: at least two labels, one of them a day or hour."""
    roles: dict[int, str] = {}
    filled = 0
    for column, cell in enumerate(row.cells):
        if not cell.text.strip():
            continue
        filled += 1
        role = role_of(cell.text)
        if role is not None and cell.value is None:
            roles[column] = role
    slots = [column for column, cell in enumerate(row.cells) if column not in roles and is_slot(cell.text)]
    if not slots and set(roles.values()) & {"time", "date"}:
        slots = [column for column, cell in enumerate(row.cells) if is_room(cell.text)]
    if roles and len(slots) > 1:
        roles.update((column, f"slot:{row.cells[column].text}") for column in slots)
    if len(roles) < 2 or len(roles) * 2 < filled:
        return {}
    if len(roles) == 2 and filled == 2 and set(roles.values()) <= {"time", "place", "speaker", "note"}:
        return {}
    named = {part for role in roles.values() for part in role.split("+")}
    return roles if named & {"date", "time", "day", "weekday"} else {}


def heading_month(row: Row) -> int | None:
    """A row that only says 八月 is a heading inside the table."""
    texts = {cell.text.strip() for cell in row.cells if cell.text.strip()}
    if len(texts) != 1:
        return None
    text = fold(texts.pop())
    months = months_named(text)
    if months and not scan_dates(text) and not scan_times(text) and len(text) <= 20:
        return months[0]
    return None


def column_is_label(text: str) -> bool:
    """Whether a cell beside the weekday columns may hold the row's week or hours."""
    folded = fold(text)
    return bool(
        _WEEK_LABEL.search(text)
        or scan_dates(folded, bare_dates=True)
        or scan_times(folded)
        or period_words(folded)
    )


def in_month(mention: DateMention, month: int | None) -> DateMention:
    return replace(mention, month=month) if mention.month is None and month is not None else mention


def cell_dates(cell: Cell) -> tuple[DateMention, ...]:
    """The dates of a grid cell; a cell opening with a plain number (3 下午…, or 3 alone) names a day."""
    if isinstance(cell.value, (datetime, date)):
        day = cell.value.date() if isinstance(cell.value, datetime) else cell.value
        return (DateMention(day.year, day.month, day.day, None, 0, len(cell.text)),)
    found = distinct_days(dates_of(cell.text, bare_dates=True))
    if found:
        return found
    plain = re.match(r"\s*(\d{1,2})(?=\s|$|[^\d:点时.\-人节次个周月年%/])", fold(cell.text))
    if plain and 1 <= int(plain[1]) <= 31 and not re.match(r"\s*\d{1,2}\s*[、)）]", cell.text):
        return (DateMention(None, None, int(plain[1]), None, plain.start(1), plain.end(1)),)
    return ()


def distinct_days(mentions: tuple[DateMention, ...]) -> tuple[DateMention, ...]:
    """*mentions* without a day printed a second time in another spelling (10月14日（周三） 10/14)."""
    kept: list[DateMention] = []
    for mention in mentions:
        if mention.until is None and any(_is_same_day(mention, other) for other in kept):
            continue
        kept.append(mention)
    return tuple(kept)


def _is_same_day(mention: DateMention, other: DateMention) -> bool:
    months = {mention.month, other.month} - {None}
    return other.until is None and mention.day == other.day and len(months) < 2


def is_schedule_like(text: str) -> bool:
    return bool(dates_of(text) and (scan_times(fold(text)) or "《" in text))
