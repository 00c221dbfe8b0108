"""The benchmark: the product and the bare echo side by side in one run, CPU per callback of each tree."""

from __future__ import annotations

import argparse
import importlib
import json
import os
import platform
import shlex
import subprocess
import sys
import tempfile
import time
from collections.abc import Sequence
from dataclasses import dataclass, field
from importlib.metadata import version
from pathlib import Path
from statistics import median
from types import ModuleType

from bench.client import Job, job_line
from bench.processes import ROOT, ServerProcess
from bench.scene import START

WARM_UP = 200


@dataclass(frozen=True)
class Case:
    """One message of every user, what the product's reply must contain, and how its users are chosen."""

    name: str
    title: str
    text: str
    expects: str
    is_new_user_each_round: bool = False
    is_repeat: bool = False


CASES = (
    Case("checkin", "签到，落盘（FULL）", "签到", "科研论文写作", is_new_user_each_round=True),
    Case("repeat", "同一条签到再送一次", "签到", "", is_repeat=True),
    Case("topics", "选题", "选题", "1"),
    Case("week", "本周", "本周", "科研论文写作"),
)


@dataclass(frozen=True)
class Pass:
    """One case against one server once; *errors* are the first few of *wrong* replies."""

    cpu_us: float
    per_second: float
    p50_ms: float
    p99_ms: float
    wrong: int = 0
    errors: tuple[str, ...] = ()


@dataclass
class Measured:
    """Every pass of one case, in the order of the rounds."""

    case: Case
    product: list[Pass] = field(default_factory=list)
    echo: list[Pass] = field(default_factory=list)

    @property
    def ratios(self) -> list[float]:
        """How many times cheaper than the echo of the same round."""
        return [echo.cpu_us / product.cpu_us for product, echo in zip(self.product, self.echo, strict=True)]

    @property
    def wrong(self) -> int:
        return sum(each.wrong for each in (*self.product, *self.echo))

    @property
    def errors(self) -> list[str]:
        passes = (*self.product, *self.echo)
        return [f"{self.case.name}: {error}" for each in passes for error in each.errors]


class LoadClient:
    """The client process, one job at a time."""

    def __init__(self) -> None:
        command = [sys.executable, "-m", "bench.client"]
        self._process = subprocess.Popen(
            command, cwd=ROOT, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
        )

    def run(self, job: Job, server: ServerProcess) -> Pass:
        self._write(job_line(job))
        self._read()
        before = server.cpu_s()
        self._write("go")
        sent = json.loads(self._read())
        cpu_s = server.cpu_s() - before
        checked = json.loads(self._read())
        return Pass(
            cpu_us=cpu_s / job.count * 1e6,
            per_second=job.count / sent["seconds"],
            p50_ms=sent["p50_ms"],
            p99_ms=sent["p99_ms"],
            wrong=checked["count"],
            errors=tuple(checked["errors"]),
        )

    def close(self) -> None:
        with self._process:  # closes the pipes; the client ends with its standard input
            pass

    def _write(self, line: str) -> None:
        assert self._process.stdin
        self._process.stdin.write(line + "\n")
        self._process.stdin.flush()

    def _read(self) -> str:
        assert self._process.stdout
        line = self._process.stdout.readline()
        if not line:
            raise RuntimeError("the load client ended; its error stands above")
        return line


class Bench:
    """Two servers, one client, and the running numbers of users and messages."""

    def __init__(self, given: argparse.Namespace, folder: Path) -> None:
        self._given = given
        self._folder = folder
        self._ahead_s = START.timestamp() - time.time()
        self._next_id = 7_300_000_000_000_000_000
        self._servers: dict[str, ServerProcess] = {}
        self._client = LoadClient()

    def __enter__(self) -> Bench:
        for side in ("product", "echo"):
            kind = "echo" if self._given.null else side
            self._servers[side] = ServerProcess(kind, self._folder, self._given.threads, self._ahead_s)
        return self

    def __exit__(self, *_: object) -> None:
        self._client.close()
        for server in self._servers.values():
            server.stop()

    def warm_up(self) -> None:
        first = self._given.rounds * self._given.callbacks
        for side in self._servers:
            self._pass(side, Case("warm-up", "", "帮助", ""), first, WARM_UP)

    def measure(self, measured: Measured, round_number: int) -> None:
        """One round of a case; who goes first changes with the round."""
        case, count = measured.case, self._given.callbacks
        first = round_number * count if case.is_new_user_each_round else 0
        sides = ("product", "echo") if round_number % 2 == 0 else ("echo", "product")
        for side in sides:
            passes = measured.product if side == "product" else measured.echo
            passes.append(self._pass(side, case, first, count))

    def memory_mb(self) -> dict[str, float]:
        return {side: server.peak_mb() for side, server in self._servers.items()}

    def _pass(self, side: str, case: Case, first: int, count: int) -> Pass:
        job = Job(
            port=self._servers[side].port,
            first=first,
            count=count,
            first_id=self._next_id,
            text=case.text,
            expects=case.expects,
            created_at=int(time.time() + self._ahead_s),
            connections=self._given.connections,
            is_echo=self._servers[side].kind == "echo",
            is_repeat=case.is_repeat,
        )
        self._next_id += count
        return self._client.run(job, self._servers[side])


