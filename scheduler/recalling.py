"""撤回 of what was sent already: taken back from the phones where the platform can, and reported."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime

from channels.channel import PushChannel, RecallingChannel
from messages.envelope import Push
from scheduler.expand import prefix
from storage import calls, outbox, tasks
from storage.database import Database
from storage.tasks import Task

TRY_AGAIN = frozenset({"retry", "wait", "unknown"})


class NotTakenBack(Exception):
    """The platform did not answer; the task is tried again. Taking back twice does no harm."""


class Recall:
    """Runs "recall" tasks: data *task_id* of the announcement, *by* who wants it back."""

    def __init__(self, database: Database, channels: Mapping[str, PushChannel]) -> None:
        self._database = database
        self._channels = channels

    def __call__(self, task: Task, now: datetime) -> Mapping[str, object]:
        """Raises NotTakenBack while the platform does not answer."""
        programme_id = str(task.programme_id)
        told = self._database.read(lambda tx: tasks.find(tx, str(task.data["task_id"])))
        if told is None:
            return {}
        self._database.write(lambda tx: outbox.cancel_all(tx, programme_id, prefix(told), now))
        sent = self._database.read(lambda tx: calls.msgids_of(tx, programme_id, prefix(told)))
        outcomes = [self._take_back(channel, msgid) for channel, msgid in sent]
        if any(outcome in TRY_AGAIN for outcome in outcomes):
            raise NotTakenBack
        back = sum(outcome == "delivered" for outcome in outcomes)
        values = {"title": told.data.get("title"), "back": back, "left": len(outcomes) - back}
        push = Push(f"recalled:{task.task_id}", str(task.data["by"]), "broadcast/recalled", values, now)
        self._database.write(lambda tx: outbox.enqueue(tx, programme_id, push, now))
        return {"back": back, "left": len(outcomes) - back}

    def _take_back(self, name: str, msgid: str) -> str:
        channel = self._channels.get(name)
        if not isinstance(channel, RecallingChannel) or not channel.capabilities.recalls:
            return "permanent"
        return channel.recall(msgid).outcome
