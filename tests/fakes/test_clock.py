"""The demonstration's clock runs at its speed, jumps, and is walked from event to event."""

from __future__ import annotations

import threading
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta

import pytest

from fakes.clock import SHANGHAI, SimulatedClock
from fakes.walk import Backwards, Busy, TimeWalk

START = datetime(2023, 7, 4, 14, 20, tzinfo=SHANGHAI)


@dataclass
class Seconds:
    """A hand-wound stopwatch."""

    value: float = 100.0

    def __call__(self) -> float:
        return self.value


def at(day: int, hour: int, minute: int = 0) -> datetime:
    return datetime(2023, 7, day, hour, minute, tzinfo=SHANGHAI)


@pytest.mark.parametrize(("speed", "seconds"), [(1.0, 90), (60.0, 5400), (0.0, 0)])
def test_the_clock_runs_at_its_speed(speed: float, seconds: int) -> None:
    stopwatch = Seconds()
    clock = SimulatedClock(START, speed, stopwatch)

    stopwatch.value += 90

    assert clock.now() == START + timedelta(seconds=seconds)


def test_a_jump_goes_on_at_the_same_speed() -> None:
    stopwatch = Seconds()
    clock = SimulatedClock(START, 2.0, stopwatch)
    stopwatch.value += 10

    clock.set(at(13, 9))
    stopwatch.value += 10

    assert clock.now() == at(13, 9) + timedelta(seconds=20)


def test_a_change_of_speed_keeps_the_moment() -> None:
    stopwatch = Seconds()
    clock = SimulatedClock(START, 60.0, stopwatch)
    stopwatch.value += 60

    clock.run_at(1.0)
    stopwatch.value += 60

    assert clock.now() == START + timedelta(minutes=61)


def test_a_time_without_zone_is_shanghai_time_and_others_are_converted() -> None:
    naive = SimulatedClock(START.replace(tzinfo=None), 0)
    utc = SimulatedClock(datetime(2023, 7, 4, 6, 20, tzinfo=UTC), 0)

    assert (naive.now(), utc.now()) == (START, START)
    assert utc.now().utcoffset() == timedelta(hours=8)


@dataclass
class July:
    """Three events; each is over once a tick has seen it, unless it *sticks*."""

    clock: SimulatedClock = field(default_factory=lambda: SimulatedClock(START, 0))
    events: list[datetime] = field(default_factory=lambda: [at(4, 14, 27), at(4, 14, 50), at(5, 14, 3)])
    ticks: list[datetime] = field(default_factory=list)
    waits: list[float] = field(default_factory=list)
    sticks: bool = False

    def next_event(self) -> datetime | None:
        return self.events[0] if self.events else None

    def tick(self) -> None:
        now = self.clock.now()
        self.ticks.append(now)
        if not self.sticks or len(self.ticks) > 1:
            self.events = [event for event in self.events if event > now]

    def walk(self, wait: Callable[[threading.Event, float], bool] | None = None) -> TimeWalk:
        def note(stop: threading.Event, seconds: float) -> bool:
            self.waits.append(seconds)
            return stop.is_set()

        return TimeWalk(self.clock, self.next_event, self.tick, wait or note)


def test_a_step_stands_at_the_next_event_and_has_ticked() -> None:
    july = July()

    reached = july.walk().to_next()

    assert (reached, july.clock.now(), july.ticks) == (at(4, 14, 27), at(4, 14, 27), [at(4, 14, 27)])


def test_nothing_is_left_after_the_last_event() -> None:
    july = July(events=[])

    assert july.walk().to_next() is None
    assert july.clock.now() == START


def test_a_walk_ticks_at_every_event_on_its_way_and_at_its_end() -> None:
    july = July()

    july.walk().to(at(4, 20))

    assert july.ticks == [at(4, 14, 27), at(4, 14, 50), at(4, 20)]


def test_an_overdue_event_is_done_now_without_going_back() -> None:
    july = July(events=[at(4, 9)])

    july.walk().to_next()

    assert (july.ticks, july.clock.now()) == ([START], START)


def test_an_event_that_stays_due_does_not_hold_the_clock() -> None:
    july = July(sticks=True)

    july.walk().to_next()

    assert july.clock.now() == at(4, 14, 28)


def test_the_walk_does_not_go_back() -> None:
    with pytest.raises(Backwards):
        July().walk().to(at(3, 9))


def test_two_walks_at_once_are_refused() -> None:
    july = July()
    walk = july.walk()
    refused: list[bool] = []

    def tick_and_walk_again() -> None:
        try:
            walk.to_next()
        except Busy:
            refused.append(True)
        july.events.clear()

    walk._tick = tick_and_walk_again

    walk.to_next()

    assert refused == [True]


def test_playing_visits_every_event_and_keeps_the_proportions_of_time() -> None:
    july = July()
    walk = july.walk()

    walk.play(at(6, 14, 20))
    assert walk._player is not None
    walk._player.join(5)

    assert july.ticks == [at(4, 14, 27), at(4, 14, 50), at(5, 14, 3)]
    assert july.waits == [pytest.approx(240 * 7 / 2880), pytest.approx(240 * 23 / 2880), 4.0]


def test_playing_ends_before_an_event_after_its_end() -> None:
    july = July()
    walk = july.walk()

    walk.play(at(4, 15))
    assert walk._player is not None
    walk._player.join(5)

    assert july.ticks == [at(4, 14, 27), at(4, 14, 50)]


def test_a_month_of_hourly_events_is_played_within_four_minutes() -> None:
    july = July(events=[START + timedelta(hours=hour) for hour in range(1, 27 * 24)])
    walk = july.walk()

    walk.play(at(31, 23, 59))
    assert walk._player is not None
    walk._player.join(10)

    assert (len(july.ticks), sum(july.waits) <= 240) == (27 * 24 - 1, True)


def test_playing_stops_when_it_is_told() -> None:
    july = July()
    waiting = threading.Event()

    def wait(stop: threading.Event, seconds: float) -> bool:
        waiting.set()
        return stop.wait(5)

    walk = july.walk(wait)
    walk.play(at(31, 23, 59))
    waiting.wait(5)

    walk.stop()

    assert (walk.playing, july.ticks) == (False, [])
