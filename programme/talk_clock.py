"""Where a running order stands at a moment: who speaks, how long still, who is next; pure."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Literal

from programme.talk_plan import TalkSlot

Phase = Literal["before", "talk", "between", "over"]


@dataclass(frozen=True)
class Standing:
    """*left_s* counts seconds to the end of the talk (talk) or to the next one (before, between); 0 when over."""

    phase: Phase
    current: TalkSlot | None
    following: TalkSlot | None
    left_s: int
    share: float = 0.0  # of the present talk that is gone, 0 to 1


def standing(slots: Sequence[TalkSlot], now: datetime) -> Standing:
    """*slots* are one room's of one day in order, *now* the wall clock there (naive)."""
    following = next((s for s in slots if datetime.combine(s.held_on, s.start) > now), None)
    for slot in slots:
        start, end = datetime.combine(slot.held_on, slot.start), datetime.combine(slot.held_on, slot.end)
        if start <= now < end:
            gone = (now - start) / (end - start)
            return Standing("talk", slot, following, seconds(now, end), gone)
    if following is None:
        return Standing("over", None, None, 0)
    phase: Phase = "before" if following == slots[0] else "between"
    return Standing(
        phase, None, following, seconds(now, datetime.combine(following.held_on, following.start))
    )


def seconds(now: datetime, until: datetime) -> int:
    return max(int((until - now).total_seconds()), 0)


def day_shown(slots: Sequence[TalkSlot], today: date) -> date | None:
    """Today or the next day with talks; the last one when all are over."""
    days = sorted({slot.held_on for slot in slots})
    return next((day for day in days if day >= today), days[-1] if days else None)
