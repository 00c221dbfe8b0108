"""Reminders of one's own talk: the slot in the evening's words, and a word shortly before it begins."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta
from zoneinfo import ZoneInfo

from messages.envelope import Push
from programme.people import Person
from programme.programme import Programme
from programme.talk_plan import TalkSlot, report_sessions
from storage import outbox, talks
from storage.database import Tx

SOON = timedelta(minutes=17)
# Full and half hours are crowded on the platform (design D7).
CROWDED = (0, 30)


def due_at(slot: TalkSlot, zone: ZoneInfo) -> datetime:
    """17 minutes ahead, 18 where that is a full or half hour."""
    moment = datetime.combine(slot.held_on, slot.start, zone) - SOON
    return moment - timedelta(minutes=1) if moment.minute in CROWDED else moment


def is_report_day(programme: Programme, now: datetime) -> bool:
    """Whether a slot can be due at all: nothing is read on other days."""
    today = now.astimezone(ZoneInfo(programme.timezone)).date()
    return any(session.held_on == today for session in report_sessions(programme))


def due_slots(
    tx: Tx, programme: Programme, since: datetime, now: datetime
) -> tuple[tuple[int, TalkSlot], ...]:
    """(number of the plan, slot) whose reminder falls into (*since*, *now*], on days that still are report days."""
    plan = talks.current(tx, programme.programme_id) if is_report_day(programme, now) else None
    if plan is None:
        return ()
    zone = ZoneInfo(programme.timezone)
    days = {session.held_on for session in report_sessions(programme)}
    return tuple(
        (plan.plan_no, slot)
        for slot in plan.slots
        if slot.held_on in days and since < due_at(slot, zone) <= now
    )


def enqueue_slots(
    tx: Tx, programme: Programme, people: Sequence[Person], since: datetime, now: datetime
) -> int:
    """One push for each due slot whose speaker has not muted reminders; how many rows are new."""
    hearing = {person.person_id for person in people if not person.muted}
    zone = ZoneInfo(programme.timezone)
    pushes = [
        Push(
            dedupe_key=f"talk_soon:{programme.programme_id}:{plan_no}:{slot.number}:{slot.person_id}",
            person_id=slot.person_id,
            template="talks/soon",
            values=plain(slot),
            due_at=due_at(slot, zone),
            useless_after=datetime.combine(slot.held_on, slot.start, zone),
        )
        for plan_no, slot in due_slots(tx, programme, since, now)
        if slot.person_id in hearing
    ]
    return outbox.enqueue_all(tx, programme.programme_id, pushes, now)


def slot_words(tx: Tx, programme: Programme, held_on: object) -> Mapping[str, str]:
    """Person → the own slot of that day, as a reminder of the day prints it."""
    plan = talks.current(tx, programme.programme_id)
    if plan is None:
        return {}
    return {slot.person_id: words(slot) for slot in plan.slots if slot.held_on == held_on}


def words(slot: TalkSlot) -> str:
    room = f"{slot.room} " if slot.room else ""
    return f"{room}第{slot.position}位，约 {slot.start:%H:%M}–{slot.end:%H:%M}"


def plain(slot: TalkSlot) -> dict[str, object]:
    return {
        "start": f"{slot.start:%H:%M}",
        "end": f"{slot.end:%H:%M}",
        "position": slot.position,
        "room": slot.room,
    }
