"""Signs that a lead may want to look at (config [checkin] signals); never a verdict."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Literal

from storage.database import Tx
from storage.times import from_text, to_text

Kind = Literal["after_close", "anothers_cell"]


@dataclass(frozen=True)
class Signal:
    person_id: str
    kind: Kind
    at: datetime
    detail: str


def note(tx: Tx, programme_id: str, occurrence_id: str, signal: Signal) -> None:
    tx.execute(
        """
        insert into presence_signal (programme_id, occurrence_id, person_id, kind, at, detail)
        values (:programme_id, :occurrence_id, :person_id, :kind, :at, :detail)""",
        {
            "programme_id": programme_id,
            "occurrence_id": occurrence_id,
            "person_id": signal.person_id,
            "kind": signal.kind,
            "at": to_text(signal.at),
            "detail": signal.detail,
        },
    )


def of_occurrence(tx: Tx, occurrence_id: str) -> tuple[Signal, ...]:
    """In the order in which they came."""
    found = tx.query(
        """
        select person_id, kind, at, detail
        from presence_signal
        where occurrence_id = :occurrence_id
        order by at, person_id""",
        {"occurrence_id": occurrence_id},
    )
    return tuple(Signal(row["person_id"], row["kind"], from_text(row["at"]), row["detail"]) for row in found)


def forget_before(tx: Tx, at: datetime) -> int:
    return tx.execute("delete from presence_signal where at < :at", {"at": to_text(at)})
