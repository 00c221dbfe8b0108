"""What people decided about somebody's presence, with the reason; rows are only ever added (B55)."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Literal
from uuid import uuid4

from storage.database import Row, Tx
from storage.times import from_text, to_text

# absent: no check-in stands; moved: the session was put on another day, so that it says nothing.
State = Literal[
    "present", "late", "voluntary", "to_verify", "absent", "not_there", "on_leave", "moved", "online_pending"
]

COLUMNS = "programme_id, occurrence_id, person_id, old_state, new_state, late_min, reason, corrected_by, corrected_at"


@dataclass(frozen=True)
class Correction:
    """*by* is a person_id, None for the product itself (a session that was moved)."""

    programme_id: str
    occurrence_id: str
    person_id: str
    old: State
    new: State
    late_min: int
    reason: str
    by: str | None
    at: datetime


def add(tx: Tx, correction: Correction) -> None:
    tx.execute(
        f"""
        insert into correction (correction_id, {COLUMNS})
        values (
            :correction_id, :programme_id, :occurrence_id, :person_id, :old_state, :new_state, :late_min,
            :reason, :corrected_by, :corrected_at)""",  # noqa: S608 - a constant of this module
        {
            "correction_id": uuid4().hex,
            "programme_id": correction.programme_id,
            "occurrence_id": correction.occurrence_id,
            "person_id": correction.person_id,
            "old_state": correction.old,
            "new_state": correction.new,
            "late_min": correction.late_min,
            "reason": correction.reason,
            "corrected_by": correction.by,
            "corrected_at": to_text(correction.at),
        },
    )


def latest(tx: Tx, occurrence_id: str, person_id: str) -> Correction | None:
    """The last word about this person at this occurrence; None while nobody decided anything."""
    found = tx.query(
        f"""
        select {COLUMNS}
        from correction
        where person_id = :person_id and occurrence_id = :occurrence_id
        order by corrected_at desc
        limit 1""",  # noqa: S608 - a constant of this module
        {"person_id": person_id, "occurrence_id": occurrence_id},
    )
    return _correction(found[0]) if found else None


def of_person(tx: Tx, programme_id: str, person_id: str) -> tuple[Correction, ...]:
    """Everything decided about this person, oldest first."""
    found = tx.query(
        f"""
        select {COLUMNS}
        from correction
        where person_id = :person_id and programme_id = :programme_id
        order by corrected_at""",  # noqa: S608 - a constant of this module
        {"person_id": person_id, "programme_id": programme_id},
    )
    return tuple(map(_correction, found))


def of_programme(tx: Tx, programme_id: str) -> tuple[Correction, ...]:
    """Everything decided about anybody, oldest first."""
    found = tx.query(
        f"""
        select {COLUMNS}
        from correction
        where programme_id = :programme_id
        order by corrected_at""",  # noqa: S608 - a constant of this module
        {"programme_id": programme_id},
    )
    return tuple(map(_correction, found))


def set_aside(tx: Tx, occurrence_id: str, at: datetime) -> int:
    """The occurrence went to another day: who had checked in is noted and set free.

    What was typed and opened before says nothing about the new day. How many check-ins that concerned.
    """
    rows = tx.query(
        "select programme_id, person_id, state, late_min from checkin where occurrence_id = :occurrence_id",
        {"occurrence_id": occurrence_id},
    )
    for row in rows:
        add(
            tx,
            Correction(
                row["programme_id"],
                occurrence_id,
                row["person_id"],
                row["state"],
                "moved",
                row["late_min"],
                "",
                None,
                at,
            ),
        )
    tx.execute("delete from checkin where occurrence_id = :occurrence_id", {"occurrence_id": occurrence_id})
    tx.execute(
        "delete from wrong_code where occurrence_id = :occurrence_id", {"occurrence_id": occurrence_id}
    )
    tx.execute(
        "update recheck set reported_at = :at where occurrence_id = :occurrence_id and reported_at is null",
        {"occurrence_id": occurrence_id, "at": to_text(at)},
    )
    tx.execute("delete from screen where occurrence_id = :occurrence_id", {"occurrence_id": occurrence_id})
    return len(rows)


def _correction(row: Row) -> Correction:
    return Correction(
        programme_id=row["programme_id"],
        occurrence_id=row["occurrence_id"],
        person_id=row["person_id"],
        old=row["old_state"],
        new=row["new_state"],
        late_min=row["late_min"],
        reason=row["reason"],
        by=row["corrected_by"],
        at=from_text(row["corrected_at"]),
    )
