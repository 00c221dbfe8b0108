"""Structured log lines on standard error."""

from __future__ import annotations

import json
import logging
import sys
import threading
import time
from collections import deque
from collections.abc import Callable, Mapping
from contextlib import suppress
from datetime import UTC, datetime
from typing import IO

from config import Settings

WRITE_EVERY_S = 0.1
# Made once: json.dumps makes an encoder for each line when it is given options.
_encode = json.JSONEncoder(ensure_ascii=False, default=str).encode
SAME_LINE_EVERY_S = 60.0
MOST_LINES_KEPT = 1000


class LineWriter:
    """Collects lines and writes them ten times a second from a thread of its own: a write for each
    message costs the thread that answers it a tenth of a millisecond (measured)."""

    def __init__(self, stream: IO[str]) -> None:
        self._stream = stream
        self._lines: deque[str] = deque()
        threading.Thread(target=self._write_for_ever, name="log-writer", daemon=True).start()

    def put(self, line: str) -> None:
        self._lines.append(line)

    def flush(self) -> None:
        lines = [self._lines.popleft() for _ in range(len(self._lines))]
        if not lines:
            return
        with suppress(OSError):  # a full log disk must not stop the service
            self._stream.write("\n".join(lines) + "\n")
            self._stream.flush()

    def _write_for_ever(self) -> None:
        while True:
            time.sleep(WRITE_EVERY_S)
            self.flush()


Line = Callable[[str, str, Mapping[str, object]], str]


def json_line(level: str, event: str, values: Mapping[str, object]) -> str:
    """One line with the moment, the level and what was said. Chinese stays readable."""
    return _encode({"at": moment(), "level": level, "event": event, **values})


def text_line(level: str, event: str, values: Mapping[str, object]) -> str:
    said = " ".join(f"{name}={value}" for name, value in values.items())
    return f"{moment()} {level} {event} {said}"


def moment() -> str:
    return datetime.now(UTC).isoformat(timespec="milliseconds")


class LineLog:
    """What the callback boundary writes to: a line for every message, so nothing stands in between."""

    def __init__(self, writer: LineWriter, level: int, line: Line) -> None:
        self._writer = writer
        self._level = level
        self._line = line
        self.flush = writer.flush

    def info(self, event: str, **values: object) -> None:
        if self._level <= logging.INFO:
            self._writer.put(self._line("info", event, values))

    def error(self, event: str, **values: object) -> None:
        self._writer.put(self._line("error", event, values))


class Throttle(logging.Filter):
    """Lets the same line through once a minute and says how often it came meanwhile: while the database is
    away, every second has the same thing to say."""

    def __init__(
        self, clock: Callable[[], float] = time.monotonic, every_s: float = SAME_LINE_EVERY_S
    ) -> None:
        super().__init__()
        self._clock = clock
        self._every_s = every_s
        self._lock = threading.Lock()
        # Line → when it was said, and how often it was held back since.
        self.kept: dict[tuple[str, str], tuple[float, int]] = {}

    def filter(self, record: logging.LogRecord) -> bool:
        line = record.getMessage()
        kind = (record.name, line)
        now = self._clock()
        with self._lock:
            said_at, held_back = self.kept.get(kind, (now - self._every_s, 0))
            if now - said_at < self._every_s:
                self.kept[kind] = (said_at, held_back + 1)
                return False
            self._forget_before(now - self._every_s)
            self.kept[kind] = (now, 0)
        if held_back:
            record.msg, record.args = f"{line} repeated={held_back}", ()
        return True

    def _forget_before(self, moment: float) -> None:
        """Lines with an id in them come once; they must not be kept for ever."""
        if len(self.kept) > MOST_LINES_KEPT:
            self.kept = {kind: kept for kind, kept in self.kept.items() if kept[0] > moment}


def start_log(settings: Settings) -> LineLog:
    """Our own lines and those of the libraries, on standard error; flush what comes back at the end."""
    level: int = getattr(logging, settings.log.level.upper())
    logging.basicConfig(level=max(level, logging.WARNING), stream=sys.stderr, force=True)
    for handler in logging.getLogger().handlers:
        handler.addFilter(Throttle())
    return LineLog(LineWriter(sys.stderr), level, json_line if settings.log.format == "json" else text_line)
