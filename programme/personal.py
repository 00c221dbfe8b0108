"""How somebody wants to be reminded: not at all, as the rules say, or at a distance of their own; pure."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import timedelta
from typing import Literal

from programme.people import Person

# Nearer than five minutes nobody would make it; further than a day is what the evening before is for.
LEAST_LEAD_MIN, MOST_LEAD_MIN = 5, 24 * 60

Distance = Literal["fine", "too_near", "too_far"]


def distance(minutes: int) -> Distance:
    """Whether a reminder that many minutes before the start can be had."""
    if minutes < LEAST_LEAD_MIN:
        return "too_near"
    return "too_far" if minutes > MOST_LEAD_MIN else "fine"


def leads_of(people: Iterable[Person]) -> tuple[timedelta, ...]:
    """Every distance of their own that somebody wants, each once, the shortest first."""
    chosen = {person.lead_min for person in people if person.lead_min is not None}
    return tuple(timedelta(minutes=minutes) for minutes in sorted(chosen))
