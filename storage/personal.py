"""What a person wants of reminders: none, some, or at another distance."""

from __future__ import annotations

from storage.database import Tx
from storage.person_rows import mark_changed


def set_reminding(tx: Tx, person_id: str, *, muted: bool, asked: bool, lead_min: int | None) -> bool:
    """Store all three at once; False when there is no such person (any more).

    *asked*: wants reminders without having to come. *lead_min*: minutes before the start, None as the
    rules say.
    """
    found = tx.query(
        """
        update programme
        set people_version = people_version + 1
        where programme_id = (
            select programme_id from person where person_id = :person_id and left_at is null)
        returning people_version""",
        {"person_id": person_id},
    )
    if not found:
        return False
    tx.execute(
        """
        update person
        set muted = :muted, asked_reminders = :asked, lead_min = :lead_min
        where person_id = :person_id""",
        {"person_id": person_id, "muted": int(muted), "asked": int(asked), "lead_min": lead_min},
    )
    mark_changed(tx, found[0]["people_version"], [person_id])
    return True
