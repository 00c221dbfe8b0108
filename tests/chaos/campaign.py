"""Kill the bot again and again while it sends, then ask a platform that kept count what people saw."""

from __future__ import annotations

import json
import os
import random
import signal
import subprocess
import sys
import time
import urllib.request
from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

from messages.envelope import Announcement, Push
from storage import outbox
from storage.database import Database, Tx
from storage.engines import open_database
from storage.migrations import migrate
from tests.chaos.nursery import UNITS
from tests.chaos.platform_process import MOMENTS
from tests.scheduler import july
from tests.wiring.running import ROOT, children, environment, is_alive, serving

# Enough members that none comes near the platform's thirty messages a minute.
MEMBERS = tuple(f"chaos{number:03}" for number in range(300))
ROBOT = "全体群"
TEMPLATE = "checkin/open_now"  # goes at any hour, whatever the time of the test
PERSONAL, SHARED = 9, 12
STRIKE_WITHIN_S = 10.0
# A call whose answer was lost four times is tried again after more than two minutes.
SETTLE_WITHIN_S = 400.0

COMMITS = tuple(f"{unit}:{when}" for unit in UNITS for when in ("before", "after"))
AT_RANDOM = "at random"
PROTOCOL = (*MOMENTS, *COMMITS, AT_RANDOM)
OF_SERVE = ("supervisor", "worker", "group")


@dataclass
class Tally:
    """What a campaign came to; *problems* must be empty."""

    seed: int
    kills: Counter[str] = field(default_factory=Counter)
    missed: int = 0
    rows: Counter[str] = field(default_factory=Counter)
    lost: list[str] = field(default_factory=list)
    twice: list[str] = field(default_factory=list)
    disordered: list[str] = field(default_factory=list)
    unsettled: list[str] = field(default_factory=list)
    dropped: int = 0
    swallowed: int = 0
    slowest_s: float = 0.0

    @property
    def problems(self) -> list[str]:
        return [*self.lost, *self.twice, *self.disordered, *self.unsettled]

    def lines(self) -> str:
        kills = ", ".join(f"{moment} {times}" for moment, times in sorted(self.kills.items()))
        rows = ", ".join(f"{state} {times}" for state, times in sorted(self.rows.items()))
        return (
            f"seed {self.seed}: {sum(self.kills.values())} kills ({kills}); "
            f"{self.missed} did not strike in time and were made good\n"
            f"rows: {rows}\n"
            f"lost {len(self.lost)}, delivered twice {len(self.twice)}, out of order {len(self.disordered)}, "
            f"unsettled {len(self.unsettled)}, dropped by the platform {self.dropped}, "
            f"repetitions swallowed by the platform {self.swallowed}; "
            f"back at work after at most {self.slowest_s:.2f} s\n"
        )


class PlatformControl:
    """The driver's side of the platform process."""

    def __init__(self, base: str) -> None:
        self.base = base

    def arm(self, moment: str, pids: Sequence[int], countdown: int) -> None:
        self._post("arm", {"moment": moment, "pids": list(pids), "countdown": countdown})

    def disarm(self) -> None:
        self._post("arm", None)

    def weather(self, weather: str, delay_s: float = 0.0) -> None:
        self._post("weather", {"weather": weather, "delay_s": delay_s})

    def ledger(self) -> dict[str, Any]:
        with urllib.request.urlopen(f"{self.base}/ledger", timeout=20) as answer:
            found: dict[str, Any] = json.load(answer)
            return found

    def _post(self, path: str, order: object) -> None:
        request = urllib.request.Request(f"{self.base}/{path}", data=json.dumps(order).encode())
        with urllib.request.urlopen(request, timeout=20) as answer:
            answer.read()


@contextmanager
def platform_process() -> Iterator[PlatformControl]:
    command = [sys.executable, "-m", "tests.chaos.platform_process"]
    with subprocess.Popen(command, cwd=ROOT, stdout=subprocess.PIPE, text=True) as process:
        assert process.stdout is not None
        try:
            yield PlatformControl(f"http://127.0.0.1:{int(process.stdout.readline())}")
        finally:
            process.kill()


class Nursery:
    def __init__(self, process: subprocess.Popen[str]) -> None:
        self._process = process

    def start(self, **order: object) -> int:
        """The pid of a new instance."""
        assert self._process.stdin is not None
        assert self._process.stdout is not None
        self._process.stdin.write(json.dumps(order) + "\n")
        self._process.stdin.flush()
        return int(self._process.stdout.readline())


@contextmanager
def nursery() -> Iterator[Nursery]:
    command = [sys.executable, "-m", "tests.chaos.nursery"]
    pipe = subprocess.PIPE
    with subprocess.Popen(command, cwd=ROOT, stdin=pipe, stdout=pipe, text=True) as process:
        try:
            yield Nursery(process)
        finally:
            process.kill()


def furnish(url: str) -> None:
    """July's programme and people, and the members of the campaign."""
    database = open_database(url)
    migrate(database, datetime.now(UTC))
    database.write(july.store)
    database.write(lambda tx: july.add_students(tx, list(MEMBERS)))
    database.close()


