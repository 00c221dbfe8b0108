"""Signs that a lead may want to look at; a sign is never a verdict (pure)."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime, timedelta

BURST_WITHIN = timedelta(minutes=1)
BURST_FROM = 5  # people; fewer are merely late


def burst_of(tries: Sequence[tuple[datetime, str]]) -> tuple[str, ...]:
    """The people of the largest burst: at least BURST_FROM of them within BURST_WITHIN; () for none.

    *tries* are (moment, person) after the close, in any order; somebody counts once.
    """
    ordered = sorted(tries)
    best: tuple[str, ...] = ()
    first = 0
    for last, (at, _) in enumerate(ordered):
        while at - ordered[first][0] > BURST_WITHIN:
            first += 1
        people = tuple(dict.fromkeys(person for _, person in ordered[first : last + 1]))
        if len(people) > len(best):
            best = people
    return best if len(best) >= BURST_FROM else ()
