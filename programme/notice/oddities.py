"""Everything odd about a notice: what the readers found, and what only shows when all is known."""

from __future__ import annotations

import re
from collections import defaultdict
from dataclasses import dataclass

from programme.notice.columns import TableReading
from programme.notice.marks import WEEKDAY_NAMES, fold
from programme.notice.money import BACKGROUND
from programme.notice.notice import Anomaly
from programme.notice.outline import Outline
from programme.notice.page import Finding, Page
from programme.notice.prose_reading import ProseReading
from programme.notice.sessions_of import outliers
from programme.notice.spoken import spoken_day
from programme.notice.times import scan_times
from programme.notice.timetable import Timetable
from programme.notice.topics import TopicReading
from programme.programme import Attachment, Contact, Reward, Rule
from programme.sessions import Session


@dataclass(frozen=True)
class Facts:
    """All that was read, for the checks and the questions."""

    page: Page
    outline: Outline
    topics: TopicReading
    tables: tuple[TableReading, ...]
    prose: ProseReading
    sessions: tuple[Session, ...]
    rules: tuple[Rule, ...]
    rewards: tuple[Reward, ...]
    contacts: tuple[Contact, ...]
    attachments: tuple[Attachment, ...]
    missing_lines: tuple[int, ...]
    found: tuple[Finding, ...]

    def rule(self, name: str) -> Rule | None:
        return next((rule for rule in self.rules if rule.rule == name or rule.rule.endswith(name)), None)


def all_findings(facts: Facts) -> tuple[Finding, ...]:
    """The readers' findings and the checks over the whole notice, in a steady order."""
    checks = (
        _outliers,
        _pending,
        _several_items,
        _repeated_titles,
        _open_titles,
        _no_title,
        _names,
        _details,
        _missing_assets,
        _currency,
        _deadline,
        _registration,
        _contacts,
        _background,
        _wording,
        _typography,
        _unclear_rules,
    )
    found = list(facts.found)
    for check in checks:
        found.extend(check(facts))
    unique: dict[tuple[str, tuple[int, ...], str], Finding] = {}
    for item in found:
        unique.setdefault((item.code, item.lines, item.what), item)
    return tuple(unique.values())


def numbered(findings: tuple[Finding, ...], timetable: Timetable) -> tuple[Anomaly, ...]:
    """Anomalies A01… with the sessions that stand on their lines."""
    by_line: dict[int, list[str]] = defaultdict(list)
    for session in timetable.sessions:
        if session.source.line is not None:
            by_line[session.source.line].append(session.session_id)
    numbered_list = []
    for index, item in enumerate(findings, 1):
        cells = [
            s.session_id
            for s in timetable.sessions
            if item.cell and s.source.phrase.strip() == item.cell.strip()
        ]
        concerned = cells or (
            [name for line in item.lines for name in by_line[line]]
            if len(item.lines) > 1 or not item.cell
            else []
        )
        numbered_list.append(
            Anomaly(
                f"A{index:02d}",
                item.code,
                item.lines,
                item.cell,
                item.what,
                item.done,
                tuple(dict.fromkeys(concerned)),
            )
        )
    return tuple(numbered_list)


def _lines(sessions: list[Session]) -> tuple[int, ...]:
    return tuple(sorted({session.source.line for session in sessions if session.source.line is not None}))


def _outliers(facts: Facts) -> list[Finding]:
    found = []
    for session, usual in outliers(list(facts.sessions)):
        if session.start is None:
            continue
        what = f"{spoken_day(session)}写的是{session.start:%H:%M}，其他{WEEKDAY_NAMES[session.held_on.weekday()]}是{usual:%H:%M}，按印的保留"
        found.append(Finding("start_outlier", _lines([session]), what, "kept", session.source.phrase))
    return found


def pending(facts: Facts) -> list[Session]:
    """Sessions without an hour, save those whose hour is printed but cannot be right."""
    broken = {
        line
        for item in facts.found
        if item.code in ("contradictory_time", "impossible_time")
        for line in item.lines
    }
    return [s for s in facts.sessions if s.start is None and not (s.source.line in broken and _has_hour(s))]


