"""A whole college checks in at once: every message at its own moment, delivered up to three times.

`python bot.py bench burst`. Arrivals follow the clock and not the server (an open loop): a reply that
comes late is counted from the moment at which its message was due.
"""

from __future__ import annotations

import argparse
import heapq
import selectors
import shlex
import tempfile
import time
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

from bench.client import STALLED_AFTER_S, Connection, Job, Request, Response, sealed_requests, texts_of
from bench.processes import ServerProcess
from bench.scene import START

AGAIN_AFTER_S = 5.0  # the platform waits so long before it sends a message once more
FIRST_ID = 7_400_000_000_000_000_000
EXPECTED = "科研论文写作"


@dataclass(frozen=True, order=True)
class Delivery:
    """The message of one student, due *due_s* seconds after the beginning."""

    due_s: float
    number: int


@dataclass(frozen=True)
class Outcome:
    """What came of it: *waits_s* from the due moment to the whole reply, of every delivery."""

    deliveries: int
    waits_s: tuple[float, ...]
    seconds: float
    wrong: tuple[str, ...]


def schedule(students: int, seconds: float, copies: int) -> list[Delivery]:
    """Messages spread over *seconds*, the n-th delivered 1 + n mod *copies* times: the second copy at
    once beside the first, as a retry that overtakes, the third after the platform's wait."""
    found = []
    for number in range(students):
        due_s = number * seconds / students
        found += [
            Delivery(due_s + AGAIN_AFTER_S * (copy // 2), number) for copy in range(1 + number % copies)
        ]
    return sorted(found)


class Pool:
    """Keep-alive connections, and which delivery is under way on which."""

    def __init__(self, port: int, connections: int) -> None:
        self._port = port
        self._selector = selectors.DefaultSelector()
        self.free: list[Connection] = []
        self.due: dict[Connection, Delivery] = {}
        for _ in range(connections):
            self._open()

    def _open(self) -> None:
        connection = Connection(self._port)
        self._selector.register(connection.socket, selectors.EVENT_READ, connection)
        self.free.append(connection)

    def send(self, delivery: Delivery, data: bytes) -> None:
        connection = self.free.pop()
        self.due[connection] = delivery
        connection.send(delivery.number, data)

    def wait(self, idle_s: float) -> Iterator[tuple[Delivery, Response | None]]:
        """What came within *idle_s*; None: the connection was closed under it, so it is due again.

        The server lets go of connections that were idle for long; the platform would open new ones.
        """
        for key, _ in self._selector.select(idle_s):
            connection: Connection = key.data
            try:
                response = connection.receive()
            except ConnectionError:
                self._drop(connection)
                if connection in self.due:
                    yield self.due.pop(connection), None
                continue
            if response is not None:
                self.free.append(connection)
                yield self.due.pop(connection), response

    def _drop(self, connection: Connection) -> None:
        self._selector.unregister(connection.socket)
        connection.socket.close()
        if connection in self.free:
            self.free.remove(connection)
        self._open()

    def close(self) -> None:
        for connection in (*self.free, *self.due):
            connection.socket.close()
        self._selector.close()


def drive(port: int, requests: Sequence[Request], plan: Sequence[Delivery], connections: int) -> Outcome:
    """Send each delivery at its moment over keep-alive *connections*; replies are checked afterwards."""
    pool, waiting = Pool(port, connections), list(plan)
    heapq.heapify(waiting)
    replies: list[tuple[int, Response]] = []
    waits: list[float] = []
    started = last = time.perf_counter()
    while waiting or pool.due:
        now = time.perf_counter()
        while waiting and pool.free and waiting[0].due_s <= now - started:
            delivery = heapq.heappop(waiting)
            pool.send(delivery, requests[delivery.number].data)
        if pool.due and now - last > STALLED_AFTER_S:
            raise TimeoutError(f"no reply within {STALLED_AFTER_S} s")
        until_next_s = max(0.0, waiting[0].due_s - (now - started)) if waiting and pool.free else 1.0
        for delivery, response in pool.wait(min(until_next_s, 1.0)):
            last = time.perf_counter()
            if response is None:
                heapq.heappush(waiting, delivery)
                continue
            waits.append(last - started - delivery.due_s)
            replies.append((delivery.number, response))
    seconds = time.perf_counter() - started
    pool.close()
    return Outcome(len(plan), tuple(waits), seconds, wrong_replies(requests, replies))


def wrong_replies(requests: Sequence[Request], replies: Sequence[tuple[int, Response]]) -> tuple[str, ...]:
    """A line for each reply that does not open, does not confirm, or differs from an earlier copy's."""
    texts, errors = texts_of([requests[number] for number, _ in replies], [reply for _, reply in replies])
    first: dict[int, str] = {}
    for (number, _), text in zip(replies, texts, strict=True):
        if EXPECTED not in text or text != first.setdefault(number, text):
            errors.append(f"{requests[number].sender}: {text!r}")
    return tuple(errors)


def main(argv: Sequence[str]) -> int:
    """Run it and print its figures; 1 when something was lost, stored twice or answered wrongly."""
    from bench.product import checked_in, prepare

    given = _arguments(argv)
    with tempfile.TemporaryDirectory(prefix="qiyue-burst-") as name:
        folder = Path(name)
        prepare(folder, given.students)
        ahead_s = START.timestamp() - time.time()
        server = ServerProcess("product", folder, given.threads, ahead_s)
        try:
            job = Job(server.port, 0, given.students, FIRST_ID, "签到", EXPECTED, int(time.time() + ahead_s))
            requests = sealed_requests(job)
            plan = schedule(given.students, given.seconds, given.copies)
            before = server.cpu_s()
            outcome = drive(server.port, requests, plan, given.connections)
            cpu_s, memory_mb = server.cpu_s() - before, server.peak_mb()
        finally:
            server.stop()
        people = checked_in(folder)
    lost, twice = given.students - len(set(people)), len(people) - len(set(people))
    print(report(argv, given, outcome, cpu_s, memory_mb, lost, twice))
    return 1 if lost or twice or outcome.wrong else 0


def report(
    argv: Sequence[str],
    given: argparse.Namespace,
    outcome: Outcome,
    cpu_s: float,
    memory_mb: float,
    lost: int,
    twice: int,
) -> str:
    took = sorted(wait * 1000 for wait in outcome.waits_s)
    p50, p99 = took[len(took) // 2], took[min(len(took) - 1, len(took) * 99 // 100)]
    lines = [
        f"命令：python bot.py bench burst {shlex.join(argv)}".rstrip(),
        f"{given.students} 人在 {given.seconds:g} 秒内签到，每条消息送 1 到 {given.copies} 次，共 {outcome.deliveries} 次，"
        f"SQLite（FULL），{given.threads} 个线程，{given.connections} 条连接",
        f"p50 {p50:.1f} ms，p99 {p99:.1f} ms，最慢 {took[-1]:.1f} ms（从该送到的时刻算起）",
        f"用了 {outcome.seconds:.1f} 秒，服务器 CPU {cpu_s:.1f} 秒，内存峰值 {memory_mb:.0f} MB",
        f"丢失 {lost} 人，重复 {twice} 人，错误的回复 {len(outcome.wrong)} 条",
    ]
    return "\n".join([*lines, *outcome.wrong[:20]])


def _arguments(argv: Sequence[str]) -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="bot.py bench burst", description="很多人同时签到，消息重复送达")
    parser.add_argument("--students", type=int, default=5000, help="多少人")
    parser.add_argument("--seconds", type=float, default=60.0, help="在多少秒内")
    parser.add_argument("--copies", type=int, default=3, help="一条消息最多送几次")
    parser.add_argument("--connections", type=int, default=64, help="几条长连接")
    parser.add_argument("--threads", type=int, default=64, help="服务器的处理线程")
    return parser.parse_args(argv)
