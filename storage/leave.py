"""Leave (请假): asked per person and occurrence, decided once, withdrawn by the person."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from typing import Literal

from storage.database import Row, Tx
from storage.times import from_text, from_text_or_none, to_text

LeaveState = Literal["asked", "granted", "refused", "withdrawn"]
Decision = Literal["granted", "refused"]

COLUMNS = "person_id, occurrence_id, programme_id, state, reason, asked_at, decided_by, decided_at"


@dataclass(frozen=True)
class Leave:
    """*decided_by* is a person id; None, as *decided_at*, while nobody has decided."""

    programme_id: str
    person_id: str
    occurrence_id: str
    state: LeaveState
    reason: str
    asked_at: datetime
    decided_by: str | None = None
    decided_at: datetime | None = None


def ask(tx: Tx, programme_id: str, person_id: str, occurrence_id: str, reason: str, at: datetime) -> bool:
    """Ask for leave; again after a refusal or a withdrawal. False while one is asked or granted."""
    changed = tx.execute(
        f"""
        insert into leave ({COLUMNS})
        values (:person_id, :occurrence_id, :programme_id, 'asked', :reason, :at, null, null)
        on conflict (person_id, occurrence_id) do update
        set state = 'asked', reason = excluded.reason, asked_at = excluded.asked_at,
            decided_by = null, decided_at = null
        where leave.state in ('refused', 'withdrawn')""",  # noqa: S608 - a constant of this module
        {
            "person_id": person_id,
            "occurrence_id": occurrence_id,
            "programme_id": programme_id,
            "reason": reason,
            "at": to_text(at),
        },
    )
    return changed == 1


def decide(
    tx: Tx, person_id: str, occurrence_id: str, decision: Decision, by_person_id: str, at: datetime
) -> bool:
    """Grant or refuse what is asked; False when it is not asked (any more): the first decision counts."""
    return _change(tx, person_id, occurrence_id, decision, ("asked",), by_person_id, at)


def withdraw(tx: Tx, person_id: str, occurrence_id: str, at: datetime) -> bool:
    """The person comes after all; False when no leave is asked or granted."""
    return _change(tx, person_id, occurrence_id, "withdrawn", ("asked", "granted"), person_id, at)


def find(tx: Tx, person_id: str, occurrence_id: str) -> Leave | None:
    found = tx.query(
        f"select {COLUMNS} from leave where person_id = :person_id and occurrence_id = :occurrence_id",  # noqa: S608
        {"person_id": person_id, "occurrence_id": occurrence_id},
    )
    return _leave(found[0]) if found else None


def of_occurrence(tx: Tx, occurrence_id: str) -> tuple[Leave, ...]:
    """Everybody's leave from one occurrence, in whatever state, the first asked first."""
    found = tx.query(
        f"""
        select {COLUMNS}
        from leave
        where occurrence_id = :occurrence_id
        order by asked_at, person_id""",  # noqa: S608 - a constant of this module
        {"occurrence_id": occurrence_id},
    )
    return tuple(map(_leave, found))


def of_person(tx: Tx, programme_id: str, person_id: str) -> tuple[Leave, ...]:
    """Every leave of one person in a programme, in whatever state, the first asked first."""
    found = tx.query(
        f"""
        select {COLUMNS}
        from leave
        where person_id = :person_id and programme_id = :programme_id
        order by asked_at, occurrence_id""",  # noqa: S608 - a constant of this module
        {"programme_id": programme_id, "person_id": person_id},
    )
    return tuple(map(_leave, found))


def on_leave(tx: Tx, occurrence_id: str) -> frozenset[str]:
    """The ids of those whose leave from this occurrence is granted."""
    found = tx.query(
        "select person_id from leave where occurrence_id = :occurrence_id and state = 'granted'",
        {"occurrence_id": occurrence_id},
    )
    return frozenset(row["person_id"] for row in found)


def _change(
    tx: Tx,
    person_id: str,
    occurrence_id: str,
    state: LeaveState,
    only_from: Iterable[LeaveState],
    by_person_id: str,
    at: datetime,
) -> bool:
    before = {f"before_{number}": name for number, name in enumerate(only_from)}
    changed = tx.execute(
        f"""
        update leave
        set state = :state, decided_by = :by_person_id, decided_at = :at
        where person_id = :person_id
            and occurrence_id = :occurrence_id
            and state in ({", ".join(":" + name for name in before)})""",  # noqa: S608 - names of parameters
        {
            "person_id": person_id,
            "occurrence_id": occurrence_id,
            "state": state,
            "by_person_id": by_person_id,
            "at": to_text(at),
            **before,
        },
    )
    return changed == 1


def _leave(row: Row) -> Leave:
    return Leave(
        programme_id=row["programme_id"],
        person_id=row["person_id"],
        occurrence_id=row["occurrence_id"],
        state=row["state"],
        reason=row["reason"],
        asked_at=from_text(row["asked_at"]),
        decided_by=row["decided_by"],
        decided_at=from_text_or_none(row["decided_at"]),
    )