def deployment(folder: Path, url: str, api: str) -> tuple[Path, dict[str, str]]:
    """A config.toml with one robot, and the environment."""
    config = folder / "config.toml"
    robot = f'\n[[group_robot]]\nname = "{ROBOT}"\nkey_env = "CHAOS_ROBOT_KEY"\napi_base = "{api}"\n'
    config.write_text((ROOT / "config.toml").read_text("utf-8") + robot, encoding="utf-8")
    env = environment(
        folder,
        QIYUE_WECOM__API_BASE=api,
        QIYUE_STORAGE__URL=url,
        QIYUE_SECRET="aB3dE6gH9jK2mN5pQ8sT1vW4xY7zA0cF",
        CHAOS_ROBOT_KEY="0d5e6c1a-made-up-key-of-the-tests",
    )
    return config, env


class Campaign:
    """One deployment under fire. *owners* are its instances; the driver looks on from outside."""

    def __init__(
        self,
        seed: int,
        folder: Path,
        url: str,
        platform: PlatformControl,
        nursery: Nursery,
        owners: Sequence[str] = ("serve",),
    ) -> None:
        self.random = random.Random(seed)
        self.tally = Tally(seed)
        self.platform = platform
        self.folder = folder
        self.config, self.env = deployment(folder, url, platform.base)
        self._nursery = nursery
        self._owners = owners
        self._living: dict[str, int] = {}
        self._database: Database = open_database(url)
        self._batch = 0
        self._expected: dict[str, tuple[str, str]] = {}
        self._texts: dict[str, list[str]] = {}
        self._announced: dict[str, str] = {}

    def close(self) -> None:
        self._kill([pid for pid in self._living.values() if is_alive(pid)])
        self._database.close()

    # What is to be sent

    def enqueue(self, *, announces: bool = False) -> None:
        """Personal texts for some members, each two in a row, and one shared text for others."""
        now = datetime.now(UTC)
        self._batch += 1
        chosen = self.random.sample(MEMBERS, PERSONAL + SHARED)
        pushes = [
            self._push(
                member, f"第{self._batch}批第{number}条给{member}", now + timedelta(microseconds=number)
            )
            for member in chosen[:PERSONAL]
            for number in (1, 2)
        ]
        pushes += [self._push(member, f"第{self._batch}批给大家", now) for member in chosen[PERSONAL:]]
        said = f"第{self._batch}批公告"
        announcement = Announcement(f"g{self._batch}", ROBOT, TEMPLATE, values_of(said), now)
        if announces:
            self._announced[announcement.dedupe_key] = shown(said)

        def store(tx: Tx) -> None:
            outbox.enqueue_all(tx, july.P, pushes, now)
            if announces:
                outbox.announce(tx, july.P, [announcement], now)

        self._database.write(store)

    def _push(self, member: str, text: str, due_at: datetime) -> Push:
        key = f"c{self._batch}:{len(self._expected)}"
        self._expected[key] = (member, shown(text))
        self._texts.setdefault(member, []).append(shown(text))
        return Push(key, member, TEMPLATE, values_of(text), due_at)

    # Instances

    def start_missing(self, die: str = "", countdown: int = 1, **more: object) -> list[int]:
        """Start every instance that is not alive; *die* is for all that are started. Their pids."""
        for owner in self._owners:
            if owner not in self._living or not is_alive(self._living[owner]):
                self._living[owner] = self._nursery.start(
                    config=str(self.config),
                    env=self.env,
                    owner=owner,
                    die=die,
                    countdown=countdown,
                    errors=str(self.folder / "errors.txt"),
                    **more,
                )
        return list(self._living.values())

    def stop(self) -> None:
        """SIGTERM to all, and wait for their orderly end."""
        for pid in self._living.values():
            with suppress(ProcessLookupError):
                os.kill(pid, signal.SIGTERM)
        wait_for(lambda: not any(map(is_alive, self._living.values())), 20, "an orderly end")
        self._living.clear()

    def kill_once(self, moment: str) -> None:
        """One kill at *moment* of the protocol, of one instance or of all, while a batch is sent."""
        if moment in COMMITS:
            self._kill(list(self._living.values()))
            most = 1 if moment.startswith("make") else 3
            pids = self.start_missing(moment, self.random.randint(1, most))
            victims = pids
        else:
            victims = self._victims(self.start_missing())
        if moment in MOMENTS:
            self.platform.arm(moment, victims, self.random.randint(1, 8))
        self.enqueue(announces=self.random.random() < 0.2)
        if moment == AT_RANDOM:
            time.sleep(self.random.uniform(0.0, 0.4))
            self._kill(victims)
        elif not was_reached(lambda: not all(map(is_alive, victims)), STRIKE_WITHIN_S):
            self.tally.missed += 1
            self._kill(victims)
        self.platform.disarm()
        self.tally.kills[moment] += 1

    def _victims(self, pids: list[int]) -> list[int]:
        """All instances, the one that sends, or any; most often the one that sends."""
        lot = self.random.random()
        if lot < 0.3:
            return pids
        found = self._database.read(lambda tx: tx.query("select owner from lease where name = 'scheduler'"))
        owner = found[0]["owner"] if found and lot < 0.9 else self.random.choice(list(self._living))
        return [self._living.get(owner, pids[0])]

    def kill_serve(self, whom: str) -> None:
        """The deployed command, supervisor and worker: kill one or the group while a batch is sent."""
        self._kill(list(self._living.values()))
        with serving(self.folder, "--config", str(self.config), "serve", env=self.env) as service:
            self.enqueue(announces=True)
            time.sleep(self.random.uniform(0.2, 1.2))
            workers = children(service.process.pid)
            pids = [service.process.pid, *workers]
            self._kill({"supervisor": pids[:1], "worker": workers[-1:], "group": pids}[whom])
            self.tally.kills[whom] += 1
            if whom == "worker":
                # The supervisor starts another one, which must go on by itself.
                self.wait_settled()
                self._kill([service.process.pid, *children(service.process.pid)])
            wait_for(lambda: not any(map(is_alive, pids)), 20, "the end of serve")

    def _kill(self, pids: Sequence[int]) -> None:
        for pid in pids:
            with suppress(ProcessLookupError):
                os.kill(pid, signal.SIGKILL)
        wait_for(lambda: not any(map(is_alive, pids)), 20, "the death of an instance")

    # What became of it

    def wait_settled(self) -> None:
        """Until no row waits any more; how long that took is kept."""
        started = time.monotonic()
        was_reached(lambda: not self._open_rows(), SETTLE_WITHIN_S)
        self.tally.slowest_s = max(self.tally.slowest_s, time.monotonic() - started)

    def _open_rows(self) -> list[str]:
        found = self._database.read(
            lambda tx: tx.query(
                "select dedupe_key from outbox where state in ('waiting', 'in_call') order by dedupe_key"
            )
        )
        return [row["dedupe_key"] for row in found]

    def judge(self) -> Tally:
        """Compare what was asked for with what the platform says that people saw."""
        ledger = self.platform.ledger()
        delivered = Counter({(userid, text): times for userid, text, times in ledger["delivered"]})
        said = Counter(ledger["said"])
        rows = self._database.read(lambda tx: outbox.delivery_of(tx, july.P, ""))
        tally = self.tally
        tally.rows = Counter(f"{'announcement' if row.robot else 'push'} {row.state}" for row in rows)
        tally.unsettled = self._open_rows()
        states = {row.dedupe_key: row.state for row in rows}
        for key, (member, text) in self._expected.items():
            if states[key] != "delivered" or not delivered[member, text]:
                tally.lost.append(f"{key} {states[key]} {member} {text}")
        tally.twice = [f"{userid} {text}" for (userid, text), times in delivered.items() if times > 1]
        tally.twice += [text for text, times in said.items() if times > 1]
        for key, text in self._announced.items():
            if states[key] == "delivered" and not said[text]:
                tally.lost.append(f"{key} {text}")
            if states[key] not in ("delivered", "unknown"):
                tally.lost.append(f"{key} {states[key]} {text}")
        tally.disordered = [
            f"{member}: {seen}"
            for member, seen in ledger["order"].items()
            if seen != [text for text in self._texts[member] if text in set(seen)]
        ]
        tally.dropped, tally.swallowed = ledger["dropped"], ledger["swallowed"]
        return tally


