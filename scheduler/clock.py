"""Wakes the tick every second, through APScheduler, which holds no job of ours; and elects who ticks."""

from __future__ import annotations

import logging
import threading
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta, tzinfo
from functools import partial
from pathlib import Path
from typing import Any, Protocol

from apscheduler.schedulers.background import BackgroundScheduler
from apscheduler.triggers.base import BaseTrigger

from scheduler.catch_up import Uptime
from storage import leases
from storage.database import Database, StorageAway, Tx

log = logging.getLogger(__name__)

LEASE = "scheduler"
# Prolonged each second while a tick lasts, so that it need not outlast one: of a dead instance it is
# free after 3 s. Two that tick at once do no harm (rows and calls are won singly), they only waste.
LEASE_S = 3.0
PROLONG_S = 1.0
EVERY = timedelta(seconds=1)
BOOT_ID = Path("/proc/sys/kernel/random/boot_id")

Step = Callable[[datetime], object]


class Watch(Protocol):
    """Who looks at the distance between ticks (scheduler/catch_up.py)."""

    def watch(self, tx: Tx, now: datetime) -> None:
        """Called by the holder of the lease in the transaction that takes it; may run more than once."""

    def without_storage(self) -> None:
        """The database could not be reached at all."""


def machine_uptime() -> Uptime:
    """How long this machine has been up, sleep included, and which start of it: Linux's boot id.

    The monotonic clock of Python leaves out the time in which a laptop was closed.
    """
    try:
        machine = BOOT_ID.read_text("ascii").strip()
    except OSError:
        machine = ""
    return Uptime(machine, time.clock_gettime(time.CLOCK_BOOTTIME))


@dataclass(frozen=True)
class Ticked:
    """*is_leader* False: another instance ticks, nothing was done. *failed* names broken steps."""

    is_leader: bool
    failed: tuple[str, ...] = ()


class Tick:
    """One scheduler step at a given moment: plan, relay and whatever else is to happen each second.

    *keep* prolongs what its steps hold, each second, together with the lease (it may run more than once).
    Called by the ticker, by `python bot.py tick` and by the jumps of the demo's clock, one at a
    time within a process and, through the lease, within a deployment. A broken step is logged and
    named; the steps after it run all the same.
    """

    def __init__(
        self,
        database: Database,
        steps: Sequence[tuple[str, Step]],
        owner: str,
        watch: Watch | None = None,
        keep: Callable[[Tx, datetime], None] | None = None,
    ) -> None:
        self._database = database
        self._steps = tuple(steps)
        self._owner = owner
        self._watch = watch
        self._keep = keep
        self._one_at_a_time = threading.Lock()

    def __call__(self, now: datetime) -> Ticked:
        with self._one_at_a_time:
            try:
                fence = self._database.write(partial(self._elect, now=now))
            except StorageAway:
                log.warning("tick_without_storage")
                if self._watch is not None:
                    self._watch.without_storage()
                return Ticked(False, ("lease",))
            if fence is None:
                return Ticked(False)
            with Prolonging(self._prolong, now):
                failed = [name for name, step in self._steps if not ran(name, step, now)]
            return Ticked(True, tuple(failed))

    def _prolong(self, moment: datetime) -> None:
        def prolong(tx: Tx) -> None:
            leases.acquire(tx, LEASE, self._owner, moment, LEASE_S)
            if self._keep is not None:
                self._keep(tx, moment)

        self._database.write(prolong)

    def _elect(self, tx: Tx, now: datetime) -> int | None:
        fence = leases.acquire(tx, LEASE, self._owner, now, LEASE_S)
        if fence is not None and self._watch is not None:
            self._watch.watch(tx, now)
        return fence

    def release(self) -> None:
        """Let another instance tick at once; called after the ticker was stopped. While the database is
        away nothing needs to be done: the lease runs out."""
        try:
            self._database.write(lambda tx: leases.release(tx, LEASE, self._owner))
        except StorageAway:
            log.warning("lease_not_released")


