"""Messages already taken in, each with the answer it was given (designs D2, D4)."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from storage.database import Tx
from storage.times import to_text


@dataclass(frozen=True)
class Seen:
    """A message that was taken in before; *answer* is what was said then (None: nothing was)."""

    answer: str | None


def take(tx: Tx, channel: str, message_id: str, at: datetime, answer: str | None = None) -> bool:
    """Keep the message with its answer; False if it was there: then what *tx* did must be rolled back.

    One statement at the end of a unit, not one before and one after: of two units with the same
    message the second waits here, on PostgreSQL for the other's commit, and learns that it came second.
    """
    inserted = tx.execute(
        """
        insert into inbox (channel, message_id, at, answer)
        values (:channel, :message_id, :at, :answer)
        on conflict do nothing""",
        {"channel": channel, "message_id": message_id, "at": to_text(at), "answer": answer},
    )
    return inserted == 1


def plan_version(tx: Tx) -> int:
    """The sum of all version numbers of programmes and people: a snapshot that shows a smaller one is
    out of date. Asked where several instances write (D19); one alone knows what it wrote."""
    found = tx.query("select coalesce(sum(version + people_version), 0) as plan_version from programme")
    return int(found[0]["plan_version"])


def find(tx: Tx, channel: str, message_id: str) -> Seen | None:
    """What is known of the message; None when it was never taken in."""
    found = tx.query(
        """
        select answer
        from inbox
        where channel = :channel and message_id = :message_id""",
        {"channel": channel, "message_id": message_id},
    )
    return Seen(found[0]["answer"]) if found else None


def forget_before(tx: Tx, at: datetime, limit: int = 1000) -> int:
    """Drop messages older than *at*, at most *limit* so that no check-in waits behind it; how many."""
    return tx.execute(
        """
        delete from inbox
        where (channel, message_id) in (
            select channel, message_id from inbox where at < :at order by at limit :limit)""",
        {"at": to_text(at), "limit": limit},
    )
