"""A clock that a demonstration can move: it starts where it is told, runs at its own speed and jumps."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable
from datetime import datetime, timedelta
from typing import Protocol
from zoneinfo import ZoneInfo

SHANGHAI = ZoneInfo("Asia/Shanghai")


class Clock(Protocol):
    def now(self) -> datetime:
        """The current time, aware."""


class DemoClock(Clock, Protocol):
    """What the simulator needs of a clock; *speed* is simulated seconds per real second."""

    @property
    def speed(self) -> float: ...

    def set(self, to: datetime) -> None:
        """Jump to *to* (aware, any zone)."""


class SimulatedClock:
    """A thread-safe DemoClock in Asia/Shanghai.

    *start* is aware; a naive one is read as Shanghai time, which is how a person types it.
    *seconds* is a real, monotonic source of seconds.
    """

    def __init__(
        self, start: datetime, speed: float = 1.0, seconds: Callable[[], float] = time.monotonic
    ) -> None:
        self._lock = threading.Lock()
        self._seconds = seconds
        self._speed = speed
        self._base = in_shanghai(start)
        self._since = seconds()

    @property
    def speed(self) -> float:
        return self._speed

    def now(self) -> datetime:
        with self._lock:
            return self._now()

    def set(self, to: datetime) -> None:
        with self._lock:
            self._base = in_shanghai(to)
            self._since = self._seconds()

    def run_at(self, speed: float) -> None:
        """Go on from the present moment at *speed* simulated seconds per real second (0 stops)."""
        with self._lock:
            self._base = self._now()
            self._since = self._seconds()
            self._speed = speed

    def _now(self) -> datetime:
        return self._base + timedelta(seconds=(self._seconds() - self._since) * self._speed)


def in_shanghai(at: datetime) -> datetime:
    """*at* in Asia/Shanghai; a naive time is taken to be Shanghai time already."""
    if at.tzinfo is None:
        return at.replace(tzinfo=SHANGHAI)
    return at.astimezone(SHANGHAI)
