"""What /metrics shows: figures of the boundary, the queues, the ticker and the process."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import TYPE_CHECKING

from storage.database import StorageAway
from storage.figures import Figures, figures
from web.callback import Counts
from web.metrics import Metric, one
from web.places import Places

if TYPE_CHECKING:
    from wiring.application import Application

ALARM_KINDS = ("stopped", "undelivered")
PUSH_STATES = ("waiting", "in_call", "delivered", "failed", "useless", "unknown")
CALL_STATES = ("ready", "sending", "done", "failed", "dead", "unknown", "useless")
TASK_STATES = ("waiting", "running", "done", "failed")


@dataclass(frozen=True)
class Meters:
    """Where the figures come from; *started_at* is the process's start on the real clock."""

    app: Application
    counts: Counts
    places: Places
    last_tick_at: Callable[[], datetime | None]
    started_at: datetime

    def collect(self) -> Sequence[Metric]:
        now = self.app.clocks.now()
        stored = self._stored(now)
        return [*self._boundary(), *self._process(now), *(queues(stored, now) if stored else ())]

    def _stored(self, now: datetime) -> Figures | None:
        try:
            return self.app.database.read(lambda tx: figures(tx, now))
        except StorageAway:
            return None

    def _boundary(self) -> Sequence[Metric]:
        counted = self.counts.read()
        responder = self.app.responder
        return (
            Metric(
                "qiyue_callbacks_total",
                "counter",
                "Callbacks by channel and outcome.",
                {(("channel", c), ("outcome", o)): number for (c, o), number in counted.items()},
            ),
            one(
                "qiyue_stale_messages_total",
                "counter",
                "Unseen messages that were too old or from the future.",
                responder.stale_messages,
            ),
            one(
                "qiyue_clock_trouble",
                "gauge",
                "1: so many stale messages in a row that this machine's clock is suspect.",
                responder.has_clock_trouble,
            ),
            one(
                "qiyue_pages_refused_total",
                "counter",
                "Pages answered with 503 for want of a place.",
                self.places.refused,
            ),
        )

    def _process(self, now: datetime) -> Sequence[Metric]:
        ticked_at = self.last_tick_at()
        return (
            one(
                "process_start_time_seconds",
                "gauge",
                "Start of the process since the epoch.",
                self.started_at.timestamp(),
            ),
            one(
                "qiyue_last_tick_age_seconds",
                "gauge",
                "Age of the last scheduler step of this process.",
                None if ticked_at is None else max((now - ticked_at).total_seconds(), 0),
            ),
            one(
                "qiyue_writer_queue",
                "gauge",
                "Units that wait for the one writer (SQLite).",
                getattr(self.app.database, "queued", None),
            ),
        )


def queues(stored: Figures, now: datetime) -> Sequence[Metric]:
    oldest = stored.oldest_due_at
    return (
        one(
            "qiyue_outbox_oldest_due_age_seconds",
            "gauge",
            "How long the longest waiting push is due; 0: none is.",
            0 if oldest is None else (now - oldest).total_seconds(),
        ),
        _states("qiyue_outbox", "Pushes by state.", stored.pushes, PUSH_STATES),
        _states("qiyue_calls", "Requests to platforms by state.", stored.calls, CALL_STATES),
        Metric(
            "qiyue_alarms_open",
            "gauge",
            "Alarms: a channel that stopped, messages of the last day that did not arrive.",
            {(("kind", kind),): stored.alarms.get(kind, 0) for kind in ALARM_KINDS},
        ),
        _states("qiyue_tasks", "Slow work by state.", stored.tasks, TASK_STATES),
        one(
            "qiyue_inbox_answers",
            "gauge",
            "Messages whose answer is kept for another delivery.",
            stored.answers_kept,
        ),
    )


def _states(name: str, meaning: str, counted: Mapping[str, int], states: Sequence[str]) -> Metric:
    """Every state has a line from the start: an alarm on a missing line would never fire."""
    every = dict.fromkeys(states, 0) | dict(counted)
    return Metric(name, "gauge", meaning, {(("state", state),): number for state, number in every.items()})
