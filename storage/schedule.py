"""Up to which moment the reminders of a programme were planned."""

from __future__ import annotations

from datetime import datetime

from storage.database import Tx
from storage.times import from_text_or_none, to_text


def planned_until(tx: Tx, programme_id: str) -> datetime | None:
    """The mark that was set last; None for a programme that was never planned or is unknown."""
    found = tx.query(
        "select planned_until from programme where programme_id = :programme_id",
        {"programme_id": programme_id},
    )
    return from_text_or_none(found[0]["planned_until"]) if found else None


def set_planned_until(tx: Tx, programme_id: str, at: datetime) -> None:
    """Set the mark in the transaction that stores what was planned; it is no new version of the plan."""
    tx.execute(
        "update programme set planned_until = :at where programme_id = :programme_id",
        {"programme_id": programme_id, "at": to_text(at)},
    )
