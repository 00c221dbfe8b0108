"""Reading a notice: from a page of text to sessions, rules, topics, anomalies and numbered questions."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from types import MappingProxyType

from programme.notice.answers import Answered, NotUnderstood, answer_notice
from programme.notice.audit import unread
from programme.notice.calendar import (
    candidate_years,
    fitting,
    led_by,
    mismatch_text,
    month_days,
    opening_month,
    with_months,
)
from programme.notice.columns import OVERSIZE_CHARS, TableReading, is_schedule_like
from programme.notice.dates import PLAUSIBLE_YEARS, make_date, months_named, printed_years, scan_dates
from programme.notice.marks import fold
from programme.notice.money import read_attachments, read_contacts, read_rewards
from programme.notice.notice import Notice
from programme.notice.oddities import Facts, all_findings, numbered
from programme.notice.ordinals import named_by_title, with_ordinals
from programme.notice.outline import Outline, read_outline
from programme.notice.page import Finding, Page, Paragraph
from programme.notice.plain_page import plain_page
from programme.notice.printed import Printed, printed_from
from programme.notice.prose import read_prose
from programme.notice.prose_reading import ProseReading
from programme.notice.questions import ask
from programme.notice.rules import read_rules
from programme.notice.session_audit import is_a_persons_letter
from programme.notice.sessions_of import build
from programme.notice.spans import settle_spans
from programme.notice.tables import lead_days, read_table
from programme.notice.timetable import Timetable
from programme.notice.topics import TopicReading, has_table, read_topics

MAX_SESSIONS = 600


@dataclass(frozen=True)
class _Year:
    """The year to use, where it is from, and why nothing may be imported without or with it."""

    value: int | None
    is_printed: bool
    candidates: tuple[int, ...]
    refused: tuple[str, ...]
    findings: tuple[Finding, ...]


@dataclass(frozen=True)
class _Read:
    """What the page gave before any year is known."""

    page: Page
    outline: Outline
    topics: TopicReading
    tables: tuple[TableReading, ...]
    prose: ProseReading
    table_days: tuple[Printed, ...]
    title_months: tuple[int, ...]
    lines: Mapping[int, str]

    @property
    def days(self) -> list[Printed]:
        return [*self.table_days, *self.prose.printed]


def parse(page: Page, year: int | None, answers: Mapping[str, str] = MappingProxyType({})) -> Notice:
    """Read *page*. *year*: given by the operator, used where none is printed. *answers*: by question
    number ("2") or subject ("place"), applied in order of the questions. Never raises on content."""
    read = _read(page)
    chosen = _year(read, _first_year(read, _answered_year(year, answers)))
    timetable = Timetable()
    if is_a_persons_letter(read.lines):
        chosen = replace(
            chosen,
            refused=("这像是某个人写的信或请假条，不是通知，没有导入。是通知的话请去掉称呼和“我”再试",),
        )
    if len(read.days) > MAX_SESSIONS:
        chosen = replace(chosen, refused=(f"读到的日期超过{MAX_SESSIONS}个，不像一份安排，没有导入",))
    if chosen.value is not None and not chosen.refused:
        rules, _ = read_rules(read.page, chosen.value, read.topics.lines)
        title = read.outline.title or ""
        timetable = build(list(read.table_days), read.prose, rules, chosen.value, read.title_months, title)
    return _with_answers(_notice(read, chosen, timetable), answers)


def _read(page: Page) -> _Read:
    quoted = MappingProxyType(page.lines())
    page = plain_page(page)
    outline = read_outline(page)
    topics = read_topics(page, outline)
    page = _without_oversize(page, topics.lines)
    leads = lead_days(page)
    tables = tuple(
        read_table(table, index, leads.get(index))
        for index, table in enumerate(page.tables())
        if not has_table(table)
    )
    skip = topics.lines | {line for line in (outline.title_line,) if line is not None} | _alias_lines(outline)
    prose = read_prose((*page.paragraphs(), *_loose_cells(page, tables)), frozenset(skip))
    months = months_named(fold(outline.title or "")) or _first_months(page, outline)
    first = months[0] if months else None
    cells = [item for reading in tables for item in reading.printed]
    table_days = with_months(cells, opening_month(cells, first))
    prose.exceptions.extend(item for reading in tables for item in reading.exceptions)
    settle_spans(prose, table_days, first)
    prose.printed[:] = with_months(prose.printed, first)
    lead = _first_month(table_days, prose, months)
    table_days, prose.printed[:] = led_by(table_days, lead), led_by(prose.printed, lead)
    in_title = [
        mention
        for mention in scan_dates(fold(outline.title or ""), bare_dates=True)
        if mention.until is not None
    ]
    if in_title and outline.title_line is not None:
        prose.span = (in_title[0], outline.title_line)
    return _Read(page, outline, topics, tables, prose, tuple(table_days), months, quoted)


def _with_due_cells(page: Page, tables: Sequence[TableReading], days: Sequence[Printed]) -> Page:
    """*page* with the grid's cells that are deadlines (31 提交总结报告（截止18:00）) as sentences for the rules."""
    months = {(item.line, item.day): item.month for item in days}
    lines = []
    for table in tables:
        for day, line, text in table.due:
            month = day.month or months.get((line, day.day))
            words = re.sub(r"[(（)）]|截止|截至", " ", text[day.end :])
            clock = re.search(r"(?:上午|下午|晚上?)?\s*\d{1,2}[:：点]\d{0,2}", words)
            what = words.replace(clock[0], " ") if clock is not None else words
            hour = clock[0].strip() if clock is not None else ""
            if month is not None:
                lines.append(Paragraph(line, f"{month}月{day.day}日{hour}前{' '.join(what.split())}"))
    return Page(page.name, (*page.blocks, *lines), page.findings) if lines else page


