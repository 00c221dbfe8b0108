"""What the running text of a notice gave, before the calendar has placed it."""

from __future__ import annotations

from dataclasses import dataclass, field

from programme.notice.dates import DateMention
from programme.notice.exceptions import SeriesException
from programme.notice.page import Finding
from programme.notice.printed import Printed
from programme.notice.series import Recurring
from programme.notice.standing import Standing


@dataclass(frozen=True)
class SpanBlock:
    """时间：7月13日至17日 with what stands beside it: the programme's days when others are listed inside them,
    else sessions of every day."""

    printed: Printed
    standing: Standing


@dataclass
class ProseReading:
    """What the running text gave: sessions, weekly rules, exceptions, and standing place or hours."""

    printed: list[Printed] = field(default_factory=list)
    rules: list[Recurring] = field(default_factory=list)
    exceptions: list[SeriesException] = field(default_factory=list)
    standing: list[Standing] = field(default_factory=list)
    headings: list[int] = field(default_factory=list)
    spans: list[SpanBlock] = field(default_factory=list)
    unreadable: list[Finding] = field(default_factory=list)
    deadlines: list[tuple[DateMention, int, str]] = field(default_factory=list)
    span: tuple[DateMention, int] | None = None
