"""Calls to a platform: the stored bytes of one API request, and who may send them (design D5).

Only the holder of the newest fence may write down what became of a call, so a relay that slept
through its lease cannot undo what its successor recorded. The platform forgets what it has seen
after 4 h: a call first sent more than 3 h 50 min ago is never sent again.
"""

from __future__ import annotations

import base64
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Literal
from uuid import uuid4

from storage.database import Conflict, Row, Tx
from storage.times import from_text_or_none, to_text

CallOutcome = Literal["done", "failed", "dead", "unknown", "useless"]

DUPLICATE_CHECK = timedelta(hours=3, minutes=50)

ROW_STATE_OF_OUTCOME: Mapping[CallOutcome, str] = {
    "done": "delivered",
    "failed": "failed",
    "dead": "failed",
    "unknown": "unknown",
    "useless": "useless",
}


@dataclass(frozen=True)
class Call:
    """A claimed call. *fence* must be shown when its outcome is recorded; *attempts* counts this one.

    *first_sent_at* is this claim's own moment on the first attempt. Later than *useless_after* it is
    of no use to any of its readers.
    """

    call_id: str
    channel: str
    body: bytes
    fence: int
    attempts: int
    first_sent_at: datetime | None
    person_ids: tuple[str, ...] = ()
    useless_after: datetime | None = None


def create_call(
    tx: Tx,
    channel: str,
    body: bytes,
    row_ids: Sequence[str],
    at: datetime,
    text: str | None = None,
) -> str:
    """Store one request for these waiting outbox rows; its call_id.

    *text* is what the rows were rendered to. Raises Conflict when one of them no longer waits:
    the bytes would reach somebody twice.
    """
    call_id = uuid4().hex
    tx.execute(
        """
        insert into call (call_id, channel, body, state, fence, attempts, next_try_at, detail)
        values (:call_id, :channel, :body, 'ready', 0, 0, :at, '')""",
        {
            "call_id": call_id,
            "channel": channel,
            "body": base64.b64encode(body).decode("ascii"),
            "at": to_text(at),
        },
    )
    taken = tx.execute(
        """
        update outbox
        set state = 'in_call', call_id = :call_id, text = :text
        where dedupe_key = :dedupe_key and state = 'waiting'""",
        [{"dedupe_key": row_id, "call_id": call_id, "text": text} for row_id in row_ids],
    )
    if taken != len(row_ids):
        raise Conflict("a push is already in another call")
    return call_id


def claim_calls(
    tx: Tx,
    owner: str,
    now: datetime,
    lease_s: float,
    limit: int,
    channels: Collection[str] | None = None,
) -> tuple[Call, ...]:
    """Lease calls that are ready, or whose sender's lease ran out, to *owner* for *lease_s*.

    Only those of *channels*, when they are named: a stopped channel's calls are left alone.
    Commit before sending. The condition stands again outside the sub-select: PostgreSQL looks at
    the newest row there, and not inside (design D6).
    """
    named = {f"channel_{number}": channel for number, channel in enumerate(channels or ())}
    on_channel = (
        "" if channels is None else f"and channel in ({', '.join(':' + name for name in named) or 'null'})"
    )
    found = tx.query(
        f"""
        update call
        set state = 'sending', lease_owner = :owner, lease_until = :lease_until, fence = fence + 1,
            attempts = attempts + 1, first_sent_at = coalesce(first_sent_at, :now)
        where call_id in (
                select call_id
                from call
                where ((state = 'ready' and next_try_at <= :now)
                        or (state = 'sending' and lease_until <= :now))
                    and (first_sent_at is null or first_sent_at > :too_old)
                    {on_channel}
                order by next_try_at
                limit :limit)
            and ((state = 'ready' and next_try_at <= :now)
                or (state = 'sending' and lease_until <= :now))
            and (first_sent_at is null or first_sent_at > :too_old)
        returning call_id, channel, body, fence, attempts, first_sent_at, next_try_at""",  # noqa: S608 - names of parameters
        {
            "owner": owner,
            "now": to_text(now),
            "lease_until": to_text(now + timedelta(seconds=lease_s)),
            "too_old": to_text(now - DUPLICATE_CHECK),
            "limit": limit,
            **named,
        },
    )
    found.sort(key=lambda row: (row["next_try_at"], row["call_id"]))
    return tuple(_call(row, _readers(tx, row["call_id"])) for row in found)


