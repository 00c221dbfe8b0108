"""Which of several programmes somebody wants to talk about: 换项目."""

from __future__ import annotations

from datetime import datetime

from storage.database import Tx
from storage.times import to_text


def choose(tx: Tx, channel: str, account: str, programme_id: str, at: datetime) -> None:
    """From *at* on this account means that programme; an earlier choice is replaced."""
    tx.execute(
        """
        insert into programme_choice (channel, account, programme_id, chosen_at)
        values (:channel, :account, :programme_id, :chosen_at)
        on conflict (channel, account) do update
        set programme_id = excluded.programme_id, chosen_at = excluded.chosen_at""",
        {
            "channel": channel,
            "account": account,
            "programme_id": programme_id,
            "chosen_at": to_text(at),
        },
    )


def chosen_since(tx: Tx, channel: str, account: str, since: datetime) -> str | None:
    """The programme that the account chose at *since* or later."""
    found = tx.query(
        """
        select programme_id
        from programme_choice
        where channel = :channel and account = :account and chosen_at >= :since""",
        {"channel": channel, "account": account, "since": to_text(since)},
    )
    return found[0]["programme_id"] if found else None
