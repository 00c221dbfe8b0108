"""补贴: recorded patents and papers, and the rows that the admin confirmed."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import Literal
from uuid import uuid4

from programme.ledger import Payment, Writing
from storage.database import Tx
from storage.times import to_text


def record_writing(
    tx: Tx, programme_id: str, person_id: str, kind: Literal["patent", "paper"], title: str, at: datetime
) -> bool:
    """Keep one patent or paper; False when the person has recorded the same before."""
    changed = tx.execute(
        """
        insert into writing (writing_id, programme_id, person_id, kind, title, recorded_at)
        values (:writing_id, :programme_id, :person_id, :kind, :title, :at)
        on conflict (programme_id, person_id, kind, title) do nothing""",
        _owned(programme_id, person_id)
        | {"writing_id": uuid4().hex, "kind": kind, "title": title, "at": to_text(at)},
    )
    return changed == 1


def writings_of(tx: Tx, programme_id: str, person_id: str) -> tuple[Writing, ...]:
    found = tx.query(
        """
        select writing_id, kind, title
        from writing
        where programme_id = :programme_id and person_id = :person_id
        order by recorded_at, writing_id""",
        _owned(programme_id, person_id),
    )
    return tuple(Writing(row["writing_id"], row["kind"], row["title"]) for row in found)


def confirm(
    tx: Tx,
    programme_id: str,
    person_id: str,
    row: tuple[str, str],
    amount_yuan: int,
    by: str,
    at: datetime,
) -> bool:
    """Confirm *row* (reward id, object id); False when it was confirmed before, whose sum then stays."""
    reward_id, object_id = row
    changed = tx.execute(
        """
        insert into payment (
            programme_id, person_id, reward_id, object_id, amount_yuan, confirmed_by, confirmed_at)
        values (:programme_id, :person_id, :reward_id, :object_id, :amount_yuan, :by, :at)
        on conflict (programme_id, person_id, reward_id, object_id) do nothing""",
        _owned(programme_id, person_id)
        | {
            "reward_id": reward_id,
            "object_id": object_id,
            "amount_yuan": amount_yuan,
            "by": by,
            "at": to_text(at),
        },
    )
    return changed == 1


def payments_of(tx: Tx, programme_id: str, person_id: str) -> Mapping[tuple[str, str], Payment]:
    """What the admin confirmed, by (reward id, object id)."""
    found = tx.query(
        """
        select reward_id, object_id, amount_yuan, confirmed_by
        from payment
        where programme_id = :programme_id and person_id = :person_id""",
        _owned(programme_id, person_id),
    )
    return {
        (row["reward_id"], row["object_id"]): Payment(row["amount_yuan"], row["confirmed_by"])
        for row in found
    }


def _owned(programme_id: str, person_id: str) -> dict[str, object]:
    return {"programme_id": programme_id, "person_id": person_id}
