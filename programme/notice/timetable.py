"""Sessions in the making: a placed day with its event, and what was found on the way."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import date

from programme.notice.calendar import Placed
from programme.notice.events import Event
from programme.notice.notice import FreeDay
from programme.notice.page import Finding
from programme.sessions import Kind, Session


@dataclass
class Timetable:
    """Sessions in order with what was found on the way. *title* of the notice, for what its sessions are."""

    title: str = ""
    sessions: list[Session] = field(default_factory=list)
    free_days: list[FreeDay] = field(default_factory=list)
    findings: list[Finding] = field(default_factory=list)
    used_facts: frozenset[tuple[str, int]] = frozenset()
    session_codes: dict[str, list[str]] = field(default_factory=dict)


@dataclass(frozen=True)
class Draft:
    placed: Placed
    event: Event
    kind: Kind
    is_series: bool = False

    @property
    def day(self) -> date:
        assert self.placed.held_on is not None  # noqa: S101 (drafts are only made of placed days)
        return self.placed.held_on