def _loose_cells(page: Page, tables: Sequence[TableReading]) -> list[Paragraph]:
    """Cells of tables that are no schedule themselves, each a sentence with its own day and hour."""
    read = [table for table in page.tables() if not has_table(table)]
    cells = (
        cell
        for table, reading in zip(read, tables, strict=True)
        if reading.kind is None
        for row in table.rows
        for cell in row.cells
        if not cell.is_covered and cell.value is None and is_schedule_like(cell.text)
    )
    return [Paragraph(cell.line, text) for cell in cells for text in cell.text.splitlines() if text.strip()]


def _first_month(table_days: Sequence[Printed], prose: ProseReading, months: tuple[int, ...]) -> int | None:
    """The month in which the notice begins: of a title that wraps over the year's end, else of what is
    printed first, series and spans among it."""
    if months and months[-1] < months[0]:
        return months[0]
    starts = [(item.line, item.month) for item in (*table_days[:1], *prose.printed[:1])]
    starts += [(rule.line, rule.start.month) for rule in prose.rules if rule.start is not None]
    starts += [(prose.span[1], prose.span[0].month)] if prose.span is not None else []
    known = [(line, month) for line, month in starts if month is not None]
    return min(known)[1] if known else None


def _without_oversize(page: Page, keep: frozenset[int]) -> Page:
    """A paragraph of thousands of characters is no schedule; it is told, and kept out of the searches."""
    large = [
        block
        for block in page.blocks
        if isinstance(block, Paragraph) and len(block.text) > OVERSIZE_CHARS and block.line not in keep
    ]
    if not large:
        return page
    what = f"第{'、'.join(str(block.line) for block in large[:10])}行超过{OVERSIZE_CHARS}字，没有当作安排来读"
    found = Finding("oversize_cell", tuple(block.line for block in large), what, "asked")
    blocks = tuple(replace(b, text="") if isinstance(b, Paragraph) and b in large else b for b in page.blocks)
    return Page(page.name, blocks, (*page.findings, found))


def _alias_lines(outline: Outline) -> set[int]:
    return {line for name, line in outline.sections if name in outline.aliases}


def _first_year(read: _Read, year: int | None) -> int | None:
    """The year of the first day: 一月安排 of 2025 whose grid opens on 30 December begins in 2024."""
    opens = read.table_days[0].month if read.table_days else None
    if year is None or opens != 12 or not read.title_months or read.title_months[0] != 1:
        return year
    misses = {start: len(fitting(read.days, start)[1]) for start in (year, year - 1)}
    return year if misses[year] < misses[year - 1] else year - 1


def _answered_year(year: int | None, answers: Mapping[str, str]) -> int | None:
    text = answers.get("1") or answers.get("year") or ""
    digits = fold(text).strip().removesuffix("年")
    return int(digits) if year is None and digits.isdecimal() and int(digits) in PLAUSIBLE_YEARS else year


