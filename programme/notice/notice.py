"""The result of reading one notice: everything it says, what is odd about it, and what it leaves open."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date
from types import MappingProxyType

from programme.notice.page import Done
from programme.programme import Attachment, Contact, Question, Reward, Rule, Topic
from programme.sessions import Session


@dataclass(frozen=True)
class Anomaly:
    """One oddity (code of the import), where it stands, what it is (Chinese) and what was done."""

    anomaly_id: str
    code: str
    lines: tuple[int, ...]
    cell: str | None
    what: str
    done: Done
    session_ids: tuple[str, ...] = ()

    @property
    def line(self) -> int | None:
        return self.lines[0] if self.lines else None


@dataclass(frozen=True)
class FreeDay:
    """A printed day without a session. *printed_day* is what stands there, *held_on* what it means."""

    held_on: date
    printed_day: int
    weekday: int
    table_row: int | None
    line: int
    codes: tuple[str, ...] = ()


@dataclass(frozen=True)
class Notice:
    """*refused*: Chinese reasons for which nothing may be imported; empty when it may.

    *year* None while it is unknown; then there are no sessions and *candidate_years* are offered.
    """

    name: str
    title: str | None
    aliases: tuple[str, ...]
    preamble: str | None
    sections: tuple[str, ...]
    year: int | None
    year_is_printed: bool
    candidate_years: tuple[int, ...]
    month: int | None
    sessions: tuple[Session, ...]
    free_days: tuple[FreeDay, ...]
    topics: tuple[Topic, ...]
    topics_preamble: tuple[str, int] | None
    rules: tuple[Rule, ...]
    rewards: tuple[Reward, ...]
    contacts: tuple[Contact, ...]
    attachments: tuple[Attachment, ...]
    anomalies: tuple[Anomaly, ...]
    questions: tuple[Question, ...]
    refused: tuple[str, ...]
    table_rows: int = 0
    table_columns: int = 0
    lines: Mapping[int, str] = field(default_factory=lambda: MappingProxyType({}))
    settings: Mapping[str, str] = field(default_factory=lambda: MappingProxyType({}))

    @property
    def days(self) -> tuple[date, ...]:
        """Every day the notice places, with or without a session, in order."""
        return tuple(sorted({*(s.held_on for s in self.sessions), *(f.held_on for f in self.free_days)}))
