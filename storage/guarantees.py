"""Guarantees (担保): asked of one guarantor for named occurrences, decided once, withdrawn by either side."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Literal

from storage.database import Row, Tx
from storage.times import from_text, from_text_or_none, to_text

GuaranteeState = Literal["asked", "granted", "refused", "withdrawn"]

COLUMNS = (
    "g.guarantee_id, g.programme_id, g.person_id, g.guarantor_id, g.state, g.reason, g.asked_at,"
    " g.decided_at, g.withdrawn_at"
)


@dataclass(frozen=True)
class Guarantee:
    """*guarantee_id* is the id of the request by which it was asked. *occurrence_ids* are the sessions it
    covers; it follows when one of them is moved."""

    guarantee_id: str
    programme_id: str
    person_id: str
    guarantor_id: str
    state: GuaranteeState
    reason: str
    asked_at: datetime
    occurrence_ids: tuple[str, ...]
    decided_at: datetime | None = None
    withdrawn_at: datetime | None = None


def ask(
    tx: Tx,
    guarantee_id: str,
    programme_id: str,
    person_id: str,
    guarantor_id: str,
    reason: str,
    occurrence_ids: Sequence[str],
    at: datetime,
) -> None:
    """Note that *person_id* asks *guarantor_id* to vouch for them at these occurrences."""
    tx.execute(
        """
        insert into guarantee (guarantee_id, programme_id, person_id, guarantor_id, state, reason, asked_at)
        values (:guarantee_id, :programme_id, :person_id, :guarantor_id, 'asked', :reason, :at)""",
        {
            "guarantee_id": guarantee_id,
            "programme_id": programme_id,
            "person_id": person_id,
            "guarantor_id": guarantor_id,
            "reason": reason,
            "at": to_text(at),
        },
    )
    tx.execute(
        """
        insert into guaranteed (guarantee_id, occurrence_id, programme_id)
        values (:guarantee_id, :occurrence_id, :programme_id)""",
        [
            {"guarantee_id": guarantee_id, "occurrence_id": one, "programme_id": programme_id}
            for one in sorted(set(occurrence_ids))
        ],
    )


def decide(tx: Tx, guarantee_id: str, decision: Literal["granted", "refused"], at: datetime) -> bool:
    """The guarantor's word; False when nothing is asked (any more)."""
    changed = tx.execute(
        """
        update guarantee
        set state = :decision, decided_at = :at
        where guarantee_id = :guarantee_id and state = 'asked'""",
        {"guarantee_id": guarantee_id, "decision": decision, "at": to_text(at)},
    )
    return changed == 1


def withdraw(tx: Tx, guarantee_id: str, at: datetime) -> bool:
    """It holds no longer; False when it was neither asked nor granted."""
    changed = tx.execute(
        """
        update guarantee
        set state = 'withdrawn', withdrawn_at = :at
        where guarantee_id = :guarantee_id and state in ('asked', 'granted')""",
        {"guarantee_id": guarantee_id, "at": to_text(at)},
    )
    return changed == 1


def find(tx: Tx, guarantee_id: str) -> Guarantee | None:
    found = _guarantees(tx, "g.guarantee_id = :guarantee_id", {"guarantee_id": guarantee_id})
    return found[0] if found else None


def of_person(tx: Tx, programme_id: str, person_id: str) -> tuple[Guarantee, ...]:
    """Every guarantee asked by this person, the oldest first."""
    values = {"programme_id": programme_id, "person_id": person_id}
    return _guarantees(tx, "g.programme_id = :programme_id and g.person_id = :person_id", values)


def of_guarantor(tx: Tx, programme_id: str, guarantor_id: str) -> tuple[Guarantee, ...]:
    """Every guarantee asked of this guarantor, the oldest first."""
    values = {"programme_id": programme_id, "guarantor_id": guarantor_id}
    return _guarantees(tx, "g.programme_id = :programme_id and g.guarantor_id = :guarantor_id", values)


def in_force(tx: Tx, person_id: str, occurrence_id: str) -> Guarantee | None:
    """The granted guarantee that covers this person at this occurrence, the oldest of several."""
    found = _guarantees(
        tx,
        """g.person_id = :person_id and g.state = 'granted' and exists (
            select 1
            from guaranteed d
            where d.guarantee_id = g.guarantee_id and d.occurrence_id = :occurrence_id)""",
        {"person_id": person_id, "occurrence_id": occurrence_id},
    )
    return found[0] if found else None


def _guarantees(tx: Tx, condition: str, values: Mapping[str, str]) -> tuple[Guarantee, ...]:
    rows = tx.query(
        f"""
        select {COLUMNS}, d.occurrence_id
        from guarantee g
        join guaranteed d on d.guarantee_id = g.guarantee_id
        where {condition}
        order by g.asked_at, g.guarantee_id, d.occurrence_id""",  # noqa: S608 - conditions of this module
        values,
    )
    by_id: dict[str, list[Row]] = {}
    for row in rows:
        by_id.setdefault(row["guarantee_id"], []).append(row)
    return tuple(_guarantee(of_one[0], (row["occurrence_id"] for row in of_one)) for of_one in by_id.values())


def _guarantee(row: Row, occurrence_ids: Iterable[str]) -> Guarantee:
    return Guarantee(
        guarantee_id=row["guarantee_id"],
        programme_id=row["programme_id"],
        person_id=row["person_id"],
        guarantor_id=row["guarantor_id"],
        state=row["state"],
        reason=row["reason"],
        asked_at=from_text(row["asked_at"]),
        occurrence_ids=tuple(occurrence_ids),
        decided_at=from_text_or_none(row["decided_at"]),
        withdrawn_at=from_text_or_none(row["withdrawn_at"]),
    )
