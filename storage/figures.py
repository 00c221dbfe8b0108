"""How much lies in the queues, for the operator's metrics."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime

from storage.alarms import open_by_kind
from storage.database import Tx
from storage.outbox import oldest_due


@dataclass(frozen=True)
class Figures:
    """Rows by state; *oldest_due_at* is since when the longest waiting push is due, None: none is."""

    pushes: Mapping[str, int]
    calls: Mapping[str, int]
    tasks: Mapping[str, int]
    answers_kept: int
    oldest_due_at: datetime | None
    alarms: Mapping[str, int] = field(default_factory=dict)


def figures(tx: Tx, now: datetime) -> Figures:
    return Figures(
        pushes=_by_state(tx, "outbox"),
        calls=_by_state(tx, "call"),
        tasks=_by_state(tx, "task"),
        answers_kept=int(tx.query("select count(*) as number from inbox")[0]["number"]),
        oldest_due_at=oldest_due(tx, now),
        alarms=open_by_kind(tx, now),
    )


def _by_state(tx: Tx, table: str) -> dict[str, int]:
    found = tx.query(
        f"""
        select state, count(*) as number
        from {table}
        group by state"""  # noqa: S608 - one of the names above
    )
    return {row["state"]: int(row["number"]) for row in found}
