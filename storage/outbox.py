"""Pushes on their way: one row per person, grouped into calls by the relay (design D5).

A row is *waiting* until the relay puts it into a call (*in_call*); it ends as *delivered*,
*failed*, *useless* (too late, or withdrawn) or *unknown* (送达未知).
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from datetime import datetime
from typing import Literal

from messages.envelope import Announcement, Attachment, Card, Push
from storage.calls import (
    Call,
    CallOutcome,
    NewCall,
    attachment_json,
    attachment_of,
    calls_since,
    claim_calls,
    create_call,
    create_calls,
    expire_unknown,
    finish_call,
    free_calls,
    msgids_of,
    prolong_calls,
    retry_call,
    rewrite_call,
    sent_since,
)
from storage.database import Row, Tx
from storage.json_text import from_json, mapping_json
from storage.times import from_text, from_text_or_none, to_text, to_text_or_none

__all__ = [
    "Call",
    "CallOutcome",
    "NewCall",
    "OutboxRow",
    "OutboxState",
    "announce",
    "calls_since",
    "cancel",
    "cancel_all",
    "claim_calls",
    "create_call",
    "create_calls",
    "dead_letters",
    "delivery_of",
    "due",
    "enqueue",
    "enqueue_all",
    "expire_unknown",
    "finish_call",
    "free_calls",
    "hold",
    "mark_failed",
    "mark_useless",
    "msgids_of",
    "next_hold",
    "oldest_due",
    "prolong_calls",
    "retry_call",
    "rewrite_call",
    "sent_since",
    "waiting_announcements",
]

OutboxState = Literal["waiting", "in_call", "delivered", "failed", "useless", "unknown"]

COLUMNS = """
            dedupe_key, programme_id, person_id, robot, card, attachment, template, slots, text, due_at,
            useless_after, calls_everybody, state, call_id, reason, to_channel, to_account"""

INSERT = """
    insert into outbox (
        dedupe_key, programme_id, person_id, robot, card, attachment, template, slots, due_at,
        useless_after, calls_everybody, state, created_at, to_channel, to_account)
    values (
        :dedupe_key, :programme_id, :person_id, :robot, :card, :attachment, :template, :slots, :due_at,
        :useless_after, :calls_everybody, 'waiting', :created_at, :to_channel, :to_account)
    on conflict do nothing"""


@dataclass(frozen=True)
class OutboxRow:
    """One push to one person, or one announcement by *robot* (its *person_id* is then empty).

    *dedupe_key* is its id. *text* None until it was rendered. *card* is the shape it takes where
    its reader sees cards, *attachment* the picture or file that it is. *to* (channel, account) is written to instead of the person's own account:
    an asker who is nobody yet, or an account that was somebody's until now.
    """

    dedupe_key: str
    programme_id: str
    person_id: str
    template: str
    values: Mapping[str, object]
    text: str | None
    due_at: datetime
    useless_after: datetime | None
    state: OutboxState
    call_id: str | None
    reason: str | None
    to: tuple[str, str] | None = None
    robot: str | None = None
    calls_everybody: bool = False
    card: Card | None = None
    attachment: Attachment | None = None

    @property
    def row_id(self) -> str:
        return self.dedupe_key


def enqueue(tx: Tx, programme_id: str, push: Push, at: datetime) -> bool:
    """Add the push; False when its dedupe key was used before, whatever became of that row."""
    return tx.execute(INSERT, _insert_values(programme_id, push, to_text(at), mapping_json(push.values))) == 1


def enqueue_all(tx: Tx, programme_id: str, pushes: Sequence[Push], at: datetime) -> int:
    """Add many pushes at once; how many of them were new."""
    created_at = to_text(at)
    # Ten thousand readers of one announcement share one object.
    slots = {
        id(push.values): mapping_json(push.values) for push in {id(p.values): p for p in pushes}.values()
    }
    return tx.execute(
        INSERT,
        [_insert_values(programme_id, push, created_at, slots[id(push.values)]) for push in pushes],
    )


def announce(tx: Tx, programme_id: str, announcements: Sequence[Announcement], at: datetime) -> int:
    """Add what robots are to say in their group chats; how many of them were new."""
    created_at = to_text(at)
    return tx.execute(
        INSERT,
        [
            _values(programme_id, one, created_at, mapping_json(one.values))
            | {"person_id": None, "robot": one.robot, "calls_everybody": int(one.calls_everybody)}
            for one in announcements
        ],
    )


def waiting_announcements(tx: Tx, programme_id: str) -> tuple[OutboxRow, ...]:
    """What robots have not said yet."""
    found = tx.query(
        f"""
        select {COLUMNS}
        from outbox
        where state = 'waiting' and robot is not null and programme_id = :programme_id
        order by dedupe_key""",  # noqa: S608 - a constant of this module
        {"programme_id": programme_id},
    )
    return tuple(map(_row, found))


def due(tx: Tx, now: datetime, limit: int) -> tuple[OutboxRow, ...]:
    """Rows that wait, are due, not held back and still useful, the longest due first, at most *limit*.

    What comes after a message that is still on its way to the same reader is not due yet: a text that
    is tried again must not be overtaken, and a text for many must not wait for one of them.
    """
    found = tx.query(
        f"""
        select {COLUMNS}
        from outbox
        where state = 'waiting' and due_at <= :now and (useless_after is null or useless_after > :now)
            and (hold_until is null or hold_until <= :now)
            and not exists (
                select 1
                from outbox before
                where before.person_id = outbox.person_id and before.state = 'in_call')
        order by due_at, dedupe_key
        limit :limit""",  # noqa: S608 - a constant of this module
        {"now": to_text(now), "limit": limit},
    )
    return tuple(map(_row, found))


def oldest_due(tx: Tx, now: datetime) -> datetime | None:
    """Since when the longest waiting row is due; None when nothing waits that should be gone."""
    found = tx.query(
        "select min(due_at) as due_at from outbox where state = 'waiting' and due_at <= :now",
        {"now": to_text(now)},
    )
    return from_text_or_none(found[0]["due_at"])


def hold(tx: Tx, until: Mapping[str, datetime]) -> None:
    """Keep waiting rows (by dedupe key) from being due before their moment; due_at stays what it is."""
    tx.execute(
        "update outbox set hold_until = :until where dedupe_key = :dedupe_key and state = 'waiting'",
        [{"dedupe_key": key, "until": to_text(moment)} for key, moment in until.items()],
    )


def dead_letters(tx: Tx, since: datetime, limit: int = 1000) -> tuple[OutboxRow, ...]:
    """What did not arrive, or may not have, and was settled later than *since*; the newest first."""
    found = tx.query(
        f"""
        select {COLUMNS}
        from outbox
        where state in ('failed', 'unknown') and settled_at > :since
        order by settled_at desc, dedupe_key
        limit :limit""",  # noqa: S608 - a constant of this module
        {"since": to_text(since), "limit": limit},
    )
    return tuple(map(_row, found))


def next_hold(tx: Tx, after: datetime) -> datetime | None:
    """When the first of the rows that are held back (quiet hours, a full minute) may leave."""
    found = tx.query(
        "select min(hold_until) as hold_until from outbox where state = 'waiting' and hold_until > :after",
        {"after": to_text(after)},
    )
    return from_text_or_none(found[0]["hold_until"])


def mark_useless(tx: Tx, now: datetime) -> int:
    """Give up what waits and is too late to be of use; how many rows that is."""
    return tx.execute(
        """
        update outbox
        set state = 'useless', reason = 'late', settled_at = :now
        where state = 'waiting' and due_at <= :now and useless_after <= :now""",
        {"now": to_text(now)},
    )


def mark_failed(tx: Tx, dedupe_key: str, reason: str, at: datetime) -> bool:
    """Give up a row that cannot be put into a call, for instance because nobody is bound."""
    changed = tx.execute(
        """
        update outbox
        set state = 'failed', reason = :reason, settled_at = :at
        where dedupe_key = :dedupe_key and state = 'waiting'""",
        {"dedupe_key": dedupe_key, "reason": reason, "at": to_text(at)},
    )
    return changed == 1


def cancel(tx: Tx, dedupe_key: str) -> bool:
    """Withdraw a push (撤回); False when it is not waiting (any more)."""
    changed = tx.execute(
        """
        update outbox
        set state = 'useless', reason = 'withdrawn'
        where dedupe_key = :dedupe_key and state = 'waiting'""",
        {"dedupe_key": dedupe_key},
    )
    return changed == 1


def cancel_all(tx: Tx, programme_id: str, dedupe_prefix: str, at: datetime) -> int:
    """Withdraw every push that still waits and whose dedupe key starts so; how many."""
    return tx.execute(
        """
        update outbox
        set state = 'useless', reason = 'withdrawn', settled_at = :at
        where programme_id = :programme_id
            and substr(dedupe_key, 1, :length) = :prefix
            and state = 'waiting'""",
        {
            "programme_id": programme_id,
            "prefix": dedupe_prefix,
            "length": len(dedupe_prefix),
            "at": to_text(at),
        },
    )


def delivery_of(tx: Tx, programme_id: str, dedupe_prefix: str) -> tuple[OutboxRow, ...]:
    """What became of every push whose dedupe key starts with *dedupe_prefix*, by key."""
    found = tx.query(
        f"""
        select {COLUMNS}
        from outbox
        where programme_id = :programme_id
            and substr(dedupe_key, 1, :length) = :prefix
        order by dedupe_key""",  # noqa: S608 - a constant of this module
        {"programme_id": programme_id, "prefix": dedupe_prefix, "length": len(dedupe_prefix)},
    )
    return tuple(map(_row, found))


def _insert_values(programme_id: str, push: Push, created_at: str, slots: str) -> Row:
    to_channel, to_account = push.to or (None, None)
    return _values(programme_id, push, created_at, slots) | {
        "person_id": push.person_id,
        "card": None if push.card is None else mapping_json(asdict(push.card)),
        "attachment": attachment_json(push.attachment),
        "to_channel": to_channel,
        "to_account": to_account,
    }


def _values(programme_id: str, said: Push | Announcement, created_at: str, slots: str) -> Row:
    """What both kinds of row have, and nothing where only one of them has something."""
    return {
        "dedupe_key": said.dedupe_key,
        "programme_id": programme_id,
        "robot": None,
        "calls_everybody": 0,
        "card": None,
        "attachment": None,
        "template": said.template,
        "slots": slots,
        "due_at": to_text(said.due_at),
        "useless_after": to_text_or_none(said.useless_after),
        "created_at": created_at,
        "to_channel": None,
        "to_account": None,
    }


def _row(row: Row) -> OutboxRow:
    return OutboxRow(
        dedupe_key=row["dedupe_key"],
        programme_id=row["programme_id"],
        person_id=row["person_id"] or "",
        template=row["template"],
        values=from_json(row["slots"]),
        text=row["text"],
        due_at=from_text(row["due_at"]),
        useless_after=from_text_or_none(row["useless_after"]),
        state=row["state"],
        call_id=row["call_id"],
        reason=row["reason"],
        to=(row["to_channel"], row["to_account"]) if row["to_account"] else None,
        robot=row["robot"],
        calls_everybody=bool(row["calls_everybody"]),
        card=card_of(row),
        attachment=attachment_of(row),
    )


def card_of(row: Row) -> Card | None:
    if row["card"] is None:
        return None
    found = from_json(row["card"])
    return Card(str(found["template"]), tuple(found["commands"]))