class Prolonging:
    """While it is entered, calls *prolong* every second from a thread of its own.

    *now* is when the tick began; the moments go on with the monotonic clock.
    """

    def __init__(
        self, prolong: Callable[[datetime], None], now: datetime, every_s: float = PROLONG_S
    ) -> None:
        self._prolong = prolong
        self._now = now
        self._every_s = every_s
        self._ended = threading.Event()
        self._thread = threading.Thread(target=self._run, name="prolong", daemon=True)

    def __enter__(self) -> None:
        self._thread.start()

    def __exit__(self, *_raised: object) -> None:
        self._ended.set()
        self._thread.join()

    def _run(self) -> None:
        started_s = time.monotonic()
        while not self._ended.wait(self._every_s):
            try:
                self._prolong(self._now + timedelta(seconds=time.monotonic() - started_s))
            except StorageAway:
                log.warning("lease_not_prolonged")


def ran(name: str, step: Step, now: datetime) -> bool:
    try:
        step(now)
    except StorageAway:
        log.warning("tick_step_without_storage step=%s", name)
        return False
    except Exception:  # the tick's edge: whatever breaks, there must be a next second
        log.exception("tick_step_broken step=%s", name)
        return False
    return True


class Ticker:
    """Calls *tick*, and *work* beside it on another thread, with the moment that *clock* shows.

    *last_tick* is the moment of the last tick that came to its end, for healthz (red after 15 s).
    """

    def __init__(
        self,
        tick: Step,
        clock: Callable[[], datetime],
        zone: tzinfo,
        *,
        work: Step | None = None,
        every: timedelta = EVERY,
    ) -> None:
        self._tick = tick
        self._work = work
        self._clock = clock
        self._zone = zone
        self._every = every
        self._scheduler: SteadyScheduler | None = None
        self._last_tick: datetime | None = None

    @property
    def last_tick(self) -> datetime | None:
        return self._last_tick

    @property
    def is_running(self) -> bool:
        return self._scheduler is not None and bool(self._scheduler.running)

    def start(self) -> None:
        """Begin to tick at once. Raises RuntimeError when it is running already."""
        if self._scheduler is not None:
            raise RuntimeError("the ticker is running already")
        # A tick that outlasts a second makes APScheduler warn each second, and every run is a line.
        logging.getLogger("apscheduler").setLevel(logging.ERROR)
        scheduler = SteadyScheduler(
            self._every,
            timezone=self._zone,
            job_defaults={"coalesce": True, "max_instances": 1, "misfire_grace_time": None},
        )
        scheduler.add_job(self._beat, Every(self._every), id="tick")
        if self._work is not None:
            scheduler.add_job(self._work_once, Every(self._every), id="work")
        scheduler.start()
        self._scheduler = scheduler

    def stop(self) -> None:
        """Let the running tick and task come to their end, and begin no other."""
        if self._scheduler is not None:
            self._scheduler.shutdown(wait=True)
            self._scheduler = None

    def _beat(self) -> None:
        now = self._clock()
        self._tick(now)
        self._last_tick = now

    def _work_once(self) -> None:
        if self._work is not None:
            self._work(self._clock())


class Every(BaseTrigger):  # type: ignore[misc]  # APScheduler ships no types
    """Fires now and then one stretch after each run, without catching up.

    IntervalTrigger lists every second that a clock set forward skipped before coalescing them: a
    start in 1970 and a step to today would be two thousand million datetimes.
    """

    def __init__(self, every: timedelta) -> None:
        self._every = every

    def get_next_fire_time(self, previous_fire_time: datetime | None, now: datetime) -> datetime:
        return now if previous_fire_time is None else now + self._every


class SteadyScheduler(BackgroundScheduler):  # type: ignore[misc]  # APScheduler ships no types
    """Keeps its pace when the wall clock is set back.

    APScheduler (3.11) sleeps until the wall clock shows the next run: set back two hours, it would
    sleep two hours. Here it looks again after one stretch of real time at the latest, and a run that
    lies further ahead than it can is due now.
    """

    def __init__(self, every: timedelta, **options: Any) -> None:
        super().__init__(**options)
        self._every = every

    def _process_jobs(self) -> float:
        now = datetime.now(self.timezone)
        for job in self.get_jobs():
            if job.next_run_time is not None and job.next_run_time - now > 2 * self._every:
                job.modify(next_run_time=now)
        wait_s = super()._process_jobs()
        longest_s = self._every.total_seconds()
        return longest_s if wait_s is None else min(wait_s, longest_s)
