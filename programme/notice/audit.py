"""The completeness audit: what a plain look at each line finds and no fact of the result holds is asked about."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import date, time

from programme.notice.columns import OVERSIZE_CHARS
from programme.notice.dates import DateMention, scan_dates
from programme.notice.doubles import NO_TALK
from programme.notice.event_words import HONORIFIC, NAME, PERSON, dates_of, is_named_person
from programme.notice.marks import (
    WEEKDAY_PATTERN,
    fold,
    large_number,
    plain_numerals,
    weekday_alone,
    weekday_number,
)
from programme.notice.money import BACKGROUND
from programme.notice.notice import FreeDay
from programme.notice.oddities import Facts
from programme.notice.page import Finding, Paragraph
from programme.notice.sentences import is_signature
from programme.notice.session_audit import misplaced
from programme.notice.times import scan_times

NOT_UNDERSTOOD = "我没有看懂"

_ROOM_LABEL = re.compile(
    r"(?:地\s*点|地\s*址|教\s*室|会议室|场\s*地|venue|location)\s*[)\]*]*\s*:\s*([^,;。\n]{2,40})",
    re.IGNORECASE,
)
_ROOM = re.compile(
    r"(?:改|换|移|调整)(?:在|到|至)\s*([A-Za-z]{0,2}-?\d{2,4}(?![\d年月日号:点.])|线上)|((?:[\u4e00-\u9fff]{1,8}(?:楼|馆|中心|厅|教学楼)|[A-Z])\s?-?\d{2,4})(?![\d年月日号元页分人次%])"
)
_LECTURER = re.compile(
    rf"(?:主\s*讲\s*人?|主\s*持\s*人?|报告人|讲者|讲师|领读人?|导师|授课人|(?i:speaker|host))\s*[)\]*]*\s*:\s*([^,;。()\n《]{{2,20}})"
    rf"|(?:由|邀请|特邀)\s*({NAME}{HONORIFIC})\s*(?=主讲|讲|作|做|主持|分享|报告)",
)
_OF_A_NUMBER = re.compile(r"^第\s*[\d一二三四五六七八九十]{1,3}\s*[次期讲场周]\s*:?\s*")  # 主讲：第1次 王磊
_SUM = re.compile(
    r"[¥￥]\s*(\d[\d,]*(?:\.\d+)?)|(\d[\d,]*(?:\.\d+)?\s*[百千万]?|[一二两三四五六七八九十百千万]{1,5})\s*(?:元|块钱|人民币)"
)
_DUE = re.compile(
    r"截止|截至|逾期|deadline|(?<![a-z])ddl|[日号]\s*(?:之|以)?前\s*(?:完成|提交|上交|报名|交|填|发|选|缴)",
    re.IGNORECASE,
)
_DUTY = re.compile(
    r"至少(?:参加|完成|听)|缺[课席勤]不超过|(?:自愿|选择)参加|必须|务必|不得|严禁|取消[^,。;]{0,8}资格|(?<![不无])须(?!知)|(?<![适相对反供响感回])应(?=当|按|于|提前|自|遵|准时|完成)"
)
_ADDRESS = re.compile(
    r"(?P<url>https?://[^\s,;。)]+|www\.[^\s,;。)]+)|(?P<mail>(?<![\w.+-])[A-Za-z0-9_.+-]+@[\w-]+(?:\.[\w-]+)+)"
    r"|(?:电话|致电|拨打|手机|分机|内线|tel|QQ群?|微信号?|会议号|会议\s?ID|Zoom\s?ID|腾讯会议|密码|Zoom)\s*[:号]?\s*(?P<label>[A-Za-z]?[\d-]{4,20})|(?<!\d)(?P<phone>1[3-9]\d{9}|0\d{2,3}-\d{7,8})(?!\d)",
    re.IGNORECASE,
)


@dataclass(frozen=True)
class _Known:
    """All values that the result holds, as plain sets to look up in."""

    days: frozenset[tuple[int, int]]
    weekdays: frozenset[int]
    clocks: frozenset[time]
    words: str
    by_line: dict[int, str]
    sums: frozenset[tuple[int, int]]
    told: frozenset[int]
    corrected: frozenset[int]
    due_lines: frozenset[int]
    session_lines: frozenset[int]
    off_lines: frozenset[int]
    duties: dict[int, str]


_Scanner = Callable[[int, str, _Known], bool]


def unread(facts: Facts, free_days: tuple[FreeDay, ...]) -> tuple[Finding, ...]:
    """One finding for each line that holds something no session, rule, sum, contact or finding accounts for."""
    known = _known(facts, free_days)
    found: list[Finding] = []
    for line, text in _texts(facts):
        folded = fold(text)
        missing = [(kind, code) for kind, code, scan in _SCANNERS if scan(line, folded, known)]
        if not missing:
            continue
        kinds = "、".join(dict.fromkeys(kind for kind, _ in missing))
        what = f"第{line}行有{kinds}，{NOT_UNDERSTOOD}：「{text.strip()[:40]}」"
        found.append(Finding(missing[0][1], (line,), what, "asked", text.strip()))
    own = tuple({item.lines: item for item in reversed(found)}.values())[::-1]
    texts: dict[int, str] = {}
    for line, text in _texts(facts):
        texts[line] = f"{texts[line]}\n{text}" if line in texts else text
    told = known.told | known.due_lines
    return own + misplaced(texts, facts.sessions, free_days, told, frozenset(_of_breaks(facts)))


def _texts(facts: Facts) -> Iterator[tuple[int, str]]:
    """Every line or cell that a person would read as a statement: no topics, no title, no signature."""
    paragraphs = list(facts.page.paragraphs())
    filled = [p.line for p in paragraphs if p.text.strip()]
    last = frozenset(filled[-3:])
    for paragraph in paragraphs:
        if not _is_statement(paragraph, facts) or is_signature(fold(paragraph.text), paragraph.line in last):
            continue
        yield paragraph.line, paragraph.text
    for table in facts.page.tables():
        for row in table.rows:
            if row.line in facts.topics.lines:
                continue
            for cell in row.cells:
                if cell.text.strip() and not cell.is_covered and cell.value is None and not cell.is_struck:
                    yield row.line, cell.text


def _is_statement(paragraph: Paragraph, facts: Facts) -> bool:
    text = paragraph.text.strip()
    if not text or len(text) > OVERSIZE_CHARS or paragraph.is_struck:
        return False
    return paragraph.line not in facts.topics.lines and paragraph.line != facts.outline.title_line


def _known(facts: Facts, free_days: tuple[FreeDay, ...]) -> _Known:
    by_line: dict[int, list[str]] = {}
    for line, words in _quoted(facts):
        by_line.setdefault(line, []).append(_bare(words))
    values = [_bare(part) for part in _values(facts)]
    told = {
        line
        for item in facts.found
        if item.done in ("asked", "refused") and item.what.startswith("第")
        for line in item.lines
    }
    days = frozenset(_days(facts, free_days))
    held = [session.held_on for session in facts.sessions] + [free.held_on for free in free_days]
    return _Known(
        days=days,
        weekdays=frozenset(day.weekday() for day in held),
        clocks=frozenset(_clocks(facts)),
        words="\n".join(values),
        by_line={line: "\n".join(words) for line, words in by_line.items()},
        sums=frozenset(
            (r.source.line, r.amount)
            for r in facts.rewards
            if r.amount is not None and r.source.line is not None
        ),
        told=frozenset(told),
        corrected=frozenset(
            line for item in facts.found if item.code == "weekday_mismatch" for line in item.lines
        ),
        duties={
            rule.source.line: _bare(str(rule.value))
            for rule in facts.rules
            if rule.rule == "duty" and rule.source is not None and rule.source.line is not None
        },
        off_lines=frozenset(
            line
            for item in facts.found
            if item.code in ("cancelled_row", "suspended_date") and len(item.lines) == 1
            for line in item.lines
        )
        - {s.source.line for s in facts.sessions if s.source.line is not None},
        session_lines=frozenset(s.source.line for s in facts.sessions if s.source.line is not None),
        due_lines=frozenset(
            rule.source.line
            for rule in facts.rules
            if rule.rule.endswith("_deadline") and rule.source is not None and rule.source.line is not None
        ),
    )


def _quoted(facts: Facts) -> Iterator[tuple[int, str]]:
    """The words that rules, sums and exceptions quote, by line; a session quotes its whole line and proves
    nothing by it."""
    for source in [*(rule.source for rule in facts.rules), *(reward.source for reward in facts.rewards)]:
        if source is not None and source.line is not None:
            yield source.line, source.phrase
    for item in facts.prose.exceptions:
        yield item.line, item.phrase


def _values(facts: Facts) -> Iterator[str]:
    for session in facts.sessions:
        yield session.place or ""
        for item in session.items:
            yield f"{item.track or ''} {item.title or ''} {item.speaker or ''}"
    for contact in facts.contacts:
        yield f"{contact.name} {contact.account or ''}"
    for rule in facts.rules:
        yield str(rule.value)


def _bare(text: str) -> str:
    return re.sub(r"\s", "", fold(text))


def _days(facts: Facts, free_days: tuple[FreeDay, ...]) -> Iterator[tuple[int, int]]:
    for day in [*(s.held_on for s in facts.sessions), *(free.held_on for free in free_days)]:
        yield day.month, day.day
    for rule in facts.rules:
        for text in re.findall(r"\d{4}-\d{2}-\d{2}", str(rule.value)):
            day = date.fromisoformat(text)
            yield day.month, day.day
    bounds = [m for rule in facts.prose.rules for m in (rule.start, rule.end, rule.first_week)]
    bounds += [facts.prose.span[0] if facts.prose.span is not None else None]
    bounds += [m for item in facts.prose.exceptions for m in (item.day, item.instead_of)]
    for mention in bounds:
        yield from _ends(mention)


def _ends(mention: DateMention | None) -> Iterator[tuple[int, int]]:
    if mention is None:
        return
    yield mention.month or 0, mention.day
    if mention.until is not None:
        yield mention.until.month or mention.month or 0, mention.until.day


def _clocks(facts: Facts) -> Iterator[time]:
    for session in facts.sessions:
        yield from (clock for clock in (session.start, session.end) if clock is not None)
    for rule in facts.rules:
        for text in re.findall(r"T(\d{2}:\d{2})", str(rule.value)):
            yield time.fromisoformat(text)
    yield from _of_breaks(facts)
    for item in facts.prose.exceptions:
        if item.event is not None and item.event.begin is not None:
            yield item.event.begin


def _of_breaks(facts: Facts) -> Iterator[time]:
    """The hours of 签到 and 茶歇, which are told and no sessions."""
    for item in facts.found:
        if item.what.endswith(NO_TALK):
            for hours in scan_times(fold(item.what)):
                yield from (clock for clock in (hours.begin, hours.end) if clock is not None)


def _unread_date(line: int, folded: str, known: _Known) -> bool:
    if line in known.told or line in known.corrected:
        return False
    return any(not _is_known_day(mention, known) for mention in dates_of(folded))


def _is_known_day(mention: DateMention, known: _Known) -> bool:
    return all(
        (month, day) in known.days or (month == 0 and any(day == other for _, other in known.days))
        for month, day in _ends(mention)
    )


def _unread_weekday(line: int, folded: str, known: _Known) -> bool:
    if line in known.told or line in known.duties or scan_dates(folded) or weekday_alone(folded) is not None:
        return False
    named = {weekday_number(match[1]) for match in WEEKDAY_PATTERN.finditer(folded)}
    quoted = known.by_line.get(line, "")
    return any(day not in known.weekdays for day in named) and not WEEKDAY_PATTERN.search(quoted)


def _unread_clock(line: int, folded: str, known: _Known) -> bool:
    if line in known.told or line in known.off_lines:
        return False
    bare = re.sub(r"《[^《》]*》", lambda match: "书" * len(match[0]), folded)
    duties = known.duties.get(line, "")
    for sentence in re.findall(r"[^。;\n]+", folded):
        if _overlaps(_bare(sentence), duties):
            bare = bare.replace(sentence, " " * len(sentence))
    for day in dates_of(folded):
        bare = bare[: day.start] + " " * (day.end - day.start) + bare[day.end :]
    for mention in scan_times(bare):
        clocks = [clock for clock in (mention.begin, mention.end) if clock is not None]
        if any(clock not in known.clocks and _later(clock) not in known.clocks for clock in clocks):
            return True
    return False


def _later(clock: time) -> time:
    """2:00 under a column headed 下午 is 14:00."""
    return clock.replace(hour=(clock.hour + 12) % 24) if clock.hour < 12 else clock


def _unread_place(line: int, folded: str, known: _Known) -> bool:
    if line in known.told:
        return False
    plain = _ADDRESS.sub(lambda match: " " * len(match[0]), re.sub(r"《[^《》]*》", "", folded))
    values = [match[1] for match in _ROOM_LABEL.finditer(plain)]
    values += [match[1] or match[2] for match in _ROOM.finditer(plain)]
    return any(not _holds(value, line, known) for value in values if not _is_open(value))


def _holds(value: str, line: int, known: _Known) -> bool:
    """Whether the value, or its part before a bracket, stands in a value of the result or in a rule's words."""
    bare = _bare(re.split(r"[()]", value)[0])
    behind = re.sub(r"^.*[在于]", "", bare)
    return not bare or any(
        words in known.words or words in _rule_words(line, known) for words in (bare, behind)
    )


