"""Talks of the report days: plans with their slots, swaps, and the trace of both; old plans are kept."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, time

from programme.talk_plan import TalkSlot
from storage.database import Row, Tx
from storage.times import from_text, to_text


@dataclass(frozen=True)
class TalkPlan:
    """The plan that holds now; *changes* counts the swaps made in it."""

    plan_no: int
    seed: str
    planned_by: str
    planned_at: datetime
    changes: int
    slots: tuple[TalkSlot, ...]

    def of(self, person_id: str) -> tuple[TalkSlot, ...]:
        return tuple(slot for slot in self.slots if slot.person_id == person_id)


@dataclass(frozen=True)
class Trace:
    """One slot that went from one person to another."""

    change_no: int
    number: int
    was: str
    now: str
    by: str
    at: datetime


def store(tx: Tx, programme_id: str, seed: str, slots: Sequence[TalkSlot], by: str, at: datetime) -> int:
    """Make *slots* the plan that holds now; its number. Raises Conflict when another was faster."""
    found = tx.query(
        "select max(plan_no) as plan_no from talk_plan where programme_id = :programme_id",
        {"programme_id": programme_id},
    )
    plan_no = int(found[0]["plan_no"] or 0) + 1
    tx.execute(
        """
        insert into talk_plan (programme_id, plan_no, seed, planned_by, planned_at)
        values (:programme_id, :plan_no, :seed, :by, :at)""",
        {"programme_id": programme_id, "plan_no": plan_no, "seed": seed, "by": by, "at": to_text(at)},
    )
    for slot in slots:
        tx.execute(
            """
            insert into talk_slot (
                programme_id, plan_no, number, held_on, room, position, starts, ends, person_id)
            values (
                :programme_id, :plan_no, :number, :held_on, :room, :position, :starts, :ends, :person_id)""",
            _values(programme_id, plan_no, slot),
        )
    return plan_no


def current(tx: Tx, programme_id: str) -> TalkPlan | None:
    """The newest plan, its slots by day, room and position; None while nothing is planned."""
    found = tx.query(
        """
        select plan_no, seed, planned_by, planned_at, changes
        from talk_plan
        where programme_id = :programme_id
        order by plan_no desc
        limit 1""",
        {"programme_id": programme_id},
    )
    if not found:
        return None
    rows = tx.query(
        """
        select number, held_on, room, position, starts, ends, person_id
        from talk_slot
        where programme_id = :programme_id and plan_no = :plan_no
        order by number""",
        {"programme_id": programme_id, "plan_no": found[0]["plan_no"]},
    )
    plan = found[0]
    return TalkPlan(
        plan_no=plan["plan_no"],
        seed=plan["seed"],
        planned_by=plan["planned_by"],
        planned_at=from_text(plan["planned_at"]),
        changes=plan["changes"],
        slots=tuple(_slot(row) for row in rows),
    )


def has_slot(tx: Tx, programme_id: str, person_id: str) -> bool:
    """Whether the newest plan has a slot for the person."""
    plan = current(tx, programme_id)
    return plan is not None and any(slot.person_id == person_id for slot in plan.slots)


def swap(
    tx: Tx, programme_id: str, plan_no: int, holders: Mapping[int, str], by: str, at: datetime
) -> int | None:
    """Exchange two slots, *holders* being slot number → who has it now; the number of the change.

    None, and nothing changed, when the plan is not the newest any more or a slot has gone to somebody
    else. The row of the plan is changed first: it makes two swaps of one plan wait for each other on
    PostgreSQL, so that the slots read afterwards stay as read.
    """
    key = {"programme_id": programme_id, "plan_no": plan_no}
    locked = tx.query(
        """
        update talk_plan
        set changes = changes + 1
        where programme_id = :programme_id and plan_no = :plan_no
        returning changes""",
        key,
    )
    plan = current(tx, programme_id)
    held = {slot.number: slot.person_id for slot in plan.slots} if plan else {}
    if not locked or plan is None or plan.plan_no != plan_no or not holders.items() <= held.items():
        return None
    (first, one), (second, other) = holders.items()
    for number, was, now in ((first, one, other), (second, other, one)):
        values = {**key, "number": number, "was": was, "now": now}
        tx.execute(
            """
            update talk_slot
            set person_id = :now
            where programme_id = :programme_id and plan_no = :plan_no and number = :number
            and person_id = :was""",
            values,
        )
        tx.execute(
            """
            insert into talk_trace (
                programme_id, plan_no, change_no, number, was_person_id, now_person_id, changed_by, changed_at)
            values (:programme_id, :plan_no, :change_no, :number, :was, :now, :by, :at)""",
            {**values, "change_no": locked[0]["changes"], "by": by, "at": to_text(at)},
        )
    return int(locked[0]["changes"])


def trace(tx: Tx, programme_id: str, plan_no: int) -> tuple[Trace, ...]:
    """Every change of the plan, oldest first."""
    rows = tx.query(
        """
        select change_no, number, was_person_id, now_person_id, changed_by, changed_at
        from talk_trace
        where programme_id = :programme_id and plan_no = :plan_no
        order by change_no, number""",
        {"programme_id": programme_id, "plan_no": plan_no},
    )
    return tuple(
        Trace(
            row["change_no"],
            row["number"],
            row["was_person_id"],
            row["now_person_id"],
            row["changed_by"],
            from_text(row["changed_at"]),
        )
        for row in rows
    )


def _slot(row: Row) -> TalkSlot:
    return TalkSlot(
        number=row["number"],
        held_on=date.fromisoformat(row["held_on"]),
        room=row["room"],
        position=row["position"],
        start=time.fromisoformat(row["starts"]),
        end=time.fromisoformat(row["ends"]),
        person_id=row["person_id"],
    )


def _values(programme_id: str, plan_no: int, slot: TalkSlot) -> dict[str, object]:
    return {
        "programme_id": programme_id,
        "plan_no": plan_no,
        "number": slot.number,
        "held_on": slot.held_on.isoformat(),
        "room": slot.room,
        "position": slot.position,
        "starts": f"{slot.start:%H:%M}",
        "ends": f"{slot.end:%H:%M}",
        "person_id": slot.person_id,
    }
