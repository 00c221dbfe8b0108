"""Who changed what, when and why; rows are only ever added."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from uuid import uuid4

from storage.database import Row, Tx
from storage.times import from_text, to_text


@dataclass(frozen=True)
class AuditEntry:
    """*actor_person_id* None: the operator at the command line, or the product itself."""

    at: datetime
    actor_person_id: str | None
    action: str
    object: str
    old: str | None
    new: str | None
    reason: str | None


def write(
    tx: Tx,
    programme_id: str,
    at: datetime,
    actor_person_id: str | None,
    action: str,
    object: str,
    old: str | None,
    new: str | None,
    reason: str | None,
) -> None:
    tx.execute(
        """
        insert into audit (
            audit_id, programme_id, at, actor_person_id, action, object, old_value, new_value, reason)
        values (
            :audit_id, :programme_id, :at, :actor_person_id, :action, :object, :old_value, :new_value, :reason)""",
        {
            "audit_id": uuid4().hex,
            "programme_id": programme_id,
            "at": to_text(at),
            "actor_person_id": actor_person_id,
            "action": action,
            "object": object,
            "old_value": old,
            "new_value": new,
            "reason": reason,
        },
    )


def last_of(tx: Tx, programme_id: str, object: str) -> AuditEntry | None:
    """The newest entry about *object* ("session:S07"); None when nothing was done to it."""
    found = tx.query(
        """
        select at, actor_person_id, action, object, old_value, new_value, reason
        from audit
        where programme_id = :programme_id and object = :object
        order by at desc, audit_id desc
        limit 1""",
        {"programme_id": programme_id, "object": object},
    )
    return _entry(found[0]) if found else None


def about(tx: Tx, programme_id: str, action: str, objects: Sequence[str]) -> tuple[AuditEntry, ...]:
    """The entries of that action about any of *objects*, oldest first."""
    if not objects:
        return ()
    names = {f"object_{number}": one for number, one in enumerate(objects)}
    found = tx.query(
        f"""
        select at, actor_person_id, action, object, old_value, new_value, reason
        from audit
        where programme_id = :programme_id and action = :action
            and object in ({", ".join(":" + name for name in names)})
        order by at, audit_id""",  # noqa: S608 - names of parameters
        {"programme_id": programme_id, "action": action, **names},
    )
    return tuple(map(_entry, found))


def entries(tx: Tx, programme_id: str) -> tuple[AuditEntry, ...]:
    """All entries of the programme, oldest first."""
    found = tx.query(
        """
        select at, actor_person_id, action, object, old_value, new_value, reason
        from audit
        where programme_id = :programme_id
        order by at, action, object, audit_id""",
        {"programme_id": programme_id},
    )
    return tuple(map(_entry, found))


def _entry(row: Row) -> AuditEntry:
    return AuditEntry(
        at=from_text(row["at"]),
        actor_person_id=row["actor_person_id"],
        action=row["action"],
        object=row["object"],
        old=row["old_value"],
        new=row["new_value"],
        reason=row["reason"],
    )
