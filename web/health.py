"""Two pages for operators and load balancers: is this process alive, and may it get requests."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import datetime, timedelta

from flask import Blueprint, Response, jsonify

# APScheduler's thread can die while its process stays up, so the last tick is part of being alive.
TICK_AT_MOST = timedelta(seconds=15)


def health_pages(
    *,
    is_writer_alive: Callable[[], bool],
    last_tick_at: Callable[[], datetime | None],
    readiness: Callable[[], Mapping[str, bool]],
    clock: Callable[[], datetime],
    has_clock_trouble: Callable[[], bool] = lambda: False,
) -> Blueprint:
    """/healthz (writer alive, some instance's last tick at most 15 s old) and /readyz.

    *last_tick_at* is aware, None until the first one; the first 15 s of this process count as a tick.
    *readiness* names what must be true to get requests (database, snapshot, not draining).
    *has_clock_trouble* is shown and turns nothing red: a restart mends no clock.
    """
    pages = Blueprint("health", __name__)
    started_at = clock()

    @pages.get("/healthz")
    def healthz() -> Response:
        age = clock() - max(last_tick_at() or started_at, started_at)
        parts = {"writer": is_writer_alive(), "tick": age <= TICK_AT_MOST}
        return _verdict(parts, clock_trouble=has_clock_trouble())

    @pages.get("/readyz")
    def readyz() -> Response:
        return _verdict(readiness())

    return pages


def _verdict(parts: Mapping[str, bool], **details: bool) -> Response:
    """200 when every part is true, else 503; which one is not is no secret worth keeping."""
    is_ok = all(parts.values())
    answer = jsonify({"ok": is_ok, **parts, **details})
    answer.status_code = 200 if is_ok else 503
    answer.headers["Cache-Control"] = "no-store"
    return answer