def _has_hour(session: Session) -> bool:
    return any(
        mention.problem in ("impossible_time", "contradictory_time")
        for mention in scan_times(fold(session.source.phrase))
    )


def _pending(facts: Facts) -> list[Finding]:
    waiting = pending(facts)
    if not waiting:
        return []
    rule_lines = {
        int(match[1])
        for s in waiting
        if s.period_source and (match := re.match(r"line (\d+)", s.period_source))
    }
    days = "、".join(f"{s.held_on.month}月{s.held_on.day}日" for s in waiting)
    lines = tuple(sorted({*rule_lines, *_lines(waiting)}))
    return [Finding("time_pending", lines, f"{days}没有写几点，时间待定，没有猜", "asked")]


def _several_items(facts: Facts) -> list[Finding]:
    several = [session for session in facts.sessions if len(session.items) > 1]
    return (
        [
            Finding(
                "several_items",
                _lines(several),
                f"有{len(several)}场一格里有两个以上题目，各算一场，题目按顺序保留",
                "kept",
            )
        ]
        if several
        else []
    )


def _repeated_titles(facts: Facts) -> list[Finding]:
    by_title: dict[str, list[Session]] = defaultdict(list)
    for session in facts.sessions:
        for item in session.items:
            if item.title:
                by_title[item.title].append(session)
    repeated = {title: same for title, same in by_title.items() if len({s.held_on for s in same}) > 1}
    if not repeated:
        return []
    concerned = [session for same in repeated.values() for session in same]
    names = "、".join(f"《{title}》" for title in repeated)
    return [
        Finding("title_repeated", _lines(concerned), f"{names}在不同日期各有一场，分别保留，不合并", "kept")
    ]


def _open_titles(facts: Facts) -> list[Finding]:
    titled = [
        s
        for s in facts.sessions
        if any((item.title or "").endswith(("等", "等等", "…", "……")) for item in s.items)
    ]
    return (
        [Finding("open_ended_title", _lines(titled), "有题目以“等”结尾，原样保留", "kept")] if titled else []
    )


def _no_title(facts: Facts) -> list[Finding]:
    if facts.outline.title is not None or not facts.sessions:
        return []
    line = _lines(list(facts.sessions))[:1]
    return [Finding("no_title", line, "没有读到通知的标题，请确认名称", "asked")]


def _names(facts: Facts) -> list[Finding]:
    if not facts.outline.aliases:
        return []
    names = "、".join(facts.outline.aliases)
    return [
        Finding(
            "title_varies",
            facts.outline.name_lines,
            f"同一活动还写作：{names}；正式名称用“{facts.outline.title}”",
            "kept",
        )
    ]


def missing_details(facts: Facts) -> dict[str, list[Session]]:
    """Which sessions lack a place, an end, a speaker (a group's own meeting needs none)."""
    return {
        "place": [s for s in facts.sessions if s.place is None],
        "end": [s for s in facts.sessions if s.end is None],
        "speaker": [
            s
            for s in facts.sessions
            if not any(item.speaker for item in s.items) and s.kind in ("lecture", "talks")
        ],
    }


def _details(facts: Facts) -> list[Finding]:
    missing = missing_details(facts)
    names = {"place": "地点", "end": "结束时间", "speaker": "主讲人"}
    parts = [f"{len(same)}场没有写{names[key]}" for key, same in missing.items() if same]
    if not parts:
        return []
    concerned = [session for same in missing.values() for session in same]
    lines = set(_lines(concerned))
    for reading in facts.tables:
        rows = lines & set(reading.row_lines)
        if (
            reading.header_line is not None
            and rows
            and reading.header_line not in rows
            and any(len(same) == len(facts.sessions) for same in missing.values())
        ):
            lines.add(reading.header_line)
    return [Finding("details_missing", tuple(sorted(lines)), "，".join(parts) + "，留空待通知", "asked")]


def _missing_assets(facts: Facts) -> list[Finding]:
    absent = [item.name for item in facts.attachments if not item.present]
    if not absent:
        return []
    return [
        Finding("attachment_missing", facts.missing_lines, f"提到但没有附上：{'、'.join(absent)}", "asked")
    ]


