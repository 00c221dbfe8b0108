"""The mark of the last tick, the stretches in which nothing ticked, and what was missed in them."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Literal

from storage.database import Row, Tx
from storage.json_text import from_json
from storage.outbox import OutboxState
from storage.times import from_text, from_text_or_none, to_text

GapKind = Literal["down", "storage", "forward", "back"]

MARK = "scheduler"


@dataclass(frozen=True)
class Mark:
    """A tick: the clock's moment, and the seconds that *machine* was up; "" for an unknown machine."""

    at: datetime
    machine: str
    uptime_s: int


@dataclass(frozen=True)
class Gap:
    """From *began_at* to *ended_at* (by the clock) nothing ticked; *elapsed_s* by the machine, None unknown.

    "down": no process; "storage": no database; "forward" and "back": the clock was set.
    """

    gap_id: str
    kind: GapKind
    began_at: datetime
    ended_at: datetime
    elapsed_s: int | None


@dataclass(frozen=True)
class Missed:
    """One push that became due in a gap, and what has become of it."""

    dedupe_key: str
    programme_id: str
    person_id: str
    template: str
    values: Mapping[str, object]
    state: OutboxState
    reason: str | None
    settled_at: datetime | None


def last_mark(tx: Tx) -> Mark | None:
    """The last tick of whichever instance; None before the first one."""
    found = tx.query("select at, machine, uptime_s from tick where name = :name", {"name": MARK})
    return Mark(from_text(found[0]["at"]), found[0]["machine"], found[0]["uptime_s"]) if found else None


def set_mark(tx: Tx, mark: Mark) -> None:
    """Only for the holder of the scheduler's lease, in the transaction that takes it."""
    tx.execute(
        """
        insert into tick (name, at, machine, uptime_s)
        values (:name, :at, :machine, :uptime_s)
        on conflict (name) do update
        set at = excluded.at, machine = excluded.machine, uptime_s = excluded.uptime_s""",
        {"name": MARK, "at": to_text(mark.at), "machine": mark.machine, "uptime_s": mark.uptime_s},
    )


def add(tx: Tx, gap: Gap) -> None:
    tx.execute(
        """
        insert into gap (gap_id, kind, began_at, ended_at, elapsed_s, reported_at)
        values (:gap_id, :kind, :began_at, :ended_at, :elapsed_s, null)""",
        {
            "gap_id": gap.gap_id,
            "kind": gap.kind,
            "began_at": to_text(gap.began_at),
            "ended_at": to_text(gap.ended_at),
            "elapsed_s": gap.elapsed_s,
        },
    )


def unreported(tx: Tx) -> tuple[Gap, ...]:
    """Gaps of which nobody was told yet, the first one first."""
    found = tx.query(
        """
        select gap_id, kind, began_at, ended_at, elapsed_s
        from gap
        where reported_at is null
        order by ended_at, gap_id"""
    )
    return tuple(
        Gap(
            row["gap_id"],
            row["kind"],
            from_text(row["began_at"]),
            from_text(row["ended_at"]),
            row["elapsed_s"],
        )
        for row in found
    )


def collect(tx: Tx, gap_id: str, since: datetime, until: datetime) -> int:
    """Note what became due in (*since*, *until*] and is not settled: that was missed; how much is new."""
    return tx.execute(
        """
        insert into gap_push (gap_id, dedupe_key)
        select :gap_id, dedupe_key
        from outbox
        where state in ('waiting', 'in_call') and due_at > :since and due_at <= :until
        on conflict do nothing""",
        {"gap_id": gap_id, "since": to_text(since), "until": to_text(until)},
    )


def missed(tx: Tx, gap_id: str) -> tuple[Missed, ...]:
    """What was noted, as it stands now, by key."""
    found = tx.query(
        """
        select o.dedupe_key, o.programme_id, o.person_id, o.template, o.slots, o.state, o.reason, o.settled_at
        from gap_push g
        join outbox o on o.dedupe_key = g.dedupe_key
        where g.gap_id = :gap_id
        order by o.dedupe_key""",
        {"gap_id": gap_id},
    )
    return tuple(map(_missed, found))


def open_count(tx: Tx, gap_id: str) -> int:
    """How many of the missed pushes are still on their way."""
    found = tx.query(
        """
        select count(*) as open_count
        from gap_push g
        join outbox o on o.dedupe_key = g.dedupe_key
        where g.gap_id = :gap_id and o.state in ('waiting', 'in_call')""",
        {"gap_id": gap_id},
    )
    return int(found[0]["open_count"])


def repeats(tx: Tx, gap_id: str, since: datetime) -> dict[str, int]:
    """How many of the missed pushes reached somebody to whom the same words had been delivered since
    *since*, by programme; counted in the rows, not supposed."""
    found = tx.query(
        """
        select o.programme_id, count(*) as repeated
        from gap_push g
        join outbox o on o.dedupe_key = g.dedupe_key
        where g.gap_id = :gap_id and o.state = 'delivered'
            and exists (
                select 1
                from outbox other
                where other.person_id = o.person_id and other.text = o.text
                    and other.dedupe_key <> o.dedupe_key
                    and other.state = 'delivered' and other.due_at > :since)
        group by o.programme_id""",
        {"gap_id": gap_id, "since": to_text(since)},
    )
    return {row["programme_id"]: int(row["repeated"]) for row in found}


def close(tx: Tx, gap_id: str, at: datetime) -> bool:
    """Whoever gets True tells the admins, in the same transaction; nobody else does."""
    changed = tx.execute(
        "update gap set reported_at = :at where gap_id = :gap_id and reported_at is null",
        {"gap_id": gap_id, "at": to_text(at)},
    )
    return changed == 1


def _missed(row: Row) -> Missed:
    return Missed(
        dedupe_key=row["dedupe_key"],
        programme_id=row["programme_id"],
        person_id=row["person_id"],
        template=row["template"],
        values=from_json(row["slots"]),
        state=row["state"],
        reason=row["reason"],
        settled_at=from_text_or_none(row["settled_at"]),
    )
