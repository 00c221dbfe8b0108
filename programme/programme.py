"""A whole programme as one frozen value: what the notice says plus what was set since."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date, datetime
from functools import cached_property
from types import MappingProxyType
from typing import Any, Literal

from programme.sessions import Occurrence, Session, Source

RuleValue = bool | int | str | list[str] | dict[str, object] | None


@dataclass(frozen=True)
class Topic:
    """One direction to choose from. *order* (1-based) is the id and the number used in commands;
    *printed_no* is the number printed in the notice, which may repeat (notice L47, L51)."""

    order: int
    printed_no: int | None
    title: str
    note: str | None
    heading: str
    heading_line: int
    paragraphs: tuple[str, ...]
    body_lines: tuple[int, ...]


@dataclass(frozen=True)
class Rule:
    """One requirement as data (R35 does the same for money). *source* None: the notice is silent."""

    rule_id: str
    rule: str
    applies_to: tuple[str, ...]
    value: RuleValue
    source: Source | None


@dataclass(frozen=True)
class Reward:
    """One clause about money. *amount* None means the notice gives none."""

    reward_id: str
    name: str
    condition: str
    amount: int | None
    unit: str | None
    currency: str | None
    applies_to: tuple[str, ...]
    source: Source


@dataclass(frozen=True)
class Contact:
    name: str
    role: str
    channel: str | None
    account: str | None
    line: int | None


@dataclass(frozen=True)
class Attachment:
    """Something the notice refers to; *present* False means it was not supplied with it."""

    name: str
    present: bool
    lines: tuple[int, ...]


QuestionState = Literal["open", "answered"]
STAYS_UNKNOWN = "待定"  # the answer of a question that was put aside


@dataclass(frozen=True)
class Question:
    """Something the notice leaves open, numbered for the admin: 回复 2 14:00.

    *subject* says what the answer changes: "year", "start:<session_id>[,<session_id>…]",
    "place", "end", "asset:<name>", "setting:<key>". *options* are the offered answers, the
    default first; empty when the answer is free. *code* is an anomaly code of the import.
    """

    number: int
    code: str
    text: str
    subject: str
    options: tuple[str, ...]
    lines: tuple[int, ...]
    state: QuestionState = "open"
    answer: str | None = None
    answered_by: str | None = None
    answered_at: datetime | None = None

    @property
    def is_put_aside(self) -> bool:
        """Answered with 待定: what it asks stays unknown until somebody answers again."""
        return self.state == "answered" and self.answer == STAYS_UNKNOWN


@dataclass(frozen=True)
class Decided:
    """Who (a person_id) set a 本组规定 in chat, and when."""

    by: str
    at: datetime


@dataclass(frozen=True)
class Programme:
    """Everything known about one programme at one version; immutable, replaced as a whole (D19).

    *settings* are the rows of 本组规定 (design D14) by key; *decided* says of those that were set in
    chat who did it when. What was set of a session stands there too (programme/session_facts.py).
    """

    programme_id: str
    version: int
    title: str
    year: int
    timezone: str
    first_date: date
    last_date: date
    sessions: tuple[Session, ...]
    occurrences: tuple[Occurrence, ...]
    topics: tuple[Topic, ...]
    rules: tuple[Rule, ...]
    rewards: tuple[Reward, ...]
    contacts: tuple[Contact, ...]
    attachments: tuple[Attachment, ...]
    questions: tuple[Question, ...]
    lines: Mapping[int, str] = field(default_factory=lambda: MappingProxyType({}))
    settings: Mapping[str, str] = field(default_factory=lambda: MappingProxyType({}))
    decided: Mapping[str, Decided] = field(default_factory=lambda: MappingProxyType({}))

    @cached_property
    def memo(self) -> dict[tuple[object, ...], Any]:
        """What was worked out from this value, by what it is for. The value never changes, so neither
        does any of it; two threads that work out the same thing at once do no harm."""
        return {}
