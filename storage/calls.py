"""Calls to a platform: the stored bytes of one API request, and who may send them (design D5).

Only the holder of the newest fence may write down what became of a call, so a relay that slept
through its lease cannot undo what its successor recorded. The platform forgets what it has seen
after 4 h: a call first sent more than 3 h 50 min ago is never sent again.
"""

from __future__ import annotations

import base64
from collections.abc import Collection, Mapping, Sequence
from dataclasses import asdict, dataclass
from datetime import datetime, timedelta
from typing import Literal
from uuid import uuid4

from messages.envelope import Attachment
from storage.database import Conflict, Row, Tx
from storage.json_text import from_json, mapping_json
from storage.times import from_text, from_text_or_none, to_text

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
class NewCall:
    """A request to be stored: its bytes, the outbox rows it serves, and what they were rendered to."""

    channel: str
    body: bytes
    row_ids: tuple[str, ...]
    text: str | None = None
    attachment: Attachment | None = None


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
    attachment: Attachment | None = None


def create_call(
    tx: Tx,
    channel: str,
    body: bytes,
    row_ids: Sequence[str],
    at: datetime,
    text: str | None = None,
) -> str:
    """Store one request for these waiting outbox rows; its call_id. See create_calls."""
    return create_calls(tx, [NewCall(channel, body, tuple(row_ids), text)], at)[0]


def create_calls(tx: Tx, drafts: Sequence[NewCall], at: datetime) -> tuple[str, ...]:
    """Store requests, each for its waiting outbox rows; their call_ids in the same order.

    The order given is the order in which they are claimed. Raises Conflict when a row no longer
    waits: the bytes would reach somebody twice.
    """
    last = tx.query("select coalesce(max(number), 0) as number from call")[0]["number"]
    call_ids = tuple(uuid4().hex for _ in drafts)
    tx.execute(
        """
        insert into call (
            call_id, channel, body, attachment, state, fence, attempts, next_try_at, detail, number)
        values (:call_id, :channel, :body, :attachment, 'ready', 0, 0, :at, '', :number)""",
        [
            {
                "call_id": call_id,
                "channel": draft.channel,
                "body": as_text(draft.body),
                "attachment": attachment_json(draft.attachment),
                "at": to_text(at),
                "number": number,
            }
            for number, (call_id, draft) in enumerate(zip(call_ids, drafts, strict=True), last + 1)
        ],
    )
    taken = tx.execute(
        """
        update outbox
        set state = 'in_call', call_id = :call_id, text = :text
        where dedupe_key = :dedupe_key and state = 'waiting'""",
        [
            {"dedupe_key": row_id, "call_id": call_id, "text": draft.text}
            for call_id, draft in zip(call_ids, drafts, strict=True)
            for row_id in draft.row_ids
        ],
    )
    if taken != sum(len(draft.row_ids) for draft in drafts):
        raise Conflict("a push is already in another call")
    return call_ids


