"""再确认: a second check of those who checked in, open for a few minutes."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from uuid import uuid4

from storage.database import Row, Tx
from storage.times import from_text, to_text

COLUMNS = "recheck_id, occurrence_id, programme_id, asked_by, asked_at, ends_at"


@dataclass(frozen=True)
class Recheck:
    recheck_id: str
    occurrence_id: str
    programme_id: str
    asked_by: str
    asked_at: datetime
    ends_at: datetime


def begin(
    tx: Tx, programme_id: str, occurrence_id: str, by: str, at: datetime, ends_at: datetime
) -> Recheck | None:
    """Open one; None while another one of this occurrence has not been reported yet."""
    recheck = Recheck(uuid4().hex, occurrence_id, programme_id, by, at, ends_at)
    inserted = tx.execute(
        f"""
        insert into recheck ({COLUMNS})
        values (:recheck_id, :occurrence_id, :programme_id, :asked_by, :asked_at, :ends_at)
        on conflict do nothing""",  # noqa: S608 - a constant of this module
        {
            "recheck_id": recheck.recheck_id,
            "occurrence_id": occurrence_id,
            "programme_id": programme_id,
            "asked_by": by,
            "asked_at": to_text(at),
            "ends_at": to_text(ends_at),
        },
    )
    return recheck if inserted == 1 else None


def open_of(tx: Tx, occurrence_id: str) -> Recheck | None:
    """The one that nobody has been told the result of yet, whether or not its time is over."""
    found = tx.query(
        f"""
        select {COLUMNS}
        from recheck
        where occurrence_id = :occurrence_id and reported_at is null""",  # noqa: S608 - a constant
        {"occurrence_id": occurrence_id},
    )
    return _recheck(found[0]) if found else None


def ended(tx: Tx, now: datetime) -> tuple[Recheck, ...]:
    """Those whose time is over and whose result is still to be told."""
    found = tx.query(
        f"""
        select {COLUMNS}
        from recheck
        where reported_at is null and ends_at <= :now
        order by ends_at""",  # noqa: S608 - a constant of this module
        {"now": to_text(now)},
    )
    return tuple(map(_recheck, found))


def next_end(tx: Tx, after: datetime) -> datetime | None:
    """When the next open one ends, for the clock of the simulator."""
    found = tx.query(
        "select min(ends_at) as ends_at from recheck where reported_at is null and ends_at > :after",
        {"after": to_text(after)},
    )
    return from_text(found[0]["ends_at"]) if found and found[0]["ends_at"] else None


def report(tx: Tx, recheck_id: str, at: datetime) -> bool:
    """Note that the result was told; False when it was before."""
    changed = tx.execute(
        "update recheck set reported_at = :at where recheck_id = :recheck_id and reported_at is null",
        {"recheck_id": recheck_id, "at": to_text(at)},
    )
    return changed == 1


def count_try(tx: Tx, recheck: Recheck, person_id: str) -> int:
    """Count one more answer of this person; how many there are now."""
    found = tx.query(
        """
        insert into recheck_answer (recheck_id, person_id, programme_id, tries)
        values (:recheck_id, :person_id, :programme_id, 1)
        on conflict (recheck_id, person_id) do update
        set tries = recheck_answer.tries + 1
        returning tries""",
        {
            "recheck_id": recheck.recheck_id,
            "person_id": person_id,
            "programme_id": recheck.programme_id,
        },
    )
    return int(found[0]["tries"])


def tries_of(tx: Tx, recheck_id: str, person_id: str) -> int:
    found = tx.query(
        "select tries from recheck_answer where recheck_id = :recheck_id and person_id = :person_id",
        {"recheck_id": recheck_id, "person_id": person_id},
    )
    return int(found[0]["tries"]) if found else 0


def answer(tx: Tx, recheck_id: str, person_id: str, at: datetime) -> None:
    """The right answer of this person, whose try was counted before."""
    tx.execute(
        """
        update recheck_answer
        set answered_at = :at
        where recheck_id = :recheck_id and person_id = :person_id and answered_at is null""",
        {"recheck_id": recheck_id, "person_id": person_id, "at": to_text(at)},
    )


def answered(tx: Tx, recheck_id: str) -> frozenset[str]:
    """The people who answered rightly."""
    found = tx.query(
        "select person_id from recheck_answer where recheck_id = :recheck_id and answered_at is not null",
        {"recheck_id": recheck_id},
    )
    return frozenset(row["person_id"] for row in found)


def _recheck(row: Row) -> Recheck:
    return Recheck(
        recheck_id=row["recheck_id"],
        occurrence_id=row["occurrence_id"],
        programme_id=row["programme_id"],
        asked_by=row["asked_by"],
        asked_at=from_text(row["asked_at"]),
        ends_at=from_text(row["ends_at"]),
    )