def _first_months(page: Page, outline: Outline) -> tuple[int, ...]:
    """Months named by a heading or the preamble when the title has none."""
    for text, _ in outline.sections:
        months = months_named(fold(text))
        if months:
            return months
    for paragraph in list(page.paragraphs())[:12]:
        months = months_named(fold(paragraph.text))
        if months and len(months) <= 3:
            return months
    return ()


def _year(read: _Read, given: int | None) -> _Year:
    printed = _printed_year(read)
    days = read.days
    candidates = candidate_years([*days, *_series_starts(read.prose)])
    if printed is None:
        return _needed_year(read, given, candidates)
    if printed not in PLAUSIBLE_YEARS:
        what = f"通知里印的年份{printed}不合常理"
        odd = Finding(
            "implausible_year", _year_lines(read.outline, days), what, "refused" if given is None else "asked"
        )
        chosen = _needed_year(read, given, candidates)
        refused = (f"{what}，请用 --year 给出年份", *chosen.refused) if given is None else chosen.refused
        return replace(chosen, findings=(odd, *chosen.findings), refused=refused)
    if given is not None and given != printed and not _mixes(days, given):
        what = f"通知里印的是{printed}年，不是{given}年，没有导入"
        found = Finding("implausible_year", _year_lines(read.outline, days), what, "refused")
        return _Year(printed, True, candidates, (what,), (found, *_mismatches(days, given)))
    return _Year(_first_year(read, printed), True, candidates, (), ())


def _series_starts(prose: ProseReading) -> list[Printed]:
    """从9月6日起每周三: the first day most likely is one of the weekdays, which narrows the years offered."""
    return [
        replace(printed_from(rule.start, None, line=rule.line, cell=rule.phrase), weekdays=rule.weekdays)
        for rule in prose.rules
        if rule.start is not None and rule.is_bounded
    ]


def _mixes(days: list[Printed], given: int) -> bool:
    return any(item.year == given for item in days)


def _needed_year(read: _Read, given: int | None, candidates: tuple[int, ...]) -> _Year:
    days, prose = read.days, read.prose
    lines = _year_lines(read.outline, days)
    offered = f"；星期都对得上的年份有{'、'.join(map(str, candidates))}" if candidates else ""
    if given is None:
        if not days and not any(rule.is_bounded for rule in prose.rules):
            return _Year(None, False, (), (), ())
        what = f"通知里没有印年份{offered}"
        found = Finding("year_missing", lines, what, "refused")
        return _Year(
            None, False, candidates, (f"{what}。请用 --year 给出年份，现在没有导入任何内容",), (found,)
        )
    found = Finding("year_missing", lines, f"通知里没有印年份，按{given}年读{offered}", "asked")
    if given not in PLAUSIBLE_YEARS:
        what = f"年份{given}不合常理，没有导入"
        return _Year(
            given, False, candidates, (what,), (found, Finding("implausible_year", lines, what, "refused"))
        )
    fits, misses = fitting(days, given)
    if misses and len(misses) >= fits and len(misses) > 0 and given not in candidates:
        mismatches = _mismatches(days, given)
        reason = f"{given}年的星期对不上（{len(mismatches)}处），没有导入{offered}"
        return _Year(
            given, False, candidates, (reason, *(item.what for item in mismatches)), (found, *mismatches)
        )
    return _Year(given, False, candidates, (), (found,))


def _mismatches(days: list[Printed], year: int) -> tuple[Finding, ...]:
    _, misses = fitting(days, year)
    found = []
    spots = month_days(days)
    for index in misses:
        item, spot = days[index], spots[index]
        years_on = spot.years_on if spot is not None else 0
        day = make_date(item.year or year + years_on, item.month or 1, item.day)
        what = (
            mismatch_text(item, day)
            if day is not None
            else f"第{item.line}行的{item.month}月{item.day}日在{year}年不存在"
        )
        found.append(
            Finding("weekday_mismatch", (item.line,), what, "refused", item.cell_name or item.cell.strip())
        )
    return tuple(found)


