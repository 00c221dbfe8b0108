"""Alarms: one structured line, one row, one call of the hook, and a word through another door."""

from __future__ import annotations

import logging
from collections.abc import Callable, Mapping, Sequence
from datetime import datetime, timedelta

from channels.channel import PushChannel
from messages.envelope import Push
from scheduler.grouping import Render
from storage import alarms, outbox
from storage.database import Database, Tx
from storage.outbox import NewCall

log = logging.getLogger(__name__)

STOPPED = "stopped"
UNDELIVERED = "undelivered"
USEFUL = timedelta(days=1)

# (programme id, person id) of everybody who is to be told and is reached otherwise than by a channel.
Admins = Callable[[str], Sequence[tuple[str, str]]]


def nobody(_channel: str) -> Sequence[tuple[str, str]]:
    return ()


class Bell:
    """Rings once for each alarm until it is cleared.

    *doors* are the channels that say it in the admins' own chat; an alarm never takes the door it is
    about. Admins reachable one by one (*admins*) are told as well, unless their channel is the one.
    *hook* counts (channel, kind), for metrics.
    """

    def __init__(
        self,
        database: Database,
        channels: Mapping[str, PushChannel],
        render: Render,
        *,
        doors: Sequence[str] = (),
        admins: Admins = nobody,
        hook: Callable[[str, str], object] | None = None,
    ) -> None:
        self._database = database
        self._channels = channels
        self._render = render
        self._doors = doors
        self._admins = admins
        self._hook = hook

    def ring(self, channel: str, kind: str, errcode: int | None, detail: str, at: datetime) -> bool:
        """True when it is new. A line and the hook's count come in any case. Raises StorageAway."""
        log.error("alarm channel=%s kind=%s errcode=%s detail=%s", channel, kind, errcode, detail)
        if self._hook is not None:
            self._hook(channel, kind)
        values = {"channel": channel, "errcode": errcode, "detail": detail}
        template = f"alarm/{kind.partition(':')[0]}"
        text = self._render(template, values)
        bodies = [
            NewCall(door, self._channels[door].text_body((), text), (), text)
            for door in self._doors
            if door != channel
        ]

        def store(tx: Tx) -> bool:
            if not alarms.raise_alarm(tx, channel, kind, errcode, detail, at):
                return False
            outbox.create_calls(tx, bodies, at)
            for programme_id, person_id in self._admins(channel if kind == STOPPED else ""):
                key = f"alarm:{channel}:{kind}:{at.isoformat()}:{person_id}"
                push = Push(key, person_id, template, values, at, at + USEFUL)
                outbox.enqueue(tx, programme_id, push, at)
            return True

        return self._database.write(store)

    def clear(self, channel: str, kind: str, at: datetime) -> None:
        """The cause is gone. Raises StorageAway."""
        if self._database.write(lambda tx: alarms.clear(tx, channel, kind, at)):
            log.warning("alarm_cleared channel=%s kind=%s", channel, kind)
