"""Where a fact is printed: the words, their section, and the line."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass

from programme.programme import Programme, Rule
from programme.session_facts import set_since
from programme.sessions import Session, Source

LONGEST_HEADING = 16
_NUMBERED = re.compile(
    r"(?:[一二三四五六七八九十]{1,3}\s*[、.．]|[（(][一二三四五六七八九十]{1,3}[)）])[^，。；：、,;:\d]+"
)


@dataclass(frozen=True)
class Quote:
    """Words of the notice as they are shown to people: 「phrase」（section，第N行）."""

    phrase: str
    line: int | None
    section: str | None


def quote(programme: Programme, source: Source) -> Quote:
    return Quote(source.phrase, source.line, section_of(programme.lines, source.line))


def section_of(lines: Mapping[int, str], line: int | None) -> str | None:
    """The nearest heading at or above *line*."""
    if line is None:
        return None
    for number in range(line, 0, -1):
        if is_heading(lines, number):
            return lines[number].strip().strip("★：: ")
    return None


def is_heading(lines: Mapping[int, str], number: int) -> bool:
    """A line that opens with ★, a short one numbered 一、 or （一）, one that ends with ：, or one that stands alone."""
    text = lines.get(number, "").strip()
    if not text or len(text) > LONGEST_HEADING:
        return False
    if text.startswith("★") or text.endswith(("：", ":")) or _NUMBERED.fullmatch(text):
        return True
    stands_alone = not lines.get(number - 1, "").strip() and not lines.get(number + 1, "").strip()
    return stands_alone and not any(mark in text for mark in "，。；、,.;\t0123456789")


def sources_of_session(programme: Programme, session: Session) -> tuple[Source, ...]:
    """The cell or line of *session*, the rule that gives it its half of the day, what was set since."""
    sources = [session.source]
    if session.start is None:
        sources = [*(rule.source for rule in period_rules(programme, session) if rule.source), *sources]
    return (*sources, *set_since(programme, session))


def period_rules(programme: Programme, session: Session) -> tuple[Rule, ...]:
    """Rules whose printed words are where *session*'s half of the day comes from."""
    hint = session.period_source or ""
    return tuple(
        rule
        for rule in programme.rules
        if rule.source and rule.source.line and f"line {rule.source.line}" in hint
    )[:1]
