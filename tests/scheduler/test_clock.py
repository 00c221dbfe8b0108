"""The ticker wakes, the lease elects, and nothing that breaks ends the ticking."""

from __future__ import annotations

import threading
from collections.abc import Callable
from datetime import UTC, datetime, timedelta, tzinfo

import pytest

from scheduler.clock import LEASE_S, Every, Prolonging, Tick, Ticked, Ticker
from storage.database import Database, StorageAway
from tests.scheduler.july import ZONE, shanghai

NOW = shanghai(4, 14, 3)
FAST = timedelta(milliseconds=10)
PATIENCE_S = 5.0

Opener = Callable[[], Database]


class Steps:
    """Keeps the moments at which it was called, and raises what it is told to."""

    def __init__(self, error: Exception | None = None) -> None:
        self.moments: list[datetime] = []
        self._error = error

    def __call__(self, now: datetime) -> None:
        self.moments.append(now)
        if self._error is not None:
            raise self._error


class After:
    """An event that is set by the *count*-th call."""

    def __init__(self, count: int) -> None:
        self.calls = 0
        self._count = count
        self._reached = threading.Event()

    def __call__(self, now: datetime) -> None:
        self.calls += 1
        if self.calls >= self._count:
            self._reached.set()

    def wait(self) -> bool:
        return self._reached.wait(PATIENCE_S)


def test_only_the_holder_of_the_lease_ticks(instance: Opener) -> None:
    here, there = Steps(), Steps()
    first = Tick(instance(), [("plan", here)], "first")
    second = Tick(instance(), [("plan", there)], "second")

    told = [first(NOW), second(NOW), first(NOW + timedelta(seconds=1))]

    assert told == [Ticked(True), Ticked(False), Ticked(True)]
    assert (len(here.moments), len(there.moments)) == (2, 0)


def test_another_instance_takes_over_when_the_holder_is_gone(instance: Opener) -> None:
    first = Tick(instance(), [("plan", Steps())], "first")
    second = Tick(instance(), [("plan", Steps())], "second")
    first(NOW)

    told = [second(NOW + timedelta(seconds=LEASE_S - 1)), second(NOW + timedelta(seconds=LEASE_S))]

    assert told == [Ticked(False), Ticked(True)]


def test_a_lease_given_back_is_taken_at_once(instance: Opener) -> None:
    first = Tick(instance(), [("plan", Steps())], "first")
    second = Tick(instance(), [("plan", Steps())], "second")
    first(NOW)
    first.release()

    told = second(NOW)

    assert told == Ticked(True)


@pytest.mark.parametrize("error", [ZeroDivisionError(), StorageAway()])
def test_a_broken_step_is_named_and_the_others_run(instance: Opener, error: Exception) -> None:
    relay = Steps()

    told = Tick(instance(), [("plan", Steps(error)), ("relay", relay)], "first")(NOW)

    assert (told, relay.moments) == (Ticked(True, ("plan",)), [NOW])


def test_without_a_database_nothing_is_done_and_nothing_raised(instance: Opener) -> None:
    database = instance()
    database.close()
    step = Steps()

    told = Tick(database, [("plan", step)], "first")(NOW)

    assert (told, step.moments) == (Ticked(False, ("lease",)), [])


def test_the_ticker_ticks_with_the_clock_it_was_given_until_it_is_stopped() -> None:
    tick = After(3)
    ticker = Ticker(tick, lambda: NOW, ZONE, every=FAST)

    ticker.start()
    reached = tick.wait()
    ticker.stop()
    calls = tick.calls

    assert (reached, ticker.last_tick, ticker.is_running) == (True, NOW, False)
    assert tick.calls == calls


@pytest.mark.filterwarnings("ignore::pytest.PytestUnhandledThreadExceptionWarning")
def test_a_tick_that_raises_is_followed_by_another() -> None:
    after = After(3)

    def tick(now: datetime) -> None:
        after(now)
        raise ZeroDivisionError

    ticker = Ticker(tick, lambda: NOW, ZONE, every=FAST)

    ticker.start()
    reached = after.wait()
    ticker.stop()

    assert (reached, ticker.last_tick) == (True, None)


