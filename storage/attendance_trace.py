"""What made the records of attendance what they are: guarantees, leave, corrections and explanations, for the table."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from programme.attendance_grid import ChangeKind
from storage.database import Row, Tx
from storage.times import from_text


@dataclass(frozen=True)
class Trace:
    """*by* is the person id of who decided, of the student themselves while nobody has."""

    person_id: str
    occurrence_id: str
    kind: ChangeKind
    state: str
    by: str | None
    at: datetime
    reason: str


def of_occurrences(tx: Tx, programme_id: str, occurrence_ids: Sequence[str]) -> tuple[Trace, ...]:
    """Everything about these occurrences, oldest first."""
    if not occurrence_ids:
        return ()
    values = {f"occurrence_{number}": one for number, one in enumerate(occurrence_ids)}
    names = ", ".join(f":{name}" for name in values)
    rows = tx.query(
        f"""
        select g.person_id, d.occurrence_id, 'guarantee' as kind, g.state, g.guarantor_id as decided_by,
            coalesce(g.withdrawn_at, g.decided_at, g.asked_at) as at, g.reason
        from guarantee g
        join guaranteed d on d.guarantee_id = g.guarantee_id
        where d.occurrence_id in ({names})
        union all
        select person_id, occurrence_id, 'leave', state, coalesce(decided_by, person_id),
            coalesce(decided_at, asked_at), reason
        from leave
        where occurrence_id in ({names})
        union all
        select person_id, occurrence_id, 'correction', new_state, corrected_by, corrected_at, reason
        from correction
        where occurrence_id in ({names})""",  # noqa: S608 - names of parameters
        values,
    )
    found = [*map(_trace, rows), *_explained(tx, programme_id, occurrence_ids)]
    return tuple(sorted(found, key=lambda one: (one.at, one.person_id, one.occurrence_id)))


def _explained(tx: Tx, programme_id: str, occurrence_ids: Sequence[str]) -> list[Trace]:
    """Why somebody was late, in their own words; a note of the audit (object: attendance:…:person)."""
    rows = tx.query(
        """
        select object, at, reason
        from audit
        where programme_id = :programme_id and action = 'explain_lateness'""",
        {"programme_id": programme_id},
    )
    found = []
    for row in rows:
        occurrence_id, _, person_id = row["object"].removeprefix("attendance:").rpartition(":")
        if occurrence_id in occurrence_ids:
            at, reason = from_text(row["at"]), row["reason"] or ""
            found.append(Trace(person_id, occurrence_id, "explanation", "", person_id, at, reason))
    return found


def _trace(row: Row) -> Trace:
    return Trace(
        person_id=row["person_id"],
        occurrence_id=row["occurrence_id"],
        kind=row["kind"],
        state=row["state"],
        by=row["decided_by"],
        at=from_text(row["at"]),
        reason=row["reason"],
    )
