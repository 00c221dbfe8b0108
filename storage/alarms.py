"""Alarms: what stopped a channel or could not be delivered, one open row per channel and kind."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass
from datetime import datetime, timedelta
from uuid import uuid4

from storage.database import Tx
from storage.times import from_text, from_text_or_none, to_text


@dataclass(frozen=True)
class Alarm:
    """*times* counts how often it was raised before it was cleared; *detail* is ours, never a secret."""

    channel: str
    kind: str
    errcode: int | None
    detail: str
    raised_at: datetime
    times: int
    cleared_at: datetime | None


def raise_alarm(tx: Tx, channel: str, kind: str, errcode: int | None, detail: str, at: datetime) -> bool:
    """Record it; False when the same alarm was open already, which is then counted once more."""
    found = tx.query(
        """
        insert into alarm (alarm_id, channel, kind, errcode, detail, raised_at, times, last_at)
        values (:alarm_id, :channel, :kind, :errcode, :detail, :at, 1, :at)
        on conflict (channel, kind) where cleared_at is null do update
        set times = alarm.times + 1, last_at = excluded.last_at, errcode = excluded.errcode,
            detail = excluded.detail
        returning times""",
        {
            "alarm_id": uuid4().hex,
            "channel": channel,
            "kind": kind,
            "errcode": errcode,
            "detail": detail,
            "at": to_text(at),
        },
    )
    return bool(found[0]["times"] == 1)


def clear(tx: Tx, channel: str, kind: str, at: datetime) -> bool:
    """The cause is gone; False when no such alarm was open."""
    changed = tx.execute(
        """
        update alarm
        set cleared_at = :at
        where channel = :channel and kind = :kind and cleared_at is null""",
        {"channel": channel, "kind": kind, "at": to_text(at)},
    )
    return changed == 1


def open_alarms(tx: Tx) -> tuple[Alarm, ...]:
    """Those not cleared, the oldest first."""
    found = tx.query(
        """
        select channel, kind, errcode, detail, raised_at, times, cleared_at
        from alarm
        where cleared_at is null
        order by raised_at, channel, kind"""
    )
    return tuple(
        Alarm(
            row["channel"],
            row["kind"],
            row["errcode"],
            row["detail"],
            from_text(row["raised_at"]),
            row["times"],
            from_text_or_none(row["cleared_at"]),
        )
        for row in found
    )


def open_by_kind(tx: Tx, now: datetime) -> dict[str, int]:
    """How many alarms are open; those of a single day (kind "name:day") count for a day."""
    found = tx.query(
        """
        select kind
        from alarm
        where cleared_at is null and (last_at > :yesterday or kind not like '%:%')""",
        {"yesterday": to_text(now - timedelta(days=1))},
    )
    return dict(Counter(row["kind"].partition(":")[0] for row in found))