def _rule_words(line: int, known: _Known) -> str:
    return known.by_line.get(line, "")


def _is_open(value: str) -> bool:
    return re.search(r"待定|另行通知|待通知|同上|同前|TBD|TBA", value, re.IGNORECASE) is not None


def _unread_person(line: int, folded: str, known: _Known) -> bool:
    if line in known.told:
        return False
    names = [_OF_A_NUMBER.sub("", (match[1] or match[2]).strip()) for match in _LECTURER.finditer(folded)]
    if line in known.session_lines:
        names += [match[0] for match in PERSON.finditer(re.sub(r"《[^《》]*》", "，", folded))]
    return any(
        _bare(part) not in known.words
        for name in names
        if not _is_open(name) and is_named_person(name)
        for part in re.split(r"[、/&]|和|与", name)
    )


def _unread_sum(line: int, folded: str, known: _Known) -> bool:
    if line in known.told or BACKGROUND.search(folded):
        return False
    for match in _SUM.finditer(plain_numerals(folded)):
        amount = large_number(re.sub(r"\.0+(?!\d)|\s", "", match[1] or match[2]))
        if (line, amount) not in known.sums:
            return True
    return False


def _unread_due(line: int, folded: str, known: _Known) -> bool:
    return _DUE.search(folded) is not None and line not in known.due_lines and line not in known.told


