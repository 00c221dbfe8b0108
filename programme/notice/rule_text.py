"""One paragraph on its way to rules, and the words that several kinds of rules share."""

from __future__ import annotations

from dataclasses import dataclass

from programme.notice.dates import DateMention
from programme.notice.season import Season
from programme.programme import Rule, RuleValue
from programme.sessions import Source

ALL = ("all",)

PARTICIPANTS = ("participants",)

WEEKDAY_ENGLISH = ("monday", "tuesday", "wednesday", "thursday", "friday", "saturday", "sunday")

COUNT = r"([\d,]{1,9}|[一二两三四五六七八九十百千]{1,5}|\d{1,3}[百千万])"

_DOMAINS = (("工程", "engineering"), ("科研", "research"), ("教学", "teaching"), ("实践", "practice"))

REPORT = r"(?:报告|论文|综述|总结|文档|作业|心得|笔记|书面材料)"


@dataclass(frozen=True)
class RuleText:
    """One paragraph with what surrounds it: *season* for days (None: no year), *before* the paragraph above."""

    line: int
    raw: str
    folded: str
    season: Season | None
    before: str

    def source(self, start: int, end: int) -> Source:
        return Source(self.line, self.raw[start:end].strip(" ，,。；;（("))


def rule_at(
    text: RuleText, name: str, applies: tuple[str, ...], value: RuleValue, start: int, end: int
) -> Rule:
    return Rule("", name, applies, value, text.source(start, end))


def domain_of(folded: str) -> str | None:
    return next((name for mark, name in _DOMAINS if mark in folded), None)


def iso_day(mention: DateMention, season: Season | None) -> str | None:
    if season is None and mention.year is None:
        return None
    day = (season or Season(mention.year or 0)).day(mention)
    return day.isoformat() if day is not None else None
