"""Messages already taken in, each with the answer it was given (designs D2, D4)."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from storage.database import Tx
from storage.times import to_text


@dataclass(frozen=True)
class Claimed:
    """*is_new*: this unit is the one that handles the message; else *answer* is what was said
    (None: nothing was)."""

    is_new: bool
    answer: str | None


def claim(tx: Tx, channel: str, message_id: str, at: datetime) -> Claimed:
    """Take the message if nobody has; on PostgreSQL this waits for another instance's claim."""
    inserted = tx.execute(
        """
        insert into inbox (channel, message_id, at)
        values (:channel, :message_id, :at)
        on conflict do nothing""",
        {"channel": channel, "message_id": message_id, "at": to_text(at)},
    )
    if inserted == 1:
        return Claimed(True, None)
    return find(tx, channel, message_id) or Claimed(False, None)


def plan_version(tx: Tx) -> int:
    """The sum of all version numbers of programmes and people: a snapshot that shows a smaller one is
    out of date. Asked where several instances write (D19); one alone knows what it wrote."""
    found = tx.query("select coalesce(sum(version + people_version), 0) as plan_version from programme")
    return int(found[0]["plan_version"])


def remember(tx: Tx, channel: str, message_id: str, answer_json: str | None) -> None:
    """Keep the answer with its message, to be given again word for word."""
    tx.execute(
        "update inbox set answer = :answer where channel = :channel and message_id = :message_id",
        {"channel": channel, "message_id": message_id, "answer": answer_json},
    )


def find(tx: Tx, channel: str, message_id: str) -> Claimed | None:
    """What is known of the message; None when it was never taken in."""
    found = tx.query(
        """
        select answer
        from inbox
        where channel = :channel and message_id = :message_id""",
        {"channel": channel, "message_id": message_id},
    )
    return Claimed(False, found[0]["answer"]) if found else None


def forget_before(tx: Tx, at: datetime, limit: int = 1000) -> int:
    """Drop messages older than *at*, at most *limit* so that no check-in waits behind it; how many."""
    return tx.execute(
        """
        delete from inbox
        where (channel, message_id) in (
            select channel, message_id from inbox where at < :at order by at limit :limit)""",
        {"at": to_text(at), "limit": limit},
    )