def test_slow_work_does_not_hold_up_the_tick() -> None:
    release, tick = threading.Event(), After(3)
    ticker = Ticker(tick, lambda: NOW, ZONE, every=FAST, work=lambda _now: release.wait(PATIENCE_S))

    ticker.start()
    reached = tick.wait()
    release.set()
    ticker.stop()

    assert reached


def test_stopping_waits_for_the_tick_that_is_running() -> None:
    begun, release, ended = threading.Event(), threading.Event(), threading.Event()

    def tick(_now: datetime) -> None:
        begun.set()
        release.wait(PATIENCE_S)
        ended.set()

    ticker = Ticker(tick, lambda: NOW, ZONE, every=FAST)
    ticker.start()
    assert begun.wait(PATIENCE_S)
    stopping = threading.Thread(target=ticker.stop)
    stopping.start()
    stopping.join(0.1)
    still_waits = stopping.is_alive()
    release.set()
    stopping.join(PATIENCE_S)

    assert (still_waits, ended.is_set(), stopping.is_alive()) == (True, True, False)


def test_starting_twice_is_refused() -> None:
    ticker = Ticker(Steps(), lambda: NOW, ZONE, every=FAST)
    ticker.start()

    with pytest.raises(RuntimeError):
        ticker.start()

    ticker.stop()


class SteppedZone(tzinfo):
    """A zone whose offset can be changed: what its wall clock shows then jumps as a set clock does."""

    def __init__(self) -> None:
        self.offset = timedelta(0)

    def utcoffset(self, _dt: datetime | None) -> timedelta:
        return self.offset

    def tzname(self, _dt: datetime | None) -> str:
        return "stepped"

    def dst(self, _dt: datetime | None) -> timedelta:
        return timedelta(0)

    def fromutc(self, dt: datetime) -> datetime:
        return (dt.replace(tzinfo=UTC) + self.offset).replace(tzinfo=self)


@pytest.mark.parametrize("step", [timedelta(hours=-2), timedelta(hours=2), timedelta(hours=20)])
def test_the_ticker_keeps_its_pace_when_the_wall_clock_is_set(step: timedelta) -> None:
    zone, before, after = SteppedZone(), After(2), After(6)

    def tick(now: datetime) -> None:
        before(now)
        after(now)

    ticker = Ticker(tick, lambda: NOW, zone, every=FAST)
    ticker.start()
    assert before.wait()

    zone.offset = step
    reached = after.wait()
    ticker.stop()

    assert reached


def test_a_late_run_is_not_caught_up_with() -> None:
    trigger = Every(timedelta(seconds=1))
    due, now = datetime(1970, 1, 1, tzinfo=UTC), datetime(2023, 7, 4, tzinfo=UTC)

    following = trigger.get_next_fire_time(due, now)

    assert following == now + timedelta(seconds=1)


def test_a_tick_that_lasts_prolongs_what_it_holds_until_it_ends() -> None:
    moments: list[datetime] = []
    enough = threading.Event()

    def prolong(moment: datetime) -> None:
        moments.append(moment)
        if len(moments) == 1:
            raise StorageAway
        enough.set()

    with Prolonging(prolong, NOW, 0.01):
        reached = enough.wait(PATIENCE_S)
    after_its_end = len(moments)

    assert reached
    assert NOW < moments[0] < moments[1]
    assert len(moments) == after_its_end


def test_another_instance_does_not_tick_beside_one_that_takes_long(instance: Opener) -> None:
    database, told = instance(), []

    def take_long(now: datetime) -> None:
        first._prolong(now + timedelta(seconds=LEASE_S - 1))
        told.append(second(now + timedelta(seconds=LEASE_S + 1)))

    first = Tick(database, [("long", take_long)], "first")
    second = Tick(database, [], "second")

    told.append(first(NOW))

    assert told == [Ticked(False), Ticked(True)]