def values_of(title: str) -> dict[str, object]:
    return {"title": title, "needs_code": False}


def shown(title: str) -> str:
    """What a phone shows of it."""
    return f"{title}开始签到了。到场请回复 签到。"


def was_reached(is_true: Callable[[], bool], within_s: float) -> bool:
    until = time.monotonic() + within_s
    while not is_true():
        if time.monotonic() > until:
            return False
        time.sleep(0.01)
    return True


def wait_for(is_true: Callable[[], bool], within_s: float, what: str) -> None:
    assert was_reached(is_true, within_s), f"waited in vain for {what}"


def moments(kills: int, of_serve: int, chosen: random.Random) -> list[str]:
    """Every moment about equally often, in a random order; *of_serve* of them kill the real command."""
    rest = kills - of_serve
    found = [PROTOCOL[number % len(PROTOCOL)] for number in range(rest)]
    found += [OF_SERVE[number % len(OF_SERVE)] for number in range(of_serve)]
    chosen.shuffle(found)
    return found


def run(
    seed: int, kills: int, of_serve: int, folder: Path, url: str, owners: Sequence[str] = ("serve",)
) -> Tally:
    """A whole campaign on a furnished database."""
    with platform_process() as platform, nursery() as born:
        platform.weather("fair", 0.005)
        campaign = Campaign(seed, folder, url, platform, born, owners)
        try:
            for moment in moments(kills, of_serve, campaign.random):
                if moment in OF_SERVE:
                    campaign.kill_serve(moment)
                else:
                    campaign.kill_once(moment)
            campaign.start_missing()
            campaign.wait_settled()
            campaign.stop()
            return campaign.judge()
        finally:
            campaign.close()
