"""Calendar links: the version of each person's, and when what it shows last changed."""

from __future__ import annotations

from datetime import datetime

from programme.calendar_plan import Stamps
from storage.database import Tx
from storage.times import from_text, to_text

FIRST = 1


def version(tx: Tx, person_id: str) -> int:
    """The version that a link of this person must carry; 1 until the first renewal."""
    found = tx.query(
        "select version from calendar_feed where person_id = :person_id", {"person_id": person_id}
    )
    return found[0]["version"] if found else FIRST


def renew(tx: Tx, programme_id: str, person_id: str, at: datetime) -> int:
    """The next version, which ends every link of this person that was given before."""
    found = tx.query(
        """
        insert into calendar_feed (person_id, programme_id, version, renewed_at)
        values (:person_id, :programme_id, :version, :at)
        on conflict (person_id) do update
        set version = calendar_feed.version + 1, renewed_at = excluded.renewed_at
        returning version""",
        {
            "person_id": person_id,
            "programme_id": programme_id,
            "version": FIRST + 1,
            "at": to_text(at),
        },
    )
    return int(found[0]["version"])


def stamps(tx: Tx, programme_id: str) -> Stamps | None:
    """When the programme was stored and its sessions and occurrences changed; None if it is not there."""
    of_programme = {"programme_id": programme_id}
    found = tx.query("select created_at from programme where programme_id = :programme_id", of_programme)
    if not found:
        return None
    changed = tx.query(
        """
        select session_id as id, changed_at
        from session
        where programme_id = :programme_id and changed_at is not null
        union all
        select occurrence_id, changed_at
        from occurrence
        where programme_id = :programme_id and changed_at is not null""",
        of_programme,
    )
    return Stamps(
        from_text(found[0]["created_at"]), {row["id"]: from_text(row["changed_at"]) for row in changed}
    )