def main(argv: Sequence[str]) -> int:
    """Run the benchmark and print its table; 1 when a reply was wrong or a check-in is missing.

    `burst` as the first word is the load of bench/burst.py.
    """
    if argv and argv[0] == "burst":
        return int(importlib.import_module("bench.burst").main(argv[1:]))
    given = _arguments(argv)
    results = [Measured(case) for case in CASES if not given.case or case.name in given.case]
    sent = given.rounds * given.callbacks if any(each.case.name == "checkin" for each in results) else 0
    with tempfile.TemporaryDirectory(prefix="qiyue-bench-") as name:
        folder = Path(name)
        if not given.null:
            _product().prepare(folder, given.rounds * given.callbacks + WARM_UP)
        with Bench(given, folder) as bench:
            bench.warm_up()
            for round_number in range(given.rounds):
                for measured in results:
                    bench.measure(measured, round_number)
            memory = bench.memory_mb()
        stored = sent if given.null else _product().recorded(folder)
    print(report(given, results, memory, sent, stored, argv))
    return 1 if stored != sent or any(measured.wrong for measured in results) else 0


def _product() -> ModuleType:
    # Loaded only where it is measured: with --null the harness stands alone.
    return importlib.import_module("bench.product")


def _arguments(argv: Sequence[str]) -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="bot.py bench", description="和最小的 Flask + wechatpy 回声比较")
    parser.add_argument("--callbacks", type=int, default=2000, help="每一轮每一方多少条消息")
    parser.add_argument("--rounds", type=int, default=5, help="交替几轮")
    parser.add_argument("--connections", type=int, default=16, help="几条长连接")
    parser.add_argument("--threads", type=int, default=16, help="服务器的处理线程，两边相同")
    parser.add_argument("--case", action="append", choices=[case.name for case in CASES], help="只测哪些")
    parser.add_argument("--null", action="store_true", help="两边都用回声：看测量自己的误差")
    given = parser.parse_args(argv)
    if given.case and "repeat" in given.case and "checkin" not in given.case:
        parser.error("repeat 要和 checkin 一起测")
    return given


def report(
    given: argparse.Namespace,
    results: Sequence[Measured],
    memory: dict[str, float],
    sent: int,
    stored: int,
    argv: Sequence[str],
) -> str:
    lines = [
        f"命令：python bot.py bench {shlex.join(argv)}".rstrip(),
        f"机器：{_machine()}",
        f"设置：granian {version('granian')}，1 个工作进程，{given.threads} 个线程，{given.connections} 条长连接，"
        f"{given.rounds} 轮交替，每轮每方 {given.callbacks} 条，每条回复都解密核对",
        "",
        "| 场景 | 七月 CPU µs/条 | 回声 CPU µs/条 | 便宜几倍 | 七月 p50 / p99 ms | 回声 p50 / p99 ms | 七月 条/s |",
        "|---|---|---|---|---|---|---|",
    ]
    lines += [_row(measured) for measured in results]
    lines += ["", f"内存峰值：七月 {memory['product']:.0f} MB，回声 {memory['echo']:.0f} MB（含监督进程）"]
    if given.null:
        lines.append("两边都是回声：倍数偏离 1.00 多少，就是测量的误差")
    else:
        lines.append(f"签到：送出 {sent} 条，数据库里 {stored} 条" + ("" if sent == stored else "，不一致！"))
    lines.append(f"错误的回复：{sum(measured.wrong for measured in results)} 条")
    return "\n".join([*lines, *[error for measured in results for error in measured.errors][:20]])


def _row(measured: Measured) -> str:
    product, echo = measured.product, measured.echo
    cells = (
        measured.case.title,
        spread([each.cpu_us for each in product], 0),
        spread([each.cpu_us for each in echo], 0),
        spread(measured.ratios, 2),
        f"{median(each.p50_ms for each in product):.1f} / {median(each.p99_ms for each in product):.1f}",
        f"{median(each.p50_ms for each in echo):.1f} / {median(each.p99_ms for each in echo):.1f}",
        f"{median(each.per_second for each in product):,.0f}",
    )
    return f"| {' | '.join(cells)} |"


def spread(values: Sequence[float], digits: int) -> str:
    """median (smallest–largest)"""
    return f"{median(values):.{digits}f} ({min(values):.{digits}f}–{max(values):.{digits}f})"


def _machine() -> str:
    names = [
        line.partition(":")[2].strip()
        for line in Path("/proc/cpuinfo").read_text().splitlines()
        if line.startswith("model name")
    ]
    cpu = names[0] if names else platform.machine()
    return f"{cpu}，{os.cpu_count()} 核，Linux {platform.release()}，Python {platform.python_version()}"


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
