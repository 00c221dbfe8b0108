"""Fifty uploads at once, twenty of them slow, and what a callback takes meanwhile.

python -m tests.wiring.uploads_load [BYTES]     prints one line for the callbacks and one for the uploads
"""

from __future__ import annotations

import http.client
import json
import statistics
import sys
import tempfile
import threading
import time
from pathlib import Path

from tests.documents.files.pdfs import scan
from tests.wiring.running import Service, copied, furnished, serving
from tests.wiring.test_handing_in import Page

UPLOADS, SLOW = 50, 20
PIECE = 256 * 1024
SLOW_BYTES_A_SECOND = 64 * 1024


class Client(threading.Thread):
    """One phone: begins, sends its pieces (drop by drop if it is slow), waits for the verdict."""

    def __init__(self, service: Service, page: Page, number: int, data: bytes, *, is_slow: bool) -> None:
        super().__init__(daemon=True)
        self.service, self.page, self.number, self.data, self.is_slow = service, page, number, data, is_slow
        self.refused = 0
        self.took_s = 0.0
        self.said = ""

    def run(self) -> None:
        started = time.perf_counter()
        said = {"part": "report", "kind": "", "name": f"报告{self.number}.pdf", "size": len(self.data)}
        upload = str(self.surely("POST", "/files", json.dumps(said).encode())["upload"])
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
        host, port = self.service.base.removeprefix("http://").split(":")
        connection = http.client.HTTPConnection(host, int(port), timeout=60)
        connection.putrequest(method, self.page.path + path)
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


def measure(size: int) -> None:
    with tempfile.TemporaryDirectory() as folder:
        furnished(Path(folder) / "template")
        env = copied(Path(folder) / "template", Path(folder) / "data")
        with serving(Path(folder), "serve", env=env) as service:
            pages = [Page(service, f"stu{number % 30 + 1:03d}") for number in range(UPLOADS)]
            datas = [scan(21, size // 21 + number) for number in range(UPLOADS)]
            clients = [
                Client(service, page, number, data, is_slow=number < SLOW)
                for number, (page, data) in enumerate(zip(pages, datas, strict=True))
            ]
            for client in clients:
                client.start()
            took = callbacks(service, clients)
            for client in clients:
                client.join()
    verdicts = sum(client.said.startswith(("✅", "这份")) for client in clients)
    times = sorted(client.took_s for client in clients)
    sys.stdout.write(
        f"callbacks: {len(took)}, p50 {statistics.median(took):.1f} ms,"
        f" p99 {took[len(took) * 99 // 100]:.1f} ms, max {took[-1]:.1f} ms\n"
        f"uploads: {UPLOADS} of {size} bytes, {SLOW} slow; {verdicts} judged;"
        f" {sum(c.refused for c in clients)} pieces asked to come again;"
        f" half were done in {times[len(times) // 2]:.1f} s, all in {times[-1]:.1f} s\n"
    )


def callbacks(service: Service, clients: list[Client]) -> list[float]:
    """Milliseconds of each callback while uploads are on their way, sorted."""
    took: list[float] = []
    while any(client.is_alive() for client in clients):
        started = time.perf_counter()
        said = service.delivery.text("lead01", "本周").said()
        took.append((time.perf_counter() - started) * 1000)
        assert said, "a callback without an answer"
        time.sleep(0.02)
    return sorted(took)


if __name__ == "__main__":
    measure(int(sys.argv[1]) if len(sys.argv) > 1 else 1_000_000)
