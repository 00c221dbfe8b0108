"""Fifty uploads at once, twenty of them slow, and what a callback takes meanwhile.

python -m tests.wiring.uploads_load [BYTES]     prints one line for the callbacks and one for the uploads
"""

from __future__ import annotations

import http.client
import json
import os
import statistics
import sys
import tempfile
import threading
import time
from collections.abc import Callable
from multiprocessing import Process, Queue
from pathlib import Path

from fakes.delivery import CallbackDelivery
from tests.documents.files.pdfs import scan
from tests.wiring.running import copied, furnished, serving
from tests.wiring.test_handing_in import Page

UPLOADS, SLOW = 50, 20
PIECE = 256 * 1024
SLOW_BYTES_A_SECOND = 64 * 1024


class Client(threading.Thread):
    """One phone: begins, sends its pieces (drop by drop if it is slow), waits for the verdict."""

    def __init__(self, base: str, path: str, number: int, data: bytes, *, is_slow: bool) -> None:
        super().__init__(daemon=True)
        self.base, self.path, self.number, self.data, self.is_slow = base, path, number, data, is_slow
        self.refused = 0
        self.took_s = 0.0
        self.said = ""

    def run(self) -> None:
        started = time.perf_counter()
        said = {"part": "report", "kind": "", "name": f"报告{self.number}.pdf", "size": len(self.data)}
        begun = self.surely("POST", "/files", json.dumps(said).encode())
        if "upload" not in begun:
            self.said = f"not taken: {begun}"
            return
        upload = str(begun["upload"])
        stand = {"state": "receiving", "offset": 0}
        while stand["state"] == "receiving":
            offset = int(str(stand["offset"]))
            size = SLOW_BYTES_A_SECOND if self.is_slow else PIECE
            stand = self.surely("PUT", f"/files/{upload}?offset={offset}", self.data[offset : offset + size])
        while stand["state"] == "received":
            time.sleep(0.7)
            stand = self.surely("GET", f"/files/{upload}", None)
        self.said = str(stand["said"])
        self.took_s = time.perf_counter() - started

    def surely(self, method: str, path: str, body: bytes | None) -> dict[str, object]:
        while True:
            status, found = self.once(method, path, body)
            if status < 500:
                return found
            self.refused += 1
            time.sleep(0.3 + (self.number * 37 % 100) / 100)

    def once(self, method: str, path: str, body: bytes | None) -> tuple[int, dict[str, object]]:
        host, port = self.base.removeprefix("http://").split(":")
        connection = http.client.HTTPConnection(host, int(port), timeout=60)
        connection.putrequest(method, self.path + path)
        connection.putheader("Content-Length", str(len(body or b"")))
        if method == "POST":
            connection.putheader("Content-Type", "application/json")
        connection.endheaders()
        try:
            self.trickle(connection, body or b"", is_slow=self.is_slow and method == "PUT")
            answer = connection.getresponse()
            text = answer.read()
        except OSError:
            return 599, {}
        finally:
            connection.close()
        try:
            return answer.status, json.loads(text)
        except ValueError:
            return answer.status, {}

    @staticmethod
    def trickle(connection: http.client.HTTPConnection, body: bytes, *, is_slow: bool) -> None:
        step = 4096 if is_slow else max(1, len(body))
        for at in range(0, len(body), step):
            connection.send(body[at : at + step])
            if is_slow:
                time.sleep(step / SLOW_BYTES_A_SECOND)


def upload_all(base: str, paths: list[str], size: int, told: Queue[list[tuple[float, int, str]]]) -> None:
    """The phones, in a process of their own: on a real machine they are elsewhere."""
    os.nice(10)
    clients = [
        Client(base, path, number, scan(21, size // 21 + number), is_slow=number < SLOW)
        for number, path in enumerate(paths)
    ]
    for client in clients:
        client.start()
    for client in clients:
        client.join()
    told.put([(client.took_s, client.refused, client.said) for client in clients])


def measure(size: int) -> None:
    told: Queue[list[tuple[float, int, str]]] = Queue()
    with tempfile.TemporaryDirectory() as folder:
        furnished(Path(folder) / "template")
        env = copied(Path(folder) / "template", Path(folder) / "data")
        with serving(Path(folder), "serve", env=env) as service:
            delivery = service.delivery  # one, so that each message has an id of its own
            paths = [Page(delivery, f"stu{number % 30 + 1:03d}").path for number in range(UPLOADS)]
            alone = callbacks(delivery, lambda count: count < 60)
            phones = Process(target=upload_all, args=(service.base, paths, size, told))
            phones.start()
            beside = callbacks(delivery, lambda _: told.empty())
            clients = told.get()
            phones.join()
    for name, took in (("alone", alone), ("beside uploads", beside)):
        sys.stdout.write(
            f"callbacks {name}: {len(took)}, p50 {statistics.median(took):.1f} ms,"
            f" p99 {took[len(took) * 99 // 100]:.1f} ms, max {took[-1]:.1f} ms\n"
        )
    report(clients, size)


def report(clients: list[tuple[float, int, str]], size: int) -> None:
    times = sorted(took for took, _, _ in clients)
    others = {said for _, _, said in clients if not said.startswith(("✅", "这份"))}
    sys.stdout.write("".join(f"other: {said}\n" for said in sorted(others)[:5]))
    sys.stdout.write(
        f"uploads: {UPLOADS} of {size} bytes, {SLOW} slow; {len(clients) - len(others)} judged;"
        f" {sum(refused for _, refused, _ in clients)} requests asked to come again;"
        f" half were done in {times[len(times) // 2]:.1f} s, all in {times[-1]:.1f} s\n"
    )


def callbacks(delivery: CallbackDelivery, goes_on: Callable[[int], bool]) -> list[float]:
    """Milliseconds of each callback while *goes_on* (given how many there were), sorted."""
    took: list[float] = []
    while goes_on(len(took)):
        started = time.perf_counter()
        said = delivery.text(f"stu{len(took) % 30 + 1:03d}", "本周").said()
        took.append((time.perf_counter() - started) * 1000)
        assert said, "a callback without an answer"
        time.sleep(0.15)  # nobody may write more than twenty times a minute
    return sorted(took)


if __name__ == "__main__":
    measure(int(sys.argv[1]) if len(sys.argv) > 1 else 1_000_000)
