"""请假 周四 发烧 · 销假: asked in advance, decided by the lead with one word (B17); speakers who cannot come (B49)."""

from __future__ import annotations

import re
from collections.abc import Sequence

from handlers import explanation, speaker
from handlers.approving import Decision, approvers_for, close, put_to
from handlers.contacts import everybody
from handlers.context import Context
from handlers.not_here import not_here
from handlers.presence import days_of, events_of, has_begun, note, told
from handlers.schedule import shown
from language.understood import Understood
from messages.envelope import Reply
from programme.attendance import is_obliged
from programme.naming import people_meant
from programme.policy import needs_leave
from programme.schedule import Event, events_for, next_event
from storage import leave


def handle(understood: Understood, context: Context) -> Reply:
    if understood.slots.get("mode") == "late":
        return not_here("leave")(understood, context)
    other = str(understood.slots.get("name") or "")
    if is_for_another(other, understood.text, context):
        return Reply("leave/for_another", {"name": other})
    days = days_of(understood)
    if speaker.own_talks(context, days):
        return speaker.cannot_come(understood, days, context)
    if "student" not in context.person.roles:
        return Reply("leave/not_needed", {"person": context.person, "is_counted": False})
    if not days:
        coming = next_event(events_for(context.programme, context.person), context.at)
        return Reply("leave/which_day", {"coming": shown(coming, context) if coming else None})
    named = [e for e in events_for(context.programme, context.person) if e.occurrence.held_on in days]
    held = [event for event in named if event.is_held and not event.is_cancelled]
    if not held:
        return Reply("leave/nothing_on", {"days": days})
    counted = [event for event in held if is_obliged(context.person, event)]
    if not counted or not needs_leave(context.programme, context.person, context.setup.lab_defaults):
        return Reply("leave/not_needed", {"person": context.person, "is_counted": bool(counted)})
    reason = str(understood.slots.get("reason") or "")
    ahead = [event for event in counted if not has_begun(event, context)]
    return ask_for(ahead, reason, context) if ahead else explanation.offer(counted, reason, context)


def is_for_another(named: str, text: str, context: Context) -> bool:
    """帮李四请假, 李四明天请假: nobody asks for another; 请假 明天 陪李四看病 is one's own."""
    if not named or named == context.person.name or not people_meant(named, everybody(context)):
        return False
    name = re.escape(named)
    return re.search(rf"(?:帮|替|代|给)\s*{name}.{{0,6}}(?:请|告)|^\s*{name}", text) is not None


def ask_for(events: Sequence[Event], reason: str, context: Context) -> Reply:
    """Record the wish and ask whoever decides, in one request for all its days."""
    approvers = approvers_for(context)
    if not approvers:
        return Reply("leave/nobody_to_ask")
    programme_id, person = context.programme.programme_id, context.person
    new = [
        event
        for event in events
        if leave.ask(
            context.tx, programme_id, person.person_id, event.occurrence.occurrence_id, reason, context.at
        )
    ]
    if not new:
        known = leave.find(context.tx, person.person_id, events[0].occurrence.occurrence_id)
        state = known.state if known else "asked"
        return Reply("leave/already", {"events": told(events, context), "state": state})
    data = {"occurrence_ids": [e.occurrence.occurrence_id for e in new], "reason": reason}
    values = {"name": person.name, "cohort": person.cohort, "events": told(new, context), "reason": reason}
    put_to(approvers, "leave", data, "leave/please_decide", values, context)
    note(context, "ask_leave", new, reason)
    return Reply(
        "leave/asked",
        {"events": told(new, context), "reason": reason, "approvers": [a.name for a in approvers]},
    )


def decide(decision: Decision, context: Context) -> Reply:
    """同意 3 / 驳回 3 about a leave, asked before or explained afterwards; who asked hears of it."""
    if not close(decision, context):
        return Reply("approval/already_decided", {"number": decision.number})
    request = decision.request
    person_id = str(request.person_id)
    verdict: leave.Decision = "granted" if decision.is_approved else "refused"
    events = events_of(request.data.get("occurrence_ids"), context, person_id)
    for event in events:
        occurrence_id = event.occurrence.occurrence_id
        leave.decide(context.tx, person_id, occurrence_id, verdict, context.person.person_id, context.at)
    person = context.snapshot.person(person_id)
    values = {
        "events": told(events, context),
        "by": context.person.name,
        "is_approved": decision.is_approved,
        "reason": decision.reason,
    }
    values["is_afterwards"] = request.kind == "explain"
    context.push(f"leave_decided:{request.request_id}", person_id, "leave/decided", values)
    note(context, f"{verdict}_leave", events, decision.reason, person_id)
    return Reply("leave/decided_by_you", values | {"name": person.name if person else "（已不在名单）"})


def withdraw(understood: Understood, context: Context) -> Reply:
    """销假: the sender comes after all, on the named days or on all that lie ahead."""
    days = days_of(understood)
    person_id = context.person.person_id
    mine = leave.of_person(context.tx, context.programme.programme_id, person_id)
    ids = [one.occurrence_id for one in mine if one.state in ("asked", "granted")]
    ahead = [
        event
        for event in events_of(ids, context, person_id)
        if not has_begun(event, context) and (not days or event.occurrence.held_on in days)
    ]
    if not ahead:
        return Reply("leave/none_to_withdraw")
    granted = {one.occurrence_id for one in mine if one.state == "granted"}
    for event in ahead:
        leave.withdraw(context.tx, person_id, event.occurrence.occurrence_id, context.at)
    if any(event.occurrence.occurrence_id in granted for event in ahead):
        tell_back(ahead, context)
    note(context, "withdraw_leave", ahead, None)
    return Reply("leave/withdrawn", {"events": told(ahead, context)})


def tell_back(events: Sequence[Event], context: Context) -> None:
    """Who granted it expects an absence; they hear that there is none."""
    values = {"name": context.person.name, "events": told(events, context)}
    for approver in approvers_for(context):
        key = f"leave_back:{context.inbound.message_id}:{approver.person_id}"
        context.push(key, approver.person_id, "leave/back", values)
