"""别提醒我了 · 开启提醒 · 提前一小时提醒我 · 什么时候提醒我: how the sender is reminded."""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import datetime, time, timedelta

from handlers.context import Context
from language.understood import Understood
from messages.envelope import Reply
from programme.attendance import may_come, must_come
from programme.people import Person
from programme.personal import LEAST_LEAD_MIN, MOST_LEAD_MIN, distance
from programme.reminders import BeforeStart, ReminderRule, next_for
from storage import checkins, leave, personal


@dataclass(frozen=True)
class Moment:
    """When a rule reminds: *minutes* before the start, or at a clock time *days* before."""

    minutes: int | None = None
    days: int = 0
    at: time = time(0)


def handle(understood: Understood, context: Context) -> Reply:
    action = understood.slots.get("action")
    if action == "set":
        return set_lead(int(str(understood.slots.get("lead_minutes") or 0)), context)
    if action == "default":
        return store(context, "reminding/set", lead_min=None)
    # 明天不要提醒我, 周四提醒我: one day is meant, and all reminders must not go or come for it.
    is_one_day = "date" in understood.slots
    if action == "off":
        return Reply("reminding/one_day") if is_one_day else mute(context)
    if action == "on" and not is_one_day:
        return switch_on(context)
    return Reply(
        "reminding/show", {**shown(context, context.person), "is_alarm": is_one_day and action == "on"}
    )


def mute(context: Context) -> Reply:
    person = context.person
    if not is_on(context, person):
        return Reply("reminding/already_off", {"hears_changes": hears_changes(context, person)})
    personal.set_reminding(
        context.tx, person.person_id, muted=True, asked=person.asked_reminders, lead_min=person.lead_min
    )
    return Reply("reminding/off")


def switch_on(context: Context) -> Reply:
    if is_on(context, context.person):
        return Reply("reminding/on", {**shown(context, context.person), "is_new": False})
    return store(context, "reminding/on", lead_min=context.person.lead_min)


def set_lead(minutes: int, context: Context) -> Reply:
    verdict = distance(minutes)
    if verdict != "fine":
        return Reply(f"reminding/{verdict}", {"least": LEAST_LEAD_MIN, "most_h": MOST_LEAD_MIN // 60})
    return store(context, "reminding/set", lead_min=minutes)


def store(context: Context, template: str, lead_min: int | None) -> Reply:
    """Reminders on, at that distance. Whoever need not come gets them for the asking (研2 without 加入)."""
    person = context.person
    asked = person.asked_reminders or not is_obliged_at_all(context, person)
    wanted = replace(person, muted=False, asked_reminders=asked, lead_min=lead_min)
    personal.set_reminding(context.tx, person.person_id, muted=False, asked=asked, lead_min=lead_min)
    return Reply(template, {**shown(context, wanted), "is_new": True})


def is_obliged_at_all(context: Context, person: Person) -> bool:
    programme = context.programme
    return must_come(programme, person) or (person.opted_in and may_come(programme, person))


def is_on(context: Context, person: Person) -> bool:
    return not person.muted and (person.asked_reminders or is_obliged_at_all(context, person))


def hears_changes(context: Context, person: Person) -> bool:
    """Whether *person* is told of a change whatever was switched off (programme/changes.py)."""
    return person.asked_reminders or is_obliged_at_all(context, person)


def shown(context: Context, person: Person) -> dict[str, object]:
    """How *person* is reminded, and when the next time."""
    return {
        "is_on": is_on(context, person),
        "is_muted": person.muted,
        "hears_changes": hears_changes(context, person),
        "is_own": person.lead_min is not None,
        "is_voluntary": may_come(context.programme, person) and not is_obliged_at_all(context, person),
        "moments": moments_of(context.setup.reminders, person),
        "untimed_at": context.setup.untimed_at,
        "coming": coming(context, person),
    }


def moments_of(rules: tuple[ReminderRule, ...], person: Person) -> list[Moment]:
    """The moments of the rules for those who must come, the last one replaced by the person's own."""
    meant = [rule.offset for rule in rules if rule.audience in ("obliged", "everyone")]
    at_a_time = [Moment(days=o.days, at=o.at) for o in meant if not isinstance(o, BeforeStart)]
    ahead = sorted({o.ahead for o in meant if isinstance(o, BeforeStart)}, reverse=True)
    if person.lead_min is not None and rules:
        ahead = [timedelta(minutes=person.lead_min)]
    counted = [Moment(minutes=stretch // timedelta(minutes=1)) for stretch in ahead]
    return [*dict.fromkeys(at_a_time), *counted]


def coming(context: Context, person: Person) -> dict[str, object] | None:
    """The next reminder of *person*, leaving out what they are excused from or already at."""
    programme_id = context.programme.programme_id
    stored = checkins.of_person(context.tx, programme_id, person.person_id)
    excused = {row.occurrence_id for row in stored}
    excused |= {
        asked.occurrence_id
        for asked in leave.of_person(context.tx, programme_id, person.person_id)
        if asked.state == "granted"
    }
    found = next_for(
        person, context.programme, context.setup.reminders, context.setup.untimed_at, context.at, excused
    )
    if found is None:
        return None
    due_at: datetime = found.due_at.astimezone(context.setup.zone)
    event = found.event
    return {
        "due_at": due_at,
        "on": event.occurrence.held_on,
        "start": event.occurrence.start,
        "period": event.session.period,
        "items": event.session.items,
    }
