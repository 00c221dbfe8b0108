"""Which channels may send now, and how many requests at once."""

from __future__ import annotations

import threading
from collections.abc import Collection, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta

from channels.channel import Delivery

# Enough for 50 personal texts to leave within a second of each other at 0.3 s a request.
WIDTH = 24
CROWDED = 45033
CROWDED_FOR = timedelta(minutes=10)
UNSAID_WAIT_S = 60.0


@dataclass
class _State:
    width: int = 1
    ceiling: int = WIDTH
    crowded_at: datetime | None = None
    held_until: datetime | None = None
    stopped: Delivery | None = None


class Gates:
    """The state of every channel; thread-safe.

    A channel sends one request at a time until one arrives, and again after anything that went
    wrong: a wrong secret, a foreign address or a platform that is away is met once, not 24 times.
    Where the platform finds many at once too many, half as many leave for ten minutes.
    """

    def __init__(self, channels: Collection[str], one_by_one: Collection[str]) -> None:
        self._lock = threading.Lock()
        self._one_by_one = frozenset(one_by_one)
        self._states = {name: _State() for name in channels}

    @property
    def stopped(self) -> Mapping[str, Delivery]:
        with self._lock:
            return {name: s.stopped for name, s in self._states.items() if s.stopped is not None}

    def resume(self, channel: str) -> None:
        with self._lock:
            self._states[channel].stopped = None
            self._states[channel].held_until = None

    def width(self, channel: str, moment: datetime) -> int:
        """How many requests may be on their way at once; 0 for a channel that is held or stopped."""
        with self._lock:
            state = self._states[channel]
            if _closed_until(state, moment) is not None:
                return 0
            if state.crowded_at is not None and abs(moment - state.crowded_at) >= CROWDED_FOR:
                state.crowded_at, state.ceiling = None, WIDTH
            return 1 if channel in self._one_by_one else min(state.width, state.ceiling)

    def closed_until(self, channel: str, moment: datetime) -> datetime | None:
        """When to look again at what is to go there; None while it is open."""
        with self._lock:
            return _closed_until(self._states[channel], moment)

    def note(self, channel: str, delivery: Delivery, moment: datetime) -> bool:
        """Learn from an answer; whether a stopped channel works again."""
        with self._lock:
            state = self._states[channel]
            if delivery.outcome in ("delivered", "permanent"):
                was_stopped, state.stopped, state.width = state.stopped is not None, None, WIDTH
                return was_stopped
            state.width = 1
            if delivery.errcode == CROWDED:
                state.crowded_at, state.ceiling = moment, max(1, state.ceiling // 2)
            if delivery.outcome == "wait":
                state.held_until = moment + timedelta(seconds=delivery.wait_s or UNSAID_WAIT_S)
            if delivery.outcome == "alarm":
                state.stopped = delivery
                state.held_until = moment + timedelta(seconds=delivery.wait_s) if delivery.wait_s else None
            return False


def _closed_until(state: _State, moment: datetime) -> datetime | None:
    if state.stopped is not None and not state.stopped.wait_s:
        # Nobody knows when; what waits is looked at again in a while.
        return moment + timedelta(seconds=UNSAID_WAIT_S)
    if state.held_until is not None and state.held_until > moment:
        return state.held_until
    return None
