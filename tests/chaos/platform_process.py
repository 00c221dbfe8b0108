"""A platform in a process of its own, with its own ledger, that kills on request in mid conversation.

`python -m tests.chaos.platform_process` prints its port. It shares no code with the product or with
fakes/: what it counts is what a person would have seen.
"""

from __future__ import annotations

import hashlib
import json
import os
import signal
import sys
import threading
import time
from collections import Counter, deque
from collections.abc import Mapping
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any
from urllib.parse import parse_qs, urlsplit

DUPLICATES_FOR_S = 4 * 3600
PER_MINUTE = 30
ROBOT_PER_MINUTE = 20
TOKEN = "TOKEN-of-chaos"

# Where in the conversation a kill strikes, seen from the platform.
MOMENTS = ("before_accept", "after_accept", "mid_answer", "after_answer")


@dataclass
class Death:
    """Kill *pids* at *moment* of the *countdown*-th send from now on."""

    moment: str
    pids: list[int]
    countdown: int


@dataclass
class Ledger:
    """What was accepted and what reached a phone or a chat. *dropped* vanished with errcode 0."""

    delivered: Counter[tuple[str, str]] = field(default_factory=Counter)
    said: Counter[str] = field(default_factory=Counter)
    order: dict[str, list[str]] = field(default_factory=dict)
    dropped: int = 0
    accepted: int = 0
    swallowed: int = 0
    tokens: int = 0
    struck: int = 0


class Platform:
    """The state of the platform; thread-safe. *weather* is what every request meets now."""

    def __init__(self) -> None:
        self.lock = threading.Lock()
        self.ledger = Ledger()
        self.weather = "fair"
        self.delay_s = 0.0
        self._death: Death | None = None
        self._seen: dict[str, float] = {}
        self._recent: dict[str, deque[float]] = {}
        self.arrivals: list[float] = []

    def arm(self, death: Death | None) -> None:
        with self.lock:
            self._death = death

    def death_at_this_send(self) -> Death | None:
        with self.lock:
            death = self._death
            if death is None:
                return None
            death.countdown -= 1
            if death.countdown > 0:
                return None
            self._death = None
            return death

    def strike(self, death: Death | None, moment: str) -> bool:
        if death is None or death.moment != moment:
            return False
        with self.lock:
            self.ledger.struck += 1
        for pid in death.pids:
            try:
                os.kill(pid, signal.SIGKILL)
            except ProcessLookupError:
                continue
        return True

    def send(self, raw: bytes) -> dict[str, object]:
        """message/send: swallow a repetition, drop what exceeds a member's minute, deliver the rest."""
        body = json.loads(raw)
        with self.lock:
            now = time.monotonic()
            digest = hashlib.sha256(raw).hexdigest()
            if (
                body.get("enable_duplicate_check") == 1
                and now - self._seen.get(digest, -1e9) < DUPLICATES_FOR_S
            ):
                self.ledger.swallowed += 1
                return {"errcode": 0, "errmsg": "ok", "msgid": digest[:20]}
            self._seen[digest] = now
            self.ledger.accepted += 1
            for userid in body["touser"].split("|"):
                self._deliver(userid, body["text"]["content"], now)
            return {"errcode": 0, "errmsg": "ok", "msgid": digest[:20]}

    def say(self, raw: bytes, key: str) -> dict[str, object]:
        """webhook/send: no duplicate check here; 20 a minute."""
        body = json.loads(raw)
        with self.lock:
            if not self._has_room(f"robot {key}", ROBOT_PER_MINUTE, time.monotonic()):
                return {"errcode": 45009, "errmsg": "api freq out of limit"}
            self.ledger.said[body["text"]["content"]] += 1
            return {"errcode": 0, "errmsg": "ok"}

    def _deliver(self, userid: str, text: str, now: float) -> None:
        if not self._has_room(userid, PER_MINUTE, now):
            self.ledger.dropped += 1
            return
        self.ledger.delivered[userid, text] += 1
        self.ledger.order.setdefault(userid, []).append(text)

    def _has_room(self, who: str, limit: int, now: float) -> bool:
        recent = self._recent.setdefault(who, deque())
        while recent and now - recent[0] >= 60:
            recent.popleft()
        if len(recent) >= limit:
            return False
        recent.append(now)
        return True

    def report(self) -> dict[str, object]:
        with self.lock:
            ledger = self.ledger
            return {
                "delivered": [[userid, text, times] for (userid, text), times in ledger.delivered.items()],
                "said": dict(ledger.said),
                "order": ledger.order,
                "dropped": ledger.dropped,
                "accepted": ledger.accepted,
                "swallowed": ledger.swallowed,
                "tokens": ledger.tokens,
                "struck": ledger.struck,
                "arrivals": self.arrivals,
            }


class Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    platform: Platform

    def do_GET(self) -> None:
        parts = urlsplit(self.path)
        if parts.path == "/cgi-bin/gettoken":
            with self.platform.lock:
                self.platform.ledger.tokens += 1
            if not self._is_spoilt():
                self._answer({"errcode": 0, "errmsg": "ok", "access_token": TOKEN, "expires_in": 7200})
        elif parts.path == "/ledger":
            self._answer(self.platform.report())

    def do_POST(self) -> None:
        parts = urlsplit(self.path)
        length = int(self.headers["Content-Length"])
        raw = self.rfile.read(length)
        if len(raw) < length:
            return  # killed in the middle of its request
        if parts.path == "/arm":
            order = json.loads(raw)
            self.platform.arm(Death(**order) if order else None)
            self._answer({})
            return
        if parts.path == "/weather":
            order = json.loads(raw)
            self.platform.weather, self.platform.delay_s = order["weather"], order["delay_s"]
            self._answer({})
            return
        self._receive(parts.path, parse_qs(parts.query), raw)

    def _receive(self, path: str, query: Mapping[str, list[str]], raw: bytes) -> None:
        platform = self.platform
        with platform.lock:
            platform.arrivals.append(time.time())
        if self._is_spoilt():
            return
        death = platform.death_at_this_send()
        if platform.strike(death, "before_accept"):
            self.close_connection = True  # where another instance was struck, this one hears no answer
            return
        done = platform.say(raw, query["key"][0]) if path == "/cgi-bin/webhook/send" else platform.send(raw)
        time.sleep(platform.delay_s)
        if platform.strike(death, "after_accept"):
            self.close_connection = True
            return
        whole = json.dumps(done).encode()
        self._head(len(whole))
        self.wfile.write(whole[: len(whole) // 2])
        self.wfile.flush()
        if platform.strike(death, "mid_answer"):
            self.close_connection = True
            return
        self.wfile.write(whole[len(whole) // 2 :])
        self.wfile.flush()
        platform.strike(death, "after_answer")

    def _is_spoilt(self) -> bool:
        """Whether the weather has taken this request: "away" closes at once, "page" answers with HTML."""
        if self.platform.weather == "away":
            self.close_connection = True
            return True
        if self.platform.weather == "page":
            page = b"<html><body><h1>502 Bad Gateway</h1></body></html>"
            self._head(len(page), 502)
            self.wfile.write(page)
            return True
        return False

    def _answer(self, answer: Mapping[str, Any]) -> None:
        whole = json.dumps(answer).encode()
        self._head(len(whole))
        self.wfile.write(whole)

    def _head(self, length: int, status: int = 200) -> None:
        self.send_response(status)
        self.send_header("Content-Type", "application/json; charset=UTF-8")
        self.send_header("Content-Length", str(length))
        self.end_headers()

    def log_message(self, format: str, *args: object) -> None:
        """Nothing: the ledger is what counts."""

    def handle(self) -> None:
        try:
            super().handle()
        except OSError:
            self.close_connection = True  # the bot at the other end was killed


class Server(ThreadingHTTPServer):
    daemon_threads = True
    request_queue_size = 128


def main() -> None:
    Handler.platform = Platform()
    server = Server(("127.0.0.1", 0), Handler)
    sys.stdout.write(f"{server.server_port}\n")
    sys.stdout.flush()
    server.serve_forever(poll_interval=0.05)


if __name__ == "__main__":
    main()
