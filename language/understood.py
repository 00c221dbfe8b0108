"""The result of understanding one text."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date, datetime
from types import MappingProxyType
from typing import Literal

SpeakerRole = Literal["student", "mentor", "admin"]
Part = Literal["dawn", "morning", "noon", "afternoon", "evening"]
Slot = str | int | bool
NO_SLOTS: Mapping[str, Slot] = MappingProxyType({})


@dataclass(frozen=True)
class Span:
    """A stretch of days or clock times, both ends inclusive; an open end is None.

    A day is a date, a clock time an aware datetime (rules D1-D12).
    """

    start: date | datetime | None
    end: date | datetime | None
    part: Part | None = None


@dataclass(frozen=True)
class Understood:
    """*intent* is one of the 25 labels or a finer label of our own (see language/labels.py).

    *is_sure* False asks for a confirmation before anything changes. *suggestions* are real
    commands near the text, for the honest "没听懂". *spans* are all dates of the text, *span* the
    one that counts. *also* is a question asked beside an action, to be answered with it (T2).
    """

    intent: str
    text: str
    slots: Mapping[str, Slot] = field(default_factory=lambda: NO_SLOTS)
    span: Span | None = None
    is_sure: bool = True
    suggestions: tuple[str, ...] = ()
    spans: tuple[Span, ...] = ()
    also: Understood | None = None
