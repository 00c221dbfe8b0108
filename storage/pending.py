"""The one open question of each account, with its expiry (design D9)."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime

from storage.database import Tx
from storage.json_text import from_json, mapping_json
from storage.times import from_text, to_text


@dataclass(frozen=True)
class Pending:
    """What was asked back; *data* is what the answer needs to act."""

    kind: str
    data: Mapping[str, object]
    asked_at: datetime
    expires_at: datetime


def ask(
    tx: Tx,
    channel: str,
    account: str,
    kind: str,
    data: Mapping[str, object],
    at: datetime,
    expires_at: datetime,
) -> None:
    """Open a question; an earlier one of the account is replaced."""
    tx.execute(
        """
        insert into pending (channel, account, kind, data, asked_at, expires_at)
        values (:channel, :account, :kind, :data, :asked_at, :expires_at)
        on conflict (channel, account) do update
        set kind = excluded.kind, data = excluded.data, asked_at = excluded.asked_at,
            expires_at = excluded.expires_at""",
        {
            "channel": channel,
            "account": account,
            "kind": kind,
            "data": mapping_json(data),
            "asked_at": to_text(at),
            "expires_at": to_text(expires_at),
        },
    )


def open_question(tx: Tx, channel: str, account: str, at: datetime) -> Pending | None:
    """The question that waits for an answer at *at*."""
    found = tx.query(
        """
        select kind, data, asked_at, expires_at
        from pending
        where channel = :channel and account = :account and expires_at > :at""",
        {"channel": channel, "account": account, "at": to_text(at)},
    )
    if not found:
        return None
    row = found[0]
    return Pending(
        kind=row["kind"],
        data=from_json(row["data"]),
        asked_at=from_text(row["asked_at"]),
        expires_at=from_text(row["expires_at"]),
    )


def close(tx: Tx, channel: str, account: str) -> bool:
    """Drop the question; False when there was none, for instance because another tap was faster."""
    closed = tx.execute(
        "delete from pending where channel = :channel and account = :account",
        {"channel": channel, "account": account},
    )
    return closed == 1
