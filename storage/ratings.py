"""评级: one current rating of each rater for a person, and whether the results are released.

Earlier ratings and the reasons of changes are in the audit.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime

from storage.database import Tx
from storage.times import to_text


def rate(tx: Tx, programme_id: str, person_id: str, rater_id: str, grade: str, at: datetime) -> None:
    """Store or replace the rater's rating. Raises Conflict for a person that is not there."""
    tx.execute(
        """
        insert into rating (programme_id, person_id, rater_id, grade, rated_at)
        values (:programme_id, :person_id, :rater_id, :grade, :at)
        on conflict (programme_id, person_id, rater_id) do update
        set grade = excluded.grade, rated_at = excluded.rated_at""",
        {
            "programme_id": programme_id,
            "person_id": person_id,
            "rater_id": rater_id,
            "grade": grade,
            "at": to_text(at),
        },
    )


def ratings_of(tx: Tx, programme_id: str, person_id: str) -> Mapping[str, str]:
    """The grade that each rater gave, by the rater's id, in the order of rating."""
    found = tx.query(
        """
        select rater_id, grade
        from rating
        where programme_id = :programme_id and person_id = :person_id
        order by rated_at, rater_id""",
        {"programme_id": programme_id, "person_id": person_id},
    )
    return {row["rater_id"]: row["grade"] for row in found}


def release(tx: Tx, programme_id: str, by: str, at: datetime) -> bool:
    """Let students see their own results; False when they already may."""
    changed = tx.execute(
        """
        insert into rating_release (programme_id, released_by, released_at)
        values (:programme_id, :by, :at)
        on conflict (programme_id) do nothing""",
        {"programme_id": programme_id, "by": by, "at": to_text(at)},
    )
    return changed == 1


def is_released(tx: Tx, programme_id: str) -> bool:
    found = tx.query(
        "select 1 as released from rating_release where programme_id = :programme_id",
        {"programme_id": programme_id},
    )
    return bool(found)
