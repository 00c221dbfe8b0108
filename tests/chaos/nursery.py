"""Starts instances of the scheduler quickly: everything is imported once, each instance is a fork.

`python -m tests.chaos.nursery` reads one JSON object a line and answers with the pid of the instance.
An instance is what `serve` runs without its pages: the same composition, ticker, relay and gateway.
"""

from __future__ import annotations

import ctypes
import json
import os
import resource
import signal
import sys
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path
from typing import TypeVar

from config import load, signing_key
from handlers.respond import Clocks
from scheduler.clock import Ticker
from storage.database import Database, Params, Row, StorageAway, Tx
from storage.sqlite import hold_single_writer
from wiring.application import assemble, push_channels, real_time
from wiring.log import start_log
from wiring.scheduling import beat, scheduling

T = TypeVar("T")

TICK = timedelta(milliseconds=50)
PARENT_DEATH_SIGNAL = 1

# The three commits of a push, told apart by the statement that only they contain.
UNITS = {
    "make": "insert into call",
    "claim": "set state = 'sending'",
    "mark": "set state = :state, lease_owner = null",
}


@dataclass(frozen=True)
class Order:
    """How an instance runs. *die* is "UNIT:before" or "UNIT:after" a commit, at its *countdown*-th."""

    config: str
    env: Mapping[str, str]
    owner: str
    die: str = ""
    countdown: int = 1
    patience_s: float = 4.0
    file_limit: int = 0
    errors: str = "/dev/null"


class WatchedTx:
    """Notes which of the three units this is, once it changed something."""

    def __init__(self, tx: Tx, wanted: str) -> None:
        self._tx = tx
        self._wanted = wanted
        self.is_wanted = False

    def execute(self, sql: str, params: object = ()) -> int:
        changed = self._tx.execute(sql, params)  # type: ignore[arg-type]
        self.is_wanted |= self._wanted in sql and changed > 0
        return changed

    def query(self, sql: str, params: Params = {}) -> list[Row]:  # noqa: B006 - never changed
        rows = self._tx.query(sql, params)
        self.is_wanted |= self._wanted in sql and bool(rows)
        return rows


class MortalDatabase:
    """Kills its process with SIGKILL before or after the commit of the *countdown*-th unit of a kind."""

    def __init__(self, database: Database, die: str, countdown: int) -> None:
        unit, _, when = die.partition(":")
        self.engine = database.engine
        self._database = database
        self._wanted = UNITS[unit]
        self._is_before = when == "before"
        self._left = countdown

    def read(self, work: Callable[[Tx], T]) -> T:
        return self._database.read(work)

    def write(self, work: Callable[[Tx], T]) -> T:
        watched: list[WatchedTx] = []

        def watch(tx: Tx) -> T:
            watched.append(WatchedTx(tx, self._wanted))
            result = work(watched[-1])
            if watched[-1].is_wanted:
                self._left -= 1
                if self._left == 0 and self._is_before:
                    os.kill(os.getpid(), signal.SIGKILL)
            return result

        result = self._database.write(watch)
        if watched[-1].is_wanted and self._left <= 0:
            os.kill(os.getpid(), signal.SIGKILL)
        return result

    def close(self) -> None:
        self._database.close()


def live(order: Order) -> None:
    """The life of one instance, until a signal ends it."""
    if order.file_limit:
        signal.signal(signal.SIGXFSZ, signal.SIG_IGN)
        resource.setrlimit(resource.RLIMIT_FSIZE, (order.file_limit, resource.RLIM_INFINITY))
    settings = load(Path(order.config), order.env)
    log = start_log(settings)
    if settings.sqlite_path:
        writer = hold_single_writer(settings.data_dir)
        assert writer is not None
    key = signing_key(settings, order.env).current.get_secret_value().encode()
    app = assemble(settings, key, Clocks(real_time, real_time), order.patience_s)
    if order.die:
        app.database = MortalDatabase(app.database, order.die, order.countdown)
    tick, _ = scheduling(app, push_channels(app), owner=order.owner)
    ticker = Ticker(beat(app, tick), real_time, app.setup.zone, every=TICK)
    ticker.start()
    signal.sigwait([signal.SIGTERM])
    ticker.stop()
    tick.release()
    app.close()
    log.flush()


def fork(order: Order) -> int:
    """The pid of a new instance."""
    pid = os.fork()
    if pid:
        return pid
    ctypes.CDLL(None).prctl(PARENT_DEATH_SIGNAL, signal.SIGKILL, 0, 0, 0)
    signal.signal(signal.SIGCHLD, signal.SIG_DFL)
    signal.pthread_sigmask(signal.SIG_BLOCK, [signal.SIGTERM])
    errors = os.open(order.errors, os.O_WRONLY | os.O_CREAT | os.O_APPEND, 0o600)
    os.dup2(errors, 2)
    try:
        live(order)
    except StorageAway as away:
        sys.stderr.write(f"storage away: {away}\n")
        os._exit(3)
    os._exit(0)


def main() -> None:
    # The dead need no burial: nobody waits for them.
    signal.signal(signal.SIGCHLD, signal.SIG_IGN)
    for line in sys.stdin:
        sys.stdout.write(f"{fork(Order(**json.loads(line)))}\n")
        sys.stdout.flush()


if __name__ == "__main__":
    main()
