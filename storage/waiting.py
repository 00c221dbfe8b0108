"""Reminders that wait although they were planned a while ago: looked at again before they leave.

Those in a call that never left (its channel was stopped or held) wait as well.
"""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime

from storage.database import Tx
from storage.times import to_text


@dataclass(frozen=True)
class WaitingReminder:
    """A push that is due and has not left. *call_id*: it is in a call already, which never left either."""

    dedupe_key: str
    programme_id: str
    person_id: str
    call_id: str | None = None


def reminders(tx: Tx, now: datetime, after_key: str, limit: int) -> tuple[WaitingReminder, ...]:
    """Due reminders that were not planned at *now* itself, by key from *after_key* on, at most *limit*."""
    found = tx.query(
        """
        select dedupe_key, programme_id, person_id, call_id
        from outbox
        where state = 'waiting' and due_at <= :now and created_at <> :now and person_id is not null
            and substr(template, 1, 9) = 'reminder/' and dedupe_key > :after_key
        union all
        select outbox.dedupe_key, outbox.programme_id, outbox.person_id, outbox.call_id
        from call
        join outbox on outbox.call_id = call.call_id
        where call.state in ('ready', 'sending') and call.state = 'ready' and call.first_sent_at is null
            and outbox.state = 'in_call' and outbox.created_at <> :now and outbox.person_id is not null
            and substr(outbox.template, 1, 9) = 'reminder/' and outbox.dedupe_key > :after_key
        order by dedupe_key
        limit :limit""",
        {"now": to_text(now), "after_key": after_key, "limit": limit},
    )
    return tuple(
        WaitingReminder(row["dedupe_key"], row["programme_id"], row["person_id"], row["call_id"])
        for row in found
    )


def dissolve(tx: Tx, call_ids: Collection[str]) -> int:
    """Make the rows of calls that never left wait again: their bytes do not hold for all of them any
    more. How many calls; one that a relay has claimed meanwhile stays."""
    dissolved = 0
    for call_id in call_ids:
        gone = tx.execute(
            """
            update call
            set state = 'useless', detail = 'outdated'
            where call_id = :call_id and state = 'ready' and first_sent_at is null""",
            {"call_id": call_id},
        )
        if gone:
            tx.execute(
                """
                update outbox
                set state = 'waiting', call_id = null, text = null
                where call_id = :call_id and state = 'in_call'""",
                {"call_id": call_id},
            )
        dissolved += gone
    return dissolved


def withdraw(tx: Tx, dedupe_keys: Collection[str], reason: str, at: datetime) -> int:
    """Give up those that still wait; how many that is."""
    return tx.execute(
        """
        update outbox
        set state = 'useless', reason = :reason, settled_at = :at
        where dedupe_key = :dedupe_key and state = 'waiting'""",
        [{"dedupe_key": key, "reason": reason, "at": to_text(at)} for key in dedupe_keys],
    )
