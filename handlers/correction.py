"""改 王小明 7/4 到场 手机没电: the record of one person's presence, corrected with a reason (B55)."""

from __future__ import annotations

from datetime import date, time

from handlers import schedule
from handlers.context import Context
from handlers.marking import (
    DECIDERS,
    begun_on,
    decide,
    events_on,
    may_decide,
    people_named,
    subject,
)
from language.understood import Understood
from messages.envelope import Reply
from programme.people import Person
from programme.presence import decided_by_word, meant


def handle(understood: Understood, context: Context) -> Reply:
    if not context.person.roles & DECIDERS:
        return Reply("correction/not_for_you")
    slots = understood.slots
    name, number = str(slots.get("name") or ""), str(slots.get("number") or "")
    person = the_one(name, number, context)
    if isinstance(person, Reply):
        return person
    day = date.fromisoformat(str(slots.get("date") or context.at.date().isoformat()))
    reason = str(slots.get("reason") or "")
    if not reason:
        said = {"state": slots.get("state"), "minutes": slots.get("minutes")}
        return Reply("correction/why", {"name": name, "on": day, **said})
    hour = time.fromisoformat(str(slots["time"])) if "time" in slots else None
    held = meant(events_on(day, person, context), hour)
    if not held:
        return Reply("correction/no_session", {"name": name, "on": day})
    begun = [event for event in held if event in begun_on(day, person, context)]
    if not begun:
        return Reply("correction/not_yet", {"name": name, "event": schedule.shown(held[0], context)})
    if len(begun) > 1:
        return Reply(
            "correction/which", {"name": name, "events": [schedule.shown(e, context) for e in begun]}
        )
    before = subject(person, begun[0], context)
    mark = decided_by_word(str(slots.get("state")), int(slots.get("minutes") or 0), person, begun[0])
    values = {"name": name, "event": schedule.shown(begun[0], context), "old": before.mark}
    if mark is None:
        return Reply("correction/other_way", values | {"word": slots.get("state")})
    if mark == before.mark:
        return Reply("correction/same", values)
    decide(before, mark, reason, context)
    return Reply("correction/done", values | {"new": mark, "reason": reason, "by": context.person.name})


def the_one(name: str, number: str, context: Context) -> Person | Reply:
    """The person meant, if the sender decides about them; what to answer otherwise."""
    found = people_named(name, number, context)
    if not found:
        return Reply("correction/nobody", {"name": name + number})
    mine = [person for person in found if may_decide(person, context)]
    if not mine:
        return Reply("correction/not_yours", {"name": name})
    if len(mine) > 1:
        ends = [(p.student_no or "")[-4:] or "无学号" for p in mine]
        return Reply("correction/which_person", {"name": name, "ends": ends})
    return mine[0]