def _unread_duty(line: int, folded: str, known: _Known) -> bool:
    if line in known.told:
        return False
    quoted = known.by_line.get(line, "")
    for sentence in re.split(r"[。;\n]", folded):
        match = _DUTY.search(re.sub(r"《[^《》]*》", "", sentence))
        if match is not None and not _overlaps(_bare(sentence), quoted):
            return True
    return False


def _overlaps(sentence: str, quoted: str) -> bool:
    return any(words and (words in sentence or sentence in words) for words in quoted.split("\n"))


def _unread_address(line: int, folded: str, known: _Known) -> bool:
    for match in _ADDRESS.finditer(folded):
        value = _bare(match["url"] or match["mail"] or match["label"] or match["phone"])
        if value not in known.words and value not in _rule_words(line, known):
            return True
    return False


_SCANNERS: tuple[tuple[str, str, _Scanner], ...] = (
    ("日期", "rule_unclear", _unread_date),
    ("星期", "rule_unclear", _unread_weekday),
    ("时间", "rule_unclear", _unread_clock),
    ("地点", "details_missing", _unread_place),
    ("主讲或主持", "details_missing", _unread_person),
    ("金额", "rule_unclear", _unread_sum),
    ("截止要求", "rule_unclear", _unread_due),
    ("硬性要求", "rule_unclear", _unread_duty),
    ("联系方式或网址", "contact_incomplete", _unread_address),
)
