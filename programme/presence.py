"""What people may decide about somebody's presence, and which session of a day it is about; pure."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, time, tzinfo
from typing import Literal

from programme.attendance import CheckinRules, Opened, is_obliged, lateness_min, window_of
from programme.people import Person
from programme.schedule import Event

# pending: the session is still open and nothing is on record; absent: it is over; not_there: the same of
# somebody whom nothing obliges (R15: no absence is counted).
Standing = Literal[
    "present",
    "late",
    "voluntary",
    "to_verify",
    "absent",
    "not_there",
    "on_leave",
    "pending",
    "online_pending",
]
Decided = Literal["present", "late", "voluntary", "absent", "on_leave"]


@dataclass(frozen=True)
class Mark:
    """A presence as it stands or shall stand; *late_min* 0 where it is not late or nobody knows by how much."""

    state: Standing
    late_min: int = 0


WORDS: dict[str, Decided] = {
    "到场": "present",
    "准时": "present",
    "到": "present",
    "迟到": "late",
    "缺勤": "absent",
    "请假": "on_leave",
}


def decided_by_word(word: str, minutes: int, person: Person, event: Event) -> Mark | None:
    """到场, 迟到 10, 缺勤, 请假 as a mark; None for what is decided in another way (线上 needs a guarantee)."""
    state = WORDS.get(word)
    if state is None:
        return None
    if state in ("present", "late") and not is_obliged(person, event):
        return Mark("voluntary")
    if state == "absent":
        return away(person, event)
    return Mark(state, minutes if state == "late" else 0)


def away(person: Person, event: Event) -> Mark:
    """Somebody who was not there."""
    return Mark("absent" if is_obliged(person, event) else "not_there")


def arrived(person: Person, event: Event, at: datetime, rules: CheckinRules, zone: tzinfo) -> Mark:
    """Somebody who is known to have come at *at*: late by the same rules as a check-in of that moment.

    A moment after the close says nothing about when they came.
    """
    if not is_obliged(person, event):
        return Mark("voluntary")
    window = window_of(Opened(event, None), rules, zone)
    late_min = lateness_min(event, at, rules, zone)
    if window is not None and at > window.closes_at:
        late_min = 0
    return Mark("late", late_min) if late_min else Mark("present")


def has_begun(opened: Opened, at: datetime, rules: CheckinRules, zone: tzinfo) -> bool:
    """Whether there is a presence to speak of: check-in is open, or was, or the day is over."""
    held_on = opened.event.occurrence.held_on
    if held_on != at.astimezone(zone).date():
        return held_on < at.astimezone(zone).date()
    window = window_of(opened, rules, zone)
    return window is not None and window.opens_at <= at


def is_over(opened: Opened, at: datetime, rules: CheckinRules, zone: tzinfo) -> bool:
    if opened.event.occurrence.held_on != at.astimezone(zone).date():
        return opened.event.occurrence.held_on < at.astimezone(zone).date()
    window = window_of(opened, rules, zone)
    return window is not None and at > window.closes_at


def latest_begun(
    candidates: Sequence[Opened], at: datetime, rules: CheckinRules, zone: tzinfo
) -> Event | None:
    """The last of *candidates* (in order of time) whose check-in has opened by *at*; None before that."""
    begun = [c.event for c in candidates if not c.event.is_cancelled and has_begun(c, at, rules, zone)]
    return begun[-1] if begun else None


def meant(events: Sequence[Event], hour: time | None) -> tuple[Event, ...]:
    """Of the sessions of one day those that begin at *hour*; all that are held where none is named."""
    held = tuple(event for event in events if event.is_held and not event.is_cancelled)
    return tuple(event for event in held if event.occurrence.start == hour) if hour else held