def claim_calls(
    tx: Tx,
    owner: str,
    now: datetime,
    lease_s: float,
    limit: int,
    channels: Collection[str] | None = None,
    once: Collection[str] = (),
    but: Collection[str] = (),
) -> tuple[Call, ...]:
    """Lease calls that are ready, or whose sender's lease ran out, to *owner* for *lease_s*.

    Only those of *channels*, when they are named: a stopped channel's calls are left alone. *once*
    names channels without a duplicate check: whatever was on its way there is never sent again, and
    one call leaves after the other. *but* names calls that the claimer has on its way: a database that
    was away for longer than their lease must not make it send them twice.
    Commit before sending. The condition stands again outside the sub-select: PostgreSQL looks at
    the newest row there, and not inside (design D6).
    """
    named, on_channel = _listed("channel", channels or ())
    once_named, is_once = _listed("once", once)
    but_named, is_held = _listed("held", but)
    of_channels = "" if channels is None else f"and channel in ({on_channel})"
    is_free = f"""
            call_id not in ({is_held}) and
            ((state = 'ready' and next_try_at <= :now)
                or (state = 'sending' and lease_until <= :now and channel not in ({is_once})))
            and (first_sent_at is null or first_sent_at > :too_old)
            {of_channels}"""
    found = tx.query(
        f"""
        update call
        set state = 'sending', lease_owner = :owner, lease_until = :lease_until, fence = fence + 1,
            attempts = attempts + 1, first_sent_at = coalesce(first_sent_at, :now)
        where call_id in (
                select candidate.call_id
                from call candidate
                where candidate.state in ('ready', 'sending')
                    and {is_free}
                    and not exists (
                        select 1
                        from call earlier
                        where earlier.state in ('ready', 'sending')
                            and earlier.number < candidate.number
                            and earlier.channel = candidate.channel
                            and earlier.channel in ({is_once}))
                order by candidate.number
                limit :limit)
            and {is_free}
        returning call_id, channel, body, attachment, fence, attempts, first_sent_at, number""",  # noqa: S608 - names of parameters
        {
            "owner": owner,
            "now": to_text(now),
            "lease_until": to_text(now + timedelta(seconds=lease_s)),
            "too_old": to_text(now - DUPLICATE_CHECK),
            "limit": limit,
            **named,
            **once_named,
            **but_named,
        },
    )
    found.sort(key=lambda row: row["number"])
    readers = _readers(tx, [row["call_id"] for row in found])
    return tuple(_call(row, readers[row["call_id"]]) for row in found)


def rewrite_call(tx: Tx, call_id: str, fence: int, body: bytes) -> bool:
    """Other bytes for a call that its holder has not sent, or that the platform did not take (40007);
    False when *fence* is no longer the newest."""
    changed = tx.execute(
        "update call set body = :body where call_id = :call_id and fence = :fence and state = 'sending'",
        {"body": as_text(body), "call_id": call_id, "fence": fence},
    )
    return changed == 1


def as_text(body: bytes) -> str:
    return base64.b64encode(body).decode("ascii")


def attachment_json(attachment: Attachment | None) -> str | None:
    return None if attachment is None else mapping_json(asdict(attachment))


def attachment_of(row: Row) -> Attachment | None:
    return None if row["attachment"] is None else Attachment(**from_json(row["attachment"]))


def prolong_calls(tx: Tx, held: Mapping[str, int], until: datetime) -> frozenset[str]:
    """Keep the leases of calls (id → fence) that are on their way until *until*; the ids of those that
    are still this holder's."""
    if not held:
        return frozenset()
    pairs = list(enumerate(held.items()))
    those = " or ".join(f"(call_id = :call_{number} and fence = :fence_{number})" for number, _ in pairs)
    found = tx.query(
        f"update call set lease_until = :until where state = 'sending' and ({those}) returning call_id",  # noqa: S608 - names of parameters
        {"until": to_text(until)}
        | {f"call_{number}": call_id for number, (call_id, _) in pairs}
        | {f"fence_{number}": fence for number, (_, fence) in pairs},
    )
    return frozenset(row["call_id"] for row in found)


def free_calls(tx: Tx, owner: str, now: datetime) -> int:
    """End the leases of a dead sender of that name, so that its calls need not wait; how many."""
    return tx.execute(
        "update call set lease_until = :now where state = 'sending' and lease_owner = :owner",
        {"owner": owner, "now": to_text(now)},
    )


def _listed(prefix: str, names: Collection[str]) -> tuple[dict[str, object], str]:
    """Parameters for *names* and the list of them; an empty list is one that matches nothing."""
    named: dict[str, object] = {f"{prefix}_{number}": name for number, name in enumerate(sorted(names))}
    return named, ", ".join(f":{name}" for name in named) or "''"