def _currency(facts: Facts) -> list[Finding]:
    lines = tuple(
        sorted(
            {
                r.source.line
                for r in facts.rewards
                if r.amount is not None and "not printed" in (r.currency or "") and r.source.line is not None
            }
        )
    )
    return [Finding("currency_missing", lines, "金额后面没有印单位，按元理解并标明", "kept")] if lines else []


def _deadline(facts: Facts) -> list[Finding]:
    rule = next((rule for rule in facts.rules if rule.rule == "report_deadline"), None)
    if rule is None or rule.value is not None:
        return []
    named = [
        facts.rule(name)
        for name in (
            "attendance_required",
            "report_days",
            "report_min_pages",
            "report_type",
            "slides_required",
        )
    ]
    lines = tuple(
        sorted(
            {
                r.source.line
                for r in named
                if r is not None and r.source is not None and r.source.line is not None
            }
        )
    )
    return [
        Finding(
            "deadline_missing",
            lines,
            "没有写报告的截止时间，也没有写签到、迟到和请假规定；这些由本组规定",
            "kept",
        )
    ]


def _registration(facts: Facts) -> list[Finding]:
    rules = [rule for rule in facts.rules if rule.rule == "registration_deadline"]
    return [
        Finding(
            "registration_deadline",
            (rule.source.line,),
            f"第{rule.source.line}行的{rule.value}是报名截止，不是场次",
            "kept",
            rule.source.phrase,
        )
        for rule in rules
        if rule.source is not None and rule.source.line is not None
    ]


def _contacts(facts: Facts) -> list[Finding]:
    lines = tuple(sorted({c.line for c in facts.contacts if c.account is None and c.line is not None}))
    names = "、".join(contact.name for contact in facts.contacts if contact.account is None)
    return [Finding("contact_incomplete", lines, f"{names}没有印账号或号码", "asked")] if lines else []


def _background(facts: Facts) -> list[Finding]:
    lines = tuple(
        p.line
        for p in facts.page.paragraphs()
        if BACKGROUND.search(fold(p.text)) and p.line not in {r.source.line for r in facts.rewards}
    )
    return (
        [Finding("background_only", lines, "这一段是项目申请的背景文字，不当作奖励或资助承诺", "kept")]
        if lines
        else []
    )


def _wording(facts: Facts) -> list[Finding]:
    lines = tuple(
        p.line
        for p in facts.page.paragraphs()
        if re.search(r"基于[^，。；]{1,16}以[^，。；]{0,8}(?:补助|补贴|奖励)", p.text)
    )
    return [Finding("wording", lines, "“基于……以……”疑为“给予”，原文照引", "kept")] if lines else []


def _typography(facts: Facts) -> list[Finding]:
    """Spaces inside a cohort's name, two numbering marks in one, ppt beside PPT."""
    texts = [(p.line, p.text) for p in facts.page.paragraphs() if p.line not in facts.topics.lines]
    spaced = [line for line, text in texts if re.search(r"研 \d", text)]
    doubled = [line for line, text in texts if re.search(r"^\s*-\s*\d+\s*[、)）]", text)]
    spellings = {match[0] for _, text in texts for match in re.finditer(r"ppt", text, re.IGNORECASE)}
    mixed = (
        [next(line for line, text in texts if spelling in text) for spelling in sorted(spellings)]
        if len(spellings) > 1
        else []
    )
    lines = tuple(
        sorted(
            {
                *spaced[:1],
                *doubled[:1],
                *mixed[:0],
                *mixed[-1:],
                *[line for line in doubled if re.search(r"\d\)", dict(texts)[line])][:1],
            }
        )
    )
    return [Finding("typography", lines, "字距、编号和大小写不统一，按同一意思读", "kept")] if lines else []


def _unclear_rules(facts: Facts) -> list[Finding]:
    from programme.notice.questions import unclear

    return [Finding("rule_unclear", item.lines, item.text, "asked") for item in unclear(facts)]
