"""Named leases: which instance ticks, with a fencing number that only grows (design D6)."""

from __future__ import annotations

from datetime import datetime, timedelta

from storage.database import Tx
from storage.times import to_text


def acquire(tx: Tx, name: str, owner: str, now: datetime, ttl_s: float) -> int | None:
    """Take or prolong the lease until *ttl_s* after *now*; its fence number, None while another
    owner holds it. The number grows whenever the lease was free in between, even for one owner.

    A lease that ends further ahead than any could was taken before the clock was set back: its owner
    may be gone, and nobody must wait until the clock is there again.
    """
    found = tx.query(
        """
        insert into lease (name, owner, lease_until, fence)
        values (:name, :owner, :lease_until, 1)
        on conflict (name) do update
        set owner = excluded.owner,
            lease_until = excluded.lease_until,
            fence = case
                when lease.lease_until > :now and lease.lease_until <= :furthest then lease.fence
                else lease.fence + 1 end
        where lease.owner = :owner or lease.lease_until <= :now or lease.lease_until > :furthest
        returning fence""",
        {
            "name": name,
            "owner": owner,
            "now": to_text(now),
            "lease_until": to_text(now + timedelta(seconds=ttl_s)),
            "furthest": to_text(now + timedelta(seconds=2 * ttl_s)),
        },
    )
    return found[0]["fence"] if found else None


def release(tx: Tx, name: str, owner: str) -> bool:
    """Give the lease back at once; False when *owner* does not hold it. The row stays, for its fence."""
    changed = tx.execute(
        "update lease set lease_until = '' where name = :name and owner = :owner and lease_until <> ''",
        {"name": name, "owner": owner},
    )
    return changed == 1
