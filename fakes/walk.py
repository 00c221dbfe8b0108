"""Moves the demonstration's clock from event to event, and ticks at each, so nothing is stepped over."""

from __future__ import annotations

import threading
from collections.abc import Callable
from datetime import datetime, timedelta

from fakes.clock import DemoClock, in_shanghai

PLAY_S = 240.0  # a month is played in five minutes at most, ticks included
LEAST_STEP = timedelta(minutes=1)
LONGEST_PAUSE_S = 4.0


class Busy(Exception):
    """Somebody is moving the clock already."""


class Backwards(Exception):
    """The clock of the demonstration only goes forward."""


class TimeWalk:
    """Walks *clock* along *next_event* (aware, the next moment at which something is due, or None).

    *tick* does what is due at the clock's time. *wait* pauses for real seconds unless the event is
    set, and says whether it was.
    """

    def __init__(
        self,
        clock: DemoClock,
        next_event: Callable[[], datetime | None],
        tick: Callable[[], object],
        wait: Callable[[threading.Event, float], bool] = threading.Event.wait,
    ) -> None:
        self._clock = clock
        self._next_event = next_event
        self._tick = tick
        self._wait = wait
        self._moving = threading.Lock()
        self._stop = threading.Event()
        self._player: threading.Thread | None = None

    @property
    def playing(self) -> bool:
        return self._player is not None and self._player.is_alive()

    def next_at(self) -> datetime | None:
        at = self._next_event()
        return None if at is None else in_shanghai(at)

    def to_next(self) -> datetime | None:
        """Jump to the next event; None when nothing is left. Raises Busy."""
        with self._mine():
            return self._step()

    def forward(self, by: timedelta) -> None:
        """Raises Busy."""
        self.to(self._clock.now() + by)

    def to(self, at: datetime) -> None:
        """Walk to *at* by way of every event before it. Raises Busy, Backwards."""
        at = in_shanghai(at)
        with self._mine():
            if at <= self._clock.now():
                raise Backwards
            while (upcoming := self._next_event()) is not None and upcoming <= at:
                if self._step() is None or self._clock.now() >= at:
                    break
            if self._clock.now() < at:
                self._clock.set(at)
            self._tick()

    def play(self, until: datetime) -> None:
        """Walk to *until* in the background, events at their pace within PLAY_S. Raises Busy."""
        if self.playing:
            raise Busy
        self._stop.clear()
        self._player = threading.Thread(
            target=self._play, args=(in_shanghai(until),), name="play", daemon=True
        )
        self._player.start()

    def stop(self) -> None:
        """Returns when the clock stands again (runs at its own speed)."""
        self._stop.set()
        player = self._player
        if player is not None and player is not threading.current_thread():
            player.join()

    def _play(self, until: datetime) -> None:
        whole = max(until - self._clock.now(), LEAST_STEP)
        with self._moving:
            while not self._stop.is_set():
                upcoming = self._next_event()
                if upcoming is None or upcoming > until:
                    return
                share = max(upcoming - self._clock.now(), timedelta(0)) / whole
                if self._wait(self._stop, min(share * PLAY_S, LONGEST_PAUSE_S)):
                    return
                self._step()

    def _step(self) -> datetime | None:
        upcoming = self._next_event()
        if upcoming is None:
            return None
        now = self._clock.now()
        # What is overdue is done by the tick; only if it stays does the clock have to go on a little.
        self._clock.set(max(upcoming, now))
        self._tick()
        after = self._next_event()
        if after is not None and after <= self._clock.now():
            self._clock.set(self._clock.now() + LEAST_STEP)
            self._tick()
        return self._clock.now()

    def _mine(self) -> _Held:
        return _Held(self._moving)


class _Held:
    """The right to move the clock, or Busy at once."""

    def __init__(self, lock: threading.Lock) -> None:
        self._lock = lock

    def __enter__(self) -> None:
        if not self._lock.acquire(blocking=False):
            raise Busy

    def __exit__(self, *_: object) -> None:
        self._lock.release()