def finish_call(
    tx: Tx,
    call_id: str,
    fence: int,
    outcome: CallOutcome,
    unreachable: Mapping[str, str],
    at: datetime,
    errcode: int | None = None,
    detail: str = "",
) -> bool:
    """Record how the call ended and settle its rows; False when *fence* is no longer the newest.

    *unreachable* maps a person_id to the reason why the platform did not reach that person; those
    rows fail, the others follow *outcome* (done → delivered, failed or dead → failed, unknown).
    """
    changed = tx.execute(
        """
        update call
        set state = :state, lease_owner = null, lease_until = null, finished_at = :at,
            errcode = :errcode, detail = :detail
        where call_id = :call_id and fence = :fence and state = 'sending'""",
        {
            "call_id": call_id,
            "fence": fence,
            "state": outcome,
            "at": to_text(at),
            "errcode": errcode,
            "detail": detail,
        },
    )
    if changed != 1:
        return False
    _settle_unreachable(tx, call_id, unreachable, to_text(at))
    reason = {"done": None, "useless": "late"}.get(outcome, detail or outcome)
    _settle(tx, [call_id], ROW_STATE_OF_OUTCOME[outcome], reason, to_text(at))
    return True


def retry_call(
    tx: Tx,
    call_id: str,
    fence: int,
    next_try_at: datetime,
    errcode: int | None,
    detail: str,
    counts: bool = True,
) -> bool:
    """Give the call back, to be sent again byte for byte; False when *fence* is outdated.

    *counts* False takes the attempt back: the platform told us to wait and took nothing, so neither
    the number of tries nor the 3 h 50 min of a call that was sent may run out over it.
    """
    taken_back = 0 if counts else 1
    changed = tx.execute(
        """
        update call
        set state = 'ready', lease_owner = null, lease_until = null, next_try_at = :next_try_at,
            errcode = :errcode, detail = :detail, attempts = attempts - :taken_back,
            first_sent_at = case when attempts = :taken_back then null else first_sent_at end
        where call_id = :call_id and fence = :fence and state = 'sending'""",
        {
            "call_id": call_id,
            "fence": fence,
            "next_try_at": to_text(next_try_at),
            "errcode": errcode,
            "detail": detail,
            "taken_back": taken_back,
        },
    )
    return changed == 1


def expire_unknown(tx: Tx, now: datetime) -> int:
    """Give up calls that nobody holds and that are too old to be sent again (送达未知); how many."""
    found = tx.query(
        """
        update call
        set state = 'unknown', lease_owner = null, lease_until = null, finished_at = :now
        where first_sent_at <= :too_old
            and (state = 'ready' or (state = 'sending' and lease_until <= :now))
        returning call_id""",
        {"now": to_text(now), "too_old": to_text(now - DUPLICATE_CHECK)},
    )
    _settle(tx, [row["call_id"] for row in found], "unknown", "expired", to_text(now))
    return len(found)


def _settle_unreachable(tx: Tx, call_id: str, unreachable: Mapping[str, str], at: str) -> None:
    tx.execute(
        """
        update outbox
        set state = 'failed', reason = :reason, settled_at = :at
        where call_id = :call_id and person_id = :person_id and state = 'in_call'""",
        [
            {"call_id": call_id, "person_id": person_id, "reason": reason, "at": at}
            for person_id, reason in unreachable.items()
        ],
    )


def _settle(tx: Tx, call_ids: Collection[str], state: str, reason: str | None, at: str) -> None:
    tx.execute(
        """
        update outbox
        set state = :state, reason = :reason, settled_at = :at
        where call_id = :call_id and state = 'in_call'""",
        [{"call_id": call_id, "state": state, "reason": reason, "at": at} for call_id in call_ids],
    )


def _readers(tx: Tx, call_id: str) -> list[Row]:
    return tx.query(
        "select person_id, useless_after from outbox where call_id = :call_id order by dedupe_key",
        {"call_id": call_id},
    )


def _call(row: Row, readers: Sequence[Row]) -> Call:
    limits = [reader["useless_after"] for reader in readers]
    return Call(
        call_id=row["call_id"],
        channel=row["channel"],
        body=base64.b64decode(row["body"]),
        fence=row["fence"],
        attempts=row["attempts"],
        first_sent_at=from_text_or_none(row["first_sent_at"]),
        person_ids=tuple(reader["person_id"] for reader in readers),
        useless_after=None if None in limits or not limits else from_text_or_none(max(limits)),
    )
