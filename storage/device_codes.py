"""One-time numbers that the page behind the QR code hands out, each good for one account once."""

from __future__ import annotations

from datetime import datetime

from storage.database import Tx
from storage.times import to_text


def issue(tx: Tx, programme_id: str, occurrence_id: str, code: str, device: str | None, at: datetime) -> bool:
    """Keep *code*; False when it is given out already. *device* is a hash of the browser's cookie."""
    inserted = tx.execute(
        """
        insert into device_code (occurrence_id, code, programme_id, device, issued_at)
        values (:occurrence_id, :code, :programme_id, :device, :issued_at)
        on conflict do nothing""",
        {
            "occurrence_id": occurrence_id,
            "code": code,
            "programme_id": programme_id,
            "device": device,
            "issued_at": to_text(at),
        },
    )
    return inserted == 1


def use(tx: Tx, occurrence_id: str, code: str, person_id: str, at: datetime, since: datetime) -> bool:
    """Spend *code* if it was issued after *since* and nobody has; the row count decides of two at once."""
    changed = tx.execute(
        """
        update device_code
        set used_by = :person_id, used_at = :at
        where occurrence_id = :occurrence_id and code = :code and used_by is null and issued_at >= :since""",
        {
            "occurrence_id": occurrence_id,
            "code": code,
            "person_id": person_id,
            "at": to_text(at),
            "since": to_text(since),
        },
    )
    return changed == 1


def shared(tx: Tx, occurrence_id: str) -> tuple[tuple[str, ...], ...]:
    """The people behind each device from which more than one of them checked in."""
    found = tx.query(
        """
        select distinct device, used_by
        from device_code
        where occurrence_id = :occurrence_id and device is not null and used_by is not null
        order by device, used_by""",
        {"occurrence_id": occurrence_id},
    )
    by_device: dict[str, list[str]] = {}
    for row in found:
        by_device.setdefault(row["device"], []).append(row["used_by"])
    return tuple(tuple(people) for people in by_device.values() if len(people) > 1)


def forget_before(tx: Tx, at: datetime) -> int:
    return tx.execute("delete from device_code where issued_at < :at", {"at": to_text(at)})
