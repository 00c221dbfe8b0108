"""What was uploaded to a platform: its media id by content, until the platform forgets it."""

from __future__ import annotations

from datetime import datetime

from storage.database import Tx
from storage.times import to_text


def media_id(tx: Tx, channel: str, kind: str, sha256: str, now: datetime) -> str | None:
    """The id under which the platform still holds this content at *now*."""
    found = tx.query(
        """
        select media_id
        from media
        where channel = :channel and kind = :kind and sha256 = :sha256 and expires_at > :now""",
        {"channel": channel, "kind": kind, "sha256": sha256, "now": to_text(now)},
    )
    return found[0]["media_id"] if found else None


def keep(tx: Tx, channel: str, kind: str, sha256: str, media_id: str, expires_at: datetime) -> None:
    """Remember an upload; a newer one of the same content takes its place."""
    tx.execute(
        """
        insert into media (channel, kind, sha256, media_id, expires_at)
        values (:channel, :kind, :sha256, :media_id, :expires_at)
        on conflict (channel, kind, sha256) do update
        set media_id = excluded.media_id, expires_at = excluded.expires_at""",
        {
            "channel": channel,
            "kind": kind,
            "sha256": sha256,
            "media_id": media_id,
            "expires_at": to_text(expires_at),
        },
    )
