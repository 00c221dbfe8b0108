"""What the notice demands, as data: all rules in a fixed order, each with its line."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from dataclasses import replace
from datetime import date

from programme.notice.marks import fold
from programme.notice.page import Finding, Page
from programme.notice.rule_conduct import absence, capacity, duties, host, leave, online_meeting, participants
from programme.notice.rule_people import (
    abilities,
    assessment,
    attendance,
    contact,
    guarantee,
    in_groups,
    modes,
    tentative,
    weekly,
)
from programme.notice.rule_reports import deadlines, formats, report_days, reports, talk_minutes, topic_choice
from programme.notice.rule_text import PARTICIPANTS, RuleText
from programme.notice.season import Season
from programme.programme import Rule

# The order in which rules are numbered; a rule that is not listed follows behind.
_ORDER = (
    "attendance_required",
    "attendance_optional",
    "mode_default",
    "mode_secondary",
    "online_needs_guarantee",
    "_group_meeting",
    "_talks",
    "plan_is_tentative",
    "both_abilities_required",
    "_assessment",
    "_goal",
    "_contact",
    "_in_groups",
    "report_days",
    "report_type",
    "report_min_pages",
    "report_max_pages",
    "report_min_words",
    "slides_required",
    "talk_minutes",
    "topic_choice_free",
    "topic_choice_within_directions",
    "report_format_required",
    "slides_template_required",
    "report_deadline",
    "registration_deadline",
    "topic_deadline",
    "other_deadline",
    "absence_rule",
    "leave_rule",
    "audience",
    "host",
    "capacity",
    "online_meeting",
    "duty",
)

_Reader = Callable[[RuleText], Iterator[Rule]]


def read_rules(
    page: Page, year: int | None, skip: frozenset[int], held: Iterable[date] = ()
) -> tuple[tuple[Rule, ...], tuple[Finding, ...]]:
    """All rules of the notice in a fixed order, numbered Q01…; the same rule with the same value counts once.

    *held*: the days of the sessions, which tell the year of a deadline beyond the turn of the year.
    """
    season = Season(year).with_days(held) if year is not None else None
    found: list[Rule] = []
    findings: list[Finding] = []
    before = ""
    for line, raw in _texts(page, skip):
        text = RuleText(line, raw, fold(raw), season, before)
        before = raw
        for reader in _READERS:
            for rule in reader(text):
                problem = _implausible(rule)
                if problem is not None:
                    findings.append(problem)
                    continue
                if not any(_same(rule, other) for other in found):
                    found.append(rule)
        found.extend(rule for rule in duties(text) if not _is_told(rule, found))
    found.sort(key=_rank)
    if any(rule.rule.startswith("report_") for rule in found) and not any(
        rule.rule == "report_deadline" for rule in found
    ):
        found.append(Rule("", "report_deadline", PARTICIPANTS, None, None))
        found.sort(key=_rank)
    return tuple(replace(rule, rule_id=f"Q{index:02d}") for index, rule in enumerate(found, 1)), tuple(
        findings
    )


def _texts(page: Page, skip: frozenset[int]) -> Iterator[tuple[int, str]]:
    for paragraph in page.paragraphs():
        if paragraph.line not in skip and paragraph.text.strip():
            yield paragraph.line, paragraph.text
    for table in page.tables():
        for row in table.rows:
            texts = {cell.text.strip() for cell in row.cells if cell.text.strip()}
            if len(texts) == 1 and row.line not in skip:
                yield row.line, texts.pop()


def _is_told(duty: Rule, found: list[Rule]) -> bool:
    """Whether a sentence that obliges has already given a rule of its own."""
    return duty.source is not None and any(
        rule.source is not None
        and rule.source.line == duty.source.line
        and (rule.source.phrase in duty.source.phrase or duty.source.phrase in rule.source.phrase)
        for rule in found
    )


def _same(rule: Rule, other: Rule) -> bool:
    if rule.rule != other.rule:
        return False
    if rule.rule in (
        "mode_default",
        "mode_secondary",
        "plan_is_tentative",
        "slides_required",
        "topic_choice_free",
    ):
        return True
    return rule.value == other.value and rule.applies_to == other.applies_to


def _rank(rule: Rule) -> tuple[int, int]:
    exact = [index for index, name in enumerate(_ORDER) if name == rule.rule]
    loose = [index for index, name in enumerate(_ORDER) if name.startswith("_") and rule.rule.endswith(name)]
    place = (exact or loose or [len(_ORDER)])[0]
    return place, rule.source.line if rule.source is not None and rule.source.line is not None else 0


def _implausible(rule: Rule) -> Finding | None:
    limits = {"report_min_pages": 500, "report_max_pages": 500, "report_min_words": 1_000_000}
    value = rule.value
    largest = (
        max((n for n in value.values() if isinstance(n, int)), default=0)
        if isinstance(value, dict)
        else value
    )
    limit = limits.get(rule.rule, 240 if rule.rule == "talk_minutes" else None)
    if limit is None or not isinstance(largest, int) or isinstance(largest, bool) or 0 < largest <= limit:
        return None
    line = rule.source.line if rule.source and rule.source.line else 0
    phrase = rule.source.phrase if rule.source else ""
    return Finding(
        "implausible_number", (line,), f"第{line}行的数字不合常理，没有采用：{phrase[:40]}", "asked", phrase
    )


_READERS: tuple[_Reader, ...] = (
    attendance,
    modes,
    guarantee,
    weekly,
    tentative,
    abilities,
    assessment,
    contact,
    in_groups,
    report_days,
    reports,
    talk_minutes,
    topic_choice,
    formats,
    deadlines,
    absence,
    leave,
    participants,
    host,
    capacity,
    online_meeting,
)
