"""A card that was used: its buttons give way to what came of it."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime

from channels.channel import CardChannel, PushChannel
from storage import outbox
from storage.database import Database
from storage.outbox import NewCall
from storage.tasks import Task


class CardUpdate:
    """Runs "card" tasks: data *channel*, *account*, *response_code* and what is *shown*.

    It only makes a call: the relay sends it beside the others. Done again after a kill, the second
    finds the code used, which is no failure.
    """

    def __init__(self, database: Database, channels: Mapping[str, PushChannel]) -> None:
        self._database = database
        self._channels = channels

    def __call__(self, task: Task, now: datetime) -> Mapping[str, object]:
        channel = self._channels.get(str(task.data["channel"]))
        if not isinstance(channel, CardChannel):
            return {}
        account, code = str(task.data["account"]), str(task.data["response_code"])
        call = NewCall(channel.name, channel.update_body(account, code, str(task.data["shown"])), ())
        self._database.write(lambda tx: outbox.create_calls(tx, [call], now))
        return {"updated": True}
