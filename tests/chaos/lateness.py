"""`python -m tests.chaos.lateness`: how long after its due moment a message leaves the deployed command.

Measured where it arrives, at the platform's process, on the same machine's clock.
"""

from __future__ import annotations

import argparse
import os
import signal
import sys
import tempfile
import time
from collections.abc import Sequence
from datetime import UTC, datetime
from pathlib import Path
from statistics import median, quantiles

from messages.envelope import Push
from storage import outbox
from storage.database import Database
from storage.engines import open_database
from storage.migrations import migrate
from tests.chaos.campaign import (
    TEMPLATE,
    PlatformControl,
    deployment,
    platform_process,
    values_of,
    was_reached,
)
from tests.postgres import binaries, thrown_away_server
from tests.scheduler import july
from tests.wiring.running import Service, children, serving

PERSONAL = 50
PATIENCE_S = 180.0


class Bench:
    def __init__(self, folder: Path, platform: PlatformControl, members: int, url: str = "") -> None:
        self.folder = folder
        self.platform = platform
        url = url or f"sqlite:///{folder / 'qiyue.db'}"
        self.members = [f"m{number:05}" for number in range(members)]
        self.database: Database = open_database(url)
        migrate(self.database, datetime.now(UTC))
        self.database.write(july.store)
        self.database.write(lambda tx: july.add_students(tx, self.members))
        self.config, self.env = deployment(folder, url, platform.base)
        self._round = 0

    def enqueue(self, members: Sequence[str], *, personal: bool) -> tuple[datetime, float]:
        """Pushes due now; the due moment, and how long it took to store them."""
        self._round += 1
        at = datetime.now(UTC)
        pushes = [
            Push(
                f"l{self._round}:{member}",
                member,
                TEMPLATE,
                values_of(f"第{self._round}轮{member if personal else ''}"),
                at,
            )
            for member in members
        ]
        started = time.monotonic()
        self.database.write(lambda tx: outbox.enqueue_all(tx, july.P, pushes, at))
        return at, time.monotonic() - started

    def lateness(self, due_at: datetime, calls: int, seen: int) -> list[float]:
        """Seconds from the due moment to the arrival of each of *calls* requests after the first *seen*."""
        assert was_reached(lambda: len(self.arrivals()) >= seen + calls, PATIENCE_S)
        return [at - due_at.timestamp() for at in sorted(self.arrivals())[seen : seen + calls]]

    def is_open(self) -> bool:
        """Whether anything is still on its way."""
        found = self.database.read(lambda tx: outbox.delivery_of(tx, july.P, "l"))
        return any(row.state in ("waiting", "in_call") for row in found)

    def arrivals(self) -> list[float]:
        found: list[float] = self.platform.ledger()["arrivals"]
        return found


