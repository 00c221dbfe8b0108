"""Servers under test as process trees: start, what CPU and memory they used, stop."""

from __future__ import annotations

import signal
import socket
import subprocess
import sys
import time
from pathlib import Path

ROOT = Path(__file__).parent.parent
START_WITHIN_S = 60.0
STOP_WITHIN_S = 20.0


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


class ServerProcess:
    """A started server: `python -m bench.serve` and its worker."""

    def __init__(self, kind: str, folder: Path, threads: int, ahead_s: float) -> None:
        self.kind = kind
        self.port = free_port()
        self._log = (folder / f"{kind}.log").open("wb")
        command = [sys.executable, "-m", "bench.serve", kind, "--port", str(self.port)]
        command += ["--threads", str(threads), "--folder", str(folder), "--ahead-s", str(ahead_s)]
        self._process = subprocess.Popen(command, cwd=ROOT, stdout=self._log, stderr=self._log)
        self._wait_until_it_listens()

    def cpu_s(self) -> float:
        """CPU seconds of the whole tree since its start, threads that ended included."""
        return sum(_cpu_s(pid) for pid in descendants(self._process.pid))

    def peak_mb(self) -> float:
        return sum(_peak_mb(pid) for pid in descendants(self._process.pid))

    def stop(self) -> None:
        pids = descendants(self._process.pid)
        self._process.send_signal(signal.SIGTERM)
        try:
            self._process.wait(STOP_WITHIN_S)
        except subprocess.TimeoutExpired:
            self._process.kill()
            self._process.wait()
        self._log.close()
        _wait_until_gone(pids)

    def _wait_until_it_listens(self) -> None:
        until = time.monotonic() + START_WITHIN_S
        while time.monotonic() < until:
            if self._process.poll() is not None:
                break
            try:
                socket.create_connection(("127.0.0.1", self.port), 1).close()
            except OSError:
                time.sleep(0.05)
            else:
                return
        log = Path(self._log.name).read_text("utf-8", "replace")
        self.stop()
        raise RuntimeError(f"the {self.kind} server did not start:\n{log[-3000:]}")


def descendants(pid: int) -> list[int]:
    """*pid* and every process below it that still runs."""
    found = [pid]
    for parent in found:
        for task in Path(f"/proc/{parent}/task").glob("*/children"):
            found += map(int, task.read_text().split())
    return [each for each in found if Path(f"/proc/{each}").exists()]


def _cpu_s(pid: int) -> float:
    # clock_getcpuclockid(3): a process's CPU clock in nanoseconds, where /proc/<pid>/stat counts 10 ms ticks.
    return time.clock_gettime((~pid << 3) | 2)


def _peak_mb(pid: int) -> float:
    lines = Path(f"/proc/{pid}/status").read_text().splitlines()
    return next((int(line.split()[1]) / 1024 for line in lines if line.startswith("VmHWM")), 0.0)


def _wait_until_gone(pids: list[int]) -> None:
    until = time.monotonic() + STOP_WITHIN_S
    while any(_is_running(pid) for pid in pids) and time.monotonic() < until:
        time.sleep(0.05)


def _is_running(pid: int) -> bool:
    try:
        state = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0]
    except OSError:
        return False
    return state != "Z"