def finish_call(
    tx: Tx,
    call_id: str,
    fence: int,
    outcome: CallOutcome,
    unreachable: Mapping[str, str],
    at: datetime,
    errcode: int | None = None,
    detail: str = "",
    msgid: str | None = None,
    response_code: str | None = None,
) -> bool:
    """Record how the call ended and settle its rows; False when *fence* is no longer the newest.

    *msgid* is what the platform recalls the message by, *response_code* what updates its card.

    *unreachable* maps a person_id to the reason why the platform did not reach that person; those
    rows fail, the others follow *outcome* (done → delivered, failed or dead → failed, unknown).
    """
    changed = tx.execute(
        """
        update call
        set state = :state, lease_owner = null, lease_until = null, finished_at = :at,
            errcode = :errcode, detail = :detail, msgid = :msgid, response_code = :response_code
        where call_id = :call_id and fence = :fence and state = 'sending'""",
        {
            "call_id": call_id,
            "msgid": msgid,
            "response_code": response_code,
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


def expire_unknown(tx: Tx, now: datetime, once: Collection[str] = ()) -> int:
    """Give up calls that nobody holds and that must not be sent again (送达未知); how many.

    Those are too old for the platform's duplicate check, or were left behind on a channel of *once*,
    which has none.
    """
    named, is_once = _listed("once", once)
    found = tx.query(
        f"""
        update call
        set state = 'unknown', lease_owner = null, lease_until = null, finished_at = :now
        where state in ('ready', 'sending')
            and ((first_sent_at <= :too_old and (state = 'ready' or lease_until <= :now))
                or (state = 'sending' and lease_until <= :now and channel in ({is_once})))
        returning call_id""",  # noqa: S608 - names of parameters
        {"now": to_text(now), "too_old": to_text(now - DUPLICATE_CHECK), **named},
    )
    _settle(tx, [row["call_id"] for row in found], "unknown", "expired", to_text(now))
    return len(found)


def msgids_of(tx: Tx, programme_id: str, dedupe_prefix: str) -> tuple[tuple[str, str], ...]:
    """(channel, msgid) of every delivered call with a row whose dedupe key starts so; for 撤回."""
    found = tx.query(
        """
        select distinct call.channel, call.msgid
        from call
        join outbox on outbox.call_id = call.call_id
        where outbox.programme_id = :programme_id
            and substr(outbox.dedupe_key, 1, :length) = :prefix
            and call.msgid is not null
        order by call.channel, call.msgid""",
        {"programme_id": programme_id, "prefix": dedupe_prefix, "length": len(dedupe_prefix)},
    )
    return tuple((row["channel"], row["msgid"]) for row in found)


def sent_since(tx: Tx, since: datetime) -> tuple[tuple[str, str, datetime], ...]:
    """(channel, person_id, when it left at the latest) of what was tried later than *since*, in order."""
    found = tx.query(
        """
        select call.channel, outbox.person_id, coalesce(call.finished_at, call.first_sent_at) as left_at
        from call
        join outbox on outbox.call_id = call.call_id
        where call.first_sent_at > :since and outbox.person_id is not null
        order by left_at""",
        {"since": to_text(since)},
    )
    return tuple((row["channel"], row["person_id"], from_text(row["left_at"])) for row in found)


def calls_since(tx: Tx, since: datetime) -> tuple[tuple[str, datetime], ...]:
    """(channel, moment of the first attempt) of every call that left later than *since*, in order."""
    found = tx.query(
        "select channel, first_sent_at from call where first_sent_at > :since order by first_sent_at",
        {"since": to_text(since)},
    )
    return tuple((row["channel"], from_text(row["first_sent_at"])) for row in found)


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


def _readers(tx: Tx, call_ids: Sequence[str]) -> dict[str, list[Row]]:
    readers: dict[str, list[Row]] = {call_id: [] for call_id in call_ids}
    if not call_ids:
        return readers
    named, those = _listed("call", call_ids)
    found = tx.query(
        f"""
        select call_id, person_id, useless_after
        from outbox
        where call_id in ({those})
        order by dedupe_key""",  # noqa: S608 - names of parameters
        named,
    )
    for row in found:
        readers[row["call_id"]].append(row)
    return readers


def _call(row: Row, readers: Sequence[Row]) -> Call:
    limits = [reader["useless_after"] for reader in readers]
    return Call(
        call_id=row["call_id"],
        channel=row["channel"],
        body=base64.b64decode(row["body"]),
        fence=row["fence"],
        attempts=row["attempts"],
        first_sent_at=from_text_or_none(row["first_sent_at"]),
        person_ids=tuple(reader["person_id"] for reader in readers if reader["person_id"] is not None),
        useless_after=None if None in limits or not limits else from_text_or_none(max(limits)),
        attachment=attachment_of(row),
    )