def _printed_year(read: _Read) -> int | None:
    """The year of the title or of the sessions; a signature's or a deadline's only when weekdays agree."""
    page, outline, prose, days = read.page, read.outline, read.prose, read.days
    in_title = printed_years(fold(outline.title or ""))
    if in_title:
        return in_title[0]
    own = [item.year for item in days if item.year is not None]
    own += [
        mention.year
        for rule in prose.rules
        for mention in (rule.start, rule.end)
        if mention is not None and mention.year is not None
    ]
    if own:
        return own[0]
    for text, _ in outline.sections:
        if printed_years(fold(text)):
            return printed_years(fold(text))[0]
    anywhere = [
        year
        for paragraph in page.paragraphs()
        if paragraph.line <= (outline.preamble_line or 0)
        for year in printed_years(fold(paragraph.text))
    ]
    anywhere = anywhere or [
        year for paragraph in page.paragraphs() for year in printed_years(fold(paragraph.text))
    ]
    for year in dict.fromkeys(anywhere):
        fits, misses = fitting(days, year)
        if year in PLAUSIBLE_YEARS and (fits > len(misses) or not (fits or misses)):
            return year
    return None


def _year_lines(outline: Outline, days: list[Printed]) -> tuple[int, ...]:
    """Where a year could have stood: the title, a heading with the programme's name, the first dates."""
    lines = [
        outline.title_line,
        *(line for name, line in outline.sections if name in outline.aliases),
        *(item.line for item in days[:1]),
    ]
    return tuple(sorted({line for line in lines if line is not None}))


def _notice(read: _Read, chosen: _Year, timetable: Timetable) -> Notice:
    page, outline, topics = read.page, read.outline, read.topics
    rules, odd_rules = read_rules(
        _with_due_cells(page, read.tables, read.table_days),
        chosen.value,
        topics.lines,
        [session.held_on for session in timetable.sessions],
    )
    rewards, odd_money = read_rewards(page, outline, topics.lines)
    attachments, missing_lines = read_attachments(page, outline, topics.heading, topics.last_line)
    schedules = tuple(reading for reading in read.tables if reading.kind is not None)
    sessions, uncounted = with_ordinals(timetable.sessions, page, outline.title or "")
    sessions = named_by_title(sessions, outline.title or "")
    tabled = (item for reading in read.tables for item in (*reading.findings, *reading.unreadable))
    facts = Facts(
        page=page,
        outline=outline,
        topics=topics,
        tables=schedules,
        prose=read.prose,
        sessions=sessions,
        rules=rules,
        rewards=rewards,
        contacts=read_contacts(page, topics.lines),
        attachments=attachments,
        missing_lines=missing_lines,
        found=(
            *page.findings,
            *chosen.findings,
            *tabled,
            *read.prose.unreadable,
            *timetable.findings,
            *uncounted,
            *odd_rules,
            *odd_money,
            *topics.findings,
        ),
    )
    findings = all_findings(facts)
    if chosen.value is not None and not chosen.refused:
        findings += unread(replace(facts, found=findings), tuple(timetable.free_days))
    anomalies = numbered(findings, timetable)
    days = [*(session.held_on for session in timetable.sessions)]
    return Notice(
        name=page.name,
        title=outline.title,
        aliases=outline.aliases,
        preamble=outline.preamble,
        sections=tuple(text for text, _ in outline.sections),
        year=chosen.value,
        year_is_printed=chosen.is_printed,
        candidate_years=chosen.candidates,
        month=min(days).month if days else next((item.month for item in read.days), None),
        sessions=facts.sessions,
        free_days=tuple(sorted(timetable.free_days, key=lambda free: (free.held_on, free.line))),
        topics=topics.topics,
        topics_preamble=topics.preamble,
        rules=rules,
        rewards=rewards,
        contacts=facts.contacts,
        attachments=attachments,
        anomalies=anomalies,
        questions=ask(facts, anomalies, chosen.value, chosen.candidates),
        refused=chosen.refused or (() if facts.sessions else ("没有读到任何场次，没有导入",)),
        table_rows=sum(reading.data_rows for reading in schedules),
        table_columns=max((reading.columns for reading in schedules), default=0),
        lines=read.lines,
    )


def _with_answers(notice: Notice, answers: Mapping[str, str]) -> Notice:
    """Apply given answers through the same rules as answers in chat."""
    if not answers or notice.refused or notice.year is None:
        return notice
    for question in notice.questions:
        text = answers.get(str(question.number)) or answers.get(question.subject)
        if text is None or question.subject == "year":
            continue
        result = answer_notice(notice, question.number, text)
        if isinstance(result, NotUnderstood):
            notice = replace(
                notice, refused=(*notice.refused, f"问题{question.number}的回答“{text}”用不上：{result.hint}")
            )
        elif isinstance(result, Answered):
            notice = replace(
                notice,
                sessions=result.sessions,
                questions=result.questions,
                settings=MappingProxyType({**notice.settings, **result.settings}),
            )
    return notice
