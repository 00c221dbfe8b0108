"""Reminders that wait although they were planned a while ago: looked at again before they leave."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from datetime import datetime

from storage.database import Tx
from storage.json_text import from_json
from storage.times import to_text


@dataclass(frozen=True)
class WaitingReminder:
    """A push that is due and in no call yet; *values* are those it was planned with."""

    dedupe_key: str
    programme_id: str
    person_id: str
    values: Mapping[str, object]


def reminders(tx: Tx, now: datetime, after_key: str, limit: int) -> tuple[WaitingReminder, ...]:
    """Due reminders that were not planned at *now* itself, by key from *after_key* on, at most *limit*."""
    found = tx.query(
        """
        select dedupe_key, programme_id, person_id, slots
        from outbox
        where state = 'waiting' and due_at <= :now and created_at <> :now
            and substr(template, 1, 9) = 'reminder/' and dedupe_key > :after_key
        order by dedupe_key
        limit :limit""",
        {"now": to_text(now), "after_key": after_key, "limit": limit},
    )
    return tuple(
        WaitingReminder(row["dedupe_key"], row["programme_id"], row["person_id"], from_json(row["slots"]))
        for row in found
    )


def withdraw(tx: Tx, dedupe_keys: Collection[str], reason: str, at: datetime) -> int:
    """Give up those that still wait; how many that is."""
    return tx.execute(
        """
        update outbox
        set state = 'useless', reason = :reason, settled_at = :at
        where dedupe_key = :dedupe_key and state = 'waiting'""",
        [{"dedupe_key": key, "reason": reason, "at": to_text(at)} for key in dedupe_keys],
    )
