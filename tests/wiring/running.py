"""The real command line in real processes, for the end-to-end tests."""

from __future__ import annotations

import os
import shutil
import signal
import socket
import subprocess
import sys
import time
import urllib.error
import urllib.request
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

from fakes.delivery import CallbackDelivery
from fakes.sealing import AppIdentity
from fakes.transport import HttpTransport

ROOT = Path(__file__).parents[2]
IDENTITY = AppIdentity(
    "ww0000000000tests0", 1000007, "testtoken", "MadeUpMadeUpMadeUpMadeUpMadeUpMadeUp0123456"
)
SECRET = "made-up-secret-of-the-tests"
PATIENCE_S = 20.0


class RealClock:
    def now(self) -> datetime:
        return datetime.now(UTC)


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def environment(folder: Path, **more: str) -> dict[str, str]:
    """WeCom enabled with made-up keys; the data in *folder*; nothing of the machine's own settings."""
    return {
        "PATH": os.environ["PATH"],
        "PYTHONDONTWRITEBYTECODE": "1",
        "QIYUE_STORAGE__URL": f"sqlite:///{folder / 'qiyue.db'}",
        "QIYUE_STORAGE__UPLOADS": str(folder / "uploads"),
        "QIYUE_WECOM__ENABLED": "true",
        "QIYUE_WECOM__CORP_ID": IDENTITY.corp_id,
        "QIYUE_WECOM__AGENT_ID": str(IDENTITY.agent_id),
        "QIYUE_WECOM__API_BASE": "http://127.0.0.1:9",
        "QIYUE_WECOM_SECRET": SECRET,
        "QIYUE_WECOM_TOKEN": IDENTITY.token,
        "QIYUE_WECOM_AES_KEY": IDENTITY.aes_key,
        **more,
    }


def bot(
    *arguments: str, env: Mapping[str, str], text: str = "", timeout_s: float = 60.0
) -> subprocess.CompletedProcess[str]:
    command = [sys.executable, "bot.py", *arguments]
    return subprocess.run(
        command,
        cwd=ROOT,
        env=dict(env),
        input=text,
        capture_output=True,
        text=True,
        timeout=timeout_s,
        check=False,
    )


@dataclass
class Service:
    process: subprocess.Popen[str]
    base: str
    errors: Path
    started_s: float

    @property
    def delivery(self) -> CallbackDelivery:
        return CallbackDelivery(
            IDENTITY, HttpTransport(f"{self.base}/wecom/callback"), RealClock(), retries=0
        )

    def get(self, path: str) -> tuple[int, bytes]:
        return fetched(f"{self.base}{path}")

    def stop(self, signal_number: int = signal.SIGTERM) -> int:
        if self.process.poll() is None:
            self.process.send_signal(signal_number)
        return self.process.wait(PATIENCE_S)

    def workers(self) -> list[int]:
        return children(self.process.pid)


def fetched(url: str, body: bytes | None = None) -> tuple[int, bytes]:
    request = urllib.request.Request(url, data=body)
    try:
        with urllib.request.urlopen(request, timeout=10) as answer:
            return answer.status, answer.read()
    except urllib.error.HTTPError as error:
        with error:
            return error.code, error.read()


def children(pid: int) -> list[int]:
    """Every process below *pid*."""
    found: list[int] = []
    for task in Path(f"/proc/{pid}/task").glob("*/children"):
        for child in task.read_text().split():
            found += [int(child), *children(int(child))]
    return found


def is_alive(pid: int) -> bool:
    try:
        state = Path(f"/proc/{pid}/stat").read_text().rsplit(")", 1)[1].split()[0]
    except OSError:
        return False
    return state != "Z"


def wait_until(is_true: object, what: str) -> None:
    """Poll *is_true* (a callable) until it is; fails after 20 s and says *what* was waited for."""
    assert callable(is_true)
    until = time.monotonic() + PATIENCE_S
    while not is_true():
        assert time.monotonic() < until, f"waited in vain for {what}"
        time.sleep(0.02)


@contextmanager
def serving(
    folder: Path, *arguments: str, env: Mapping[str, str], path: str = "/healthz"
) -> Iterator[Service]:
    """`bot.py ARGUMENTS --port P`, ready to answer; ended afterwards whatever happens."""
    port = free_port()
    errors = folder / f"stderr-{port}.txt"
    started = time.monotonic()
    with errors.open("w") as stderr:
        process = subprocess.Popen(
            [sys.executable, "bot.py", *arguments, "--port", str(port)],
            cwd=ROOT,
            env=dict(env),
            stdout=subprocess.DEVNULL,
            stderr=stderr,
            text=True,
            start_new_session=True,
        )
    service = Service(process, f"http://127.0.0.1:{port}", errors, started)

    def is_up() -> bool:
        assert process.poll() is None, errors.read_text()
        try:
            return service.get(path)[0] == 200
        except OSError:
            return False

    try:
        wait_until(is_up, "the service")
        yield service
    finally:
        if process.poll() is None:
            os.killpg(process.pid, signal.SIGKILL)
        process.wait(PATIENCE_S)


def furnished(folder: Path, notice: str = "samples/notice.txt", year: int = 2023) -> dict[str, str]:
    """A folder with the notice and the sample roster, imported by the real commands; its environment."""
    folder.mkdir(parents=True, exist_ok=True)
    env = environment(folder)
    for command in (("import", notice, "--year", str(year)), ("roster", "samples/roster.csv")):
        done = bot(*command, env=env)
        assert done.returncode == 0, done.stderr
    return env


def notice_of_now(now: datetime) -> str:
    """A notice whose only talk begins this minute: `serve` has no other clock than the real one."""
    return (
        f"{now.month}月集中学习安排\n\n研0、研1 同学必须按时参加。\n\n"
        f"{now.month}月{now.day}日 {now:%H:%M} 《科研论文写作》\n"
    )


def copied(template: Path, folder: Path) -> dict[str, str]:
    """The data of *template* in *folder*, and the environment for it."""
    shutil.copytree(template, folder)
    return environment(folder)