def rounds(bench: Bench, times: int, members: int, *, personal: bool) -> str:
    late: list[float] = []
    for number in range(times):
        seen = len(bench.arrivals())
        first = number * members % (len(bench.members) - members + 1)
        time.sleep(0.13 * (number % 8))  # another phase of the ticker's second each time
        due_at, _ = bench.enqueue(bench.members[first : first + members], personal=personal)
        late += bench.lateness(due_at, members if personal else -(-members // 1000), seen)
    cuts = quantiles(late, n=100) if len(late) > 1 else [late[0]] * 99
    return f"p50 {cuts[49]:.2f} s, p99 {cuts[98]:.2f} s, max {max(late):.2f} s of {len(late)} requests"


def resident_mb(service: Service) -> float:
    pids = [service.process.pid, *children(service.process.pid)]
    pages = sum(int(Path(f"/proc/{pid}/statm").read_text().split()[1]) for pid in pids)
    return pages * os.sysconf("SC_PAGE_SIZE") / 2**20


def many(bench: Bench, service: Service, members: int) -> str:
    """So many personal texts: how long to store and to send, and what it does to memory."""
    before, seen, most = resident_mb(service), len(bench.arrivals()), 0.0
    due_at, stored_s = bench.enqueue(bench.members[:members], personal=True)
    while len(bench.arrivals()) < seen + members and time.time() - due_at.timestamp() < PATIENCE_S:
        most = max(most, resident_mb(service))
        time.sleep(0.5)
    late = [at - due_at.timestamp() for at in sorted(bench.arrivals())[seen:]]
    return (
        f"stored in {stored_s:.2f} s, first after {late[0]:.2f} s, last of {len(late)} after {late[-1]:.1f} s; "
        f"memory {before:.0f} MB before, {most:.0f} MB at most"
    )


def after_restart(bench: Bench) -> str:
    """Due while nobody serves; seconds from the start of the command to the first request and the last."""
    seen = len(bench.arrivals())
    bench.enqueue(bench.members[:PERSONAL], personal=True)
    started = datetime.now(UTC)
    with serving(bench.folder, "--config", str(bench.config), "serve", env=bench.env):
        late = bench.lateness(started, PERSONAL, seen)
    return f"first {late[0]:.2f} s, last {late[-1]:.2f} s after the start of the command"


def taken_over(bench: Bench, delay_s: float) -> tuple[float, float, float]:
    """Of two instances the one that sends is killed with a call on its way; seconds from the kill to
    the first request that was due at it, to the last, and until everything is settled."""
    command = ("--config", str(bench.config), "serve")
    bench.platform.weather("fair", delay_s)
    with (
        serving(bench.folder, *command, env=bench.env) as one,
        serving(bench.folder, *command, env=bench.env) as two,
    ):
        assert was_reached(lambda: leader(bench, one, two) is not None, PATIENCE_S)
        sender = leader(bench, one, two)
        assert sender is not None
        seen = len(bench.arrivals())
        bench.enqueue(bench.members[:1], personal=True)
        assert was_reached(lambda: len(bench.arrivals()) > seen, PATIENCE_S)
        seen = len(bench.arrivals())
        os.killpg(sender.process.pid, signal.SIGKILL)
        killed_at, _ = bench.enqueue(bench.members[1 : 1 + PERSONAL], personal=True)
        late = bench.lateness(killed_at, PERSONAL, seen)
        assert was_reached(lambda: not bench.is_open(), PATIENCE_S)
        settled_s = time.time() - killed_at.timestamp()
    return late[0], late[-1], settled_s


def leader(bench: Bench, *services: Service) -> Service | None:
    """The one of *services* that holds the lease."""
    rows = bench.database.read(lambda tx: tx.query("select owner from lease where name = 'scheduler'"))
    owner = str(rows[0]["owner"]) if rows else ""
    return next((one for one in services if owner.endswith(one.base.removeprefix("http://127.0.0.1"))), None)


def take_overs(folder: Path, platform: PlatformControl, times: int) -> None:
    programs = binaries()
    if programs is None:
        say("take-over", "PostgreSQL is not installed")
        return
    with thrown_away_server(programs) as server:
        bench = Bench(folder, platform, 1 + PERSONAL, server.new_database())
        found = [taken_over(bench, 0.3) for _ in range(times)]
        bench.database.close()
    first, last, settled = (sorted(times) for times in zip(*found, strict=True))
    say(
        f"take-over of a killed instance on PostgreSQL, {times} times",
        f"first p50 {median(first):.2f} s, max {first[-1]:.2f} s; last of {PERSONAL} max {last[-1]:.2f} s; "
        f"all settled, the call on its way too, max {settled[-1]:.2f} s; "
        f"delivered twice {sum(times > 1 for _, _, times in platform.ledger()['delivered'])}",
    )


def main(arguments: Sequence[str]) -> None:
    parser = argparse.ArgumentParser()
    parser.add_argument("--rounds", type=int, default=20)
    parser.add_argument("--many", type=int, default=10_000)
    parser.add_argument("--restarts", type=int, default=3)
    parser.add_argument("--take-overs", type=int, default=0, help="two instances on one PostgreSQL server")
    chosen = parser.parse_args(arguments)
    with tempfile.TemporaryDirectory(prefix="qiyue-late-") as name, platform_process() as platform:
        if chosen.take_overs:
            take_overs(Path(name), platform, chosen.take_overs)
            return
        bench = Bench(Path(name), platform, max(chosen.many, 2000))
        for delay_s in (0.05, 0.3):
            platform.weather("fair", delay_s)
            if chosen.rounds:
                while_serving(bench, chosen.rounds, chosen.many if delay_s < 0.1 else 0, delay_s)
            for _ in range(chosen.restarts):
                say(f"after a restart, {delay_s} s", after_restart(bench))
        bench.database.close()


def while_serving(bench: Bench, times: int, many_members: int, delay_s: float) -> None:
    with serving(bench.folder, "--config", str(bench.config), "serve", env=bench.env) as service:
        say(f"{PERSONAL} personal, {delay_s} s a request", rounds(bench, times, PERSONAL, personal=True))
        say(f"1,000 of one text, {delay_s} s", rounds(bench, times, 1000, personal=False))
        if many_members:
            say(f"{many_members} personal, {delay_s} s", many(bench, service, many_members))


def say(what: str, found: str) -> None:
    sys.stdout.write(f"[lateness] {what}: {found}\n")
    sys.stdout.flush()


if __name__ == "__main__":
    main(sys.argv[1:])
