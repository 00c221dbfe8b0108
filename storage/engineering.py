"""工程: goals, the history of progress, and acceptances; the newest acceptance holds."""

from __future__ import annotations

from datetime import datetime
from uuid import uuid4

from programme.engineering import Acceptance, Engineering, Progress
from storage.database import Tx
from storage.times import from_text, to_text


def set_goal(tx: Tx, programme_id: str, person_id: str, goal: str, by: str, at: datetime) -> None:
    tx.execute(
        """
        insert into engineering_goal (programme_id, person_id, goal, set_by, set_at)
        values (:programme_id, :person_id, :goal, :by, :at)
        on conflict (programme_id, person_id) do update
        set goal = excluded.goal, set_by = excluded.set_by, set_at = excluded.set_at""",
        _owned(programme_id, person_id) | {"goal": goal, "by": by, "at": to_text(at)},
    )


def add_progress(tx: Tx, programme_id: str, person_id: str, entry: Progress) -> None:
    tx.execute(
        """
        insert into engineering_progress (entry_id, programme_id, person_id, task, percent, at)
        values (:entry_id, :programme_id, :person_id, :task, :percent, :at)""",
        _owned(programme_id, person_id)
        | {"entry_id": uuid4().hex, "task": entry.task, "percent": entry.percent, "at": to_text(entry.at)},
    )


def accept(tx: Tx, programme_id: str, person_id: str, decided: Acceptance) -> None:
    tx.execute(
        """
        insert into engineering_acceptance (
            entry_id, programme_id, person_id, is_passed, reason, decided_by, at)
        values (:entry_id, :programme_id, :person_id, :is_passed, :reason, :by, :at)""",
        _owned(programme_id, person_id)
        | {
            "entry_id": uuid4().hex,
            "is_passed": int(decided.is_passed),
            "reason": decided.reason,
            "by": decided.by,
            "at": to_text(decided.at),
        },
    )


def of_person(tx: Tx, programme_id: str, person_id: str) -> Engineering:
    """All that is on record; empty for somebody of whom nothing is."""
    owned = _owned(programme_id, person_id)
    goals = tx.query(
        "select goal from engineering_goal where programme_id = :programme_id and person_id = :person_id",
        owned,
    )
    history = tx.query(
        """
        select task, percent, at
        from engineering_progress
        where programme_id = :programme_id and person_id = :person_id
        order by at, entry_id""",
        owned,
    )
    accepted = tx.query(
        """
        select is_passed, reason, decided_by, at
        from engineering_acceptance
        where programme_id = :programme_id and person_id = :person_id
        order by at desc, entry_id
        limit 1""",
        owned,
    )
    return Engineering(
        goal=goals[0]["goal"] if goals else None,
        history=tuple(Progress(row["task"], row["percent"], from_text(row["at"])) for row in history),
        acceptance=next(
            (
                Acceptance(row["is_passed"] == 1, row["reason"], row["decided_by"], from_text(row["at"]))
                for row in accepted
            ),
            None,
        ),
    )


def _owned(programme_id: str, person_id: str) -> dict[str, object]:
    return {"programme_id": programme_id, "person_id": person_id}
