"""事后说明: 说明 7/11 原因 after the session; the lead decides whether an absence becomes leave (B18)."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import timedelta

from handlers import checkin
from handlers.approving import approvers_for, put_to
from handlers.asking import ask
from handlers.context import Context
from handlers.presence import days_of, events_of, is_closed, note, told
from handlers.schedule import shown
from language.understood import Understood
from messages.envelope import Reply
from programme.attendance import is_obliged
from programme.people import Person
from programme.policy import number_of
from programme.schedule import Event, events_for
from storage import checkins, leave, pending
from storage.pending import Pending

OFFERED = frozenset({"提交"})


def handle(understood: Understood, context: Context) -> Reply:
    """说明 [日期] 原因: why somebody was late or away; without a day the last session with either."""
    reason = str(understood.slots.get("reason") or "")
    days = days_of(understood)
    person = context.person
    begun = [
        e
        for e in events_for(context.programme, person)
        if e.is_held and not e.is_cancelled and is_obliged(person, e) and has_opened(e, context)
    ]
    if days:
        named = [e for e in begun if e.occurrence.held_on in days]
        return submit(named, reason, context) if named else Reply("explanation/nothing_on", {"days": days})
    last = next((e for e in reversed(begun) if wants_words(e, context)), None)
    return submit([last], reason, context) if last else Reply("explanation/nothing_to_explain")


def has_opened(event: Event, context: Context) -> bool:
    return checkin.opening(event, context) <= context.at


def wants_words(event: Event, context: Context) -> bool:
    """Whether the sender was late, or away without leave."""
    occurrence_id, person_id = event.occurrence.occurrence_id, context.person.person_id
    stored = checkins.find(context.tx, occurrence_id, person_id)
    if stored is not None:
        return stored.state == "late"
    known = leave.find(context.tx, person_id, occurrence_id)
    return is_closed(event, context) and (known is None or known.state not in ("asked", "granted"))


def offer(events: Sequence[Event], reason: str, context: Context) -> Reply:
    """请假 for what has begun: it is over, but may be explained; 提交 sends it (B18)."""
    refused = settled(events, context) or refusal(events, reason, context)
    if refused is not None:
        return refused
    ids = [event.occurrence.occurrence_id for event in events]
    ask(context, "explain", {"occurrence_ids": ids, "reason": reason})
    values = {
        "events": told(events, context),
        "is_over": all(is_closed(event, context) for event in events),
        "reason": reason,
        "approvers": [approver.name for approver in approvers_for(context)],
    }
    return Reply("explanation/offer", values)


def confirmed(understood: Understood, context: Context, asked: Pending) -> Reply | None:
    """提交 after 「我可以提交事后说明」."""
    if understood.text.strip() not in OFFERED and understood.intent != "confirm":
        return None
    pending.close(context.tx, context.inbound.channel, context.inbound.sender)
    events = events_of(asked.data.get("occurrence_ids"), context, context.person.person_id)
    return submit(events, str(asked.data.get("reason") or ""), context)


def settled(events: Sequence[Event], context: Context) -> Reply | None:
    """What is on record already where somebody asks for leave too late: a check-in, or that very leave."""
    person_id = context.person.person_id
    states = []
    for event in events:
        stored = checkins.find(context.tx, event.occurrence.occurrence_id, person_id)
        if stored is not None:
            values = checkin.shown(event, context) | checkin.kept(stored, context)
            return Reply("explanation/on_record", values)
        known = leave.find(context.tx, person_id, event.occurrence.occurrence_id)
        states.append(known.state if known else None)
    if all(state in ("asked", "granted") for state in states):
        return Reply("explanation/already", {"events": told(events, context), "state": states[0]})
    return None


def refusal(events: Sequence[Event], reason: str, context: Context) -> Reply | None:
    """Why these sessions cannot be explained; None where they can."""
    if not reason:
        return Reply("explanation/which_reason", {"event": shown(events[0], context)})
    for event in events:
        stored = checkins.find(context.tx, event.occurrence.occurrence_id, context.person.person_id)
        if stored is not None and stored.state != "late":
            values = checkin.shown(event, context) | checkin.kept(stored, context)
            return Reply("explanation/on_record", values)
    within = number_of(context.programme, "explain_within_days", context.setup.lab_defaults)
    first = min(event.occurrence.held_on for event in events)
    if context.at.date() - first > timedelta(days=within):
        return Reply("explanation/too_late", {"events": told(events, context), "within": within})
    return None


def submit(events: Sequence[Event], reason: str, context: Context) -> Reply:
    refused = refusal(events, reason, context)
    if refused is not None:
        return refused
    late = [event for event in events if was_late(event, context)]
    if late:
        return tell_lateness(late[-1], reason, context)
    approvers = approvers_for(context)
    if not approvers:
        return Reply("leave/nobody_to_ask")
    new = [event for event in events if ask_leave(event, reason, context)]
    if not new:
        known = leave.find(context.tx, context.person.person_id, events[0].occurrence.occurrence_id)
        state = known.state if known else "asked"
        return Reply("explanation/already", {"events": told(events, context), "state": state})
    request_decision(new, reason, approvers, context)
    values = {"events": told(new, context), "reason": reason, "approvers": [a.name for a in approvers]}
    return Reply("explanation/submitted", values)


def was_late(event: Event, context: Context) -> bool:
    stored = checkins.find(context.tx, event.occurrence.occurrence_id, context.person.person_id)
    return stored is not None and stored.state == "late"


def ask_leave(event: Event, reason: str, context: Context) -> bool:
    return leave.ask(
        context.tx,
        context.programme.programme_id,
        context.person.person_id,
        event.occurrence.occurrence_id,
        reason,
        context.at,
    )


def request_decision(
    events: Sequence[Event], reason: str, approvers: Sequence[Person], context: Context
) -> None:
    person = context.person
    data = {"occurrence_ids": [e.occurrence.occurrence_id for e in events], "reason": reason}
    values = {"name": person.name, "cohort": person.cohort, "events": told(events, context), "reason": reason}
    put_to(approvers, "explain", data, "explanation/please_decide", values, context)
    note(context, "explain_absence", events, reason)


def tell_lateness(event: Event, reason: str, context: Context) -> Reply:
    """Lateness stays what it is; the lead reads why, and it stands in the record."""
    stored = checkins.find(context.tx, event.occurrence.occurrence_id, context.person.person_id)
    late_min = stored.late_min if stored else 0
    values = {"events": told([event], context), "late_min": late_min, "reason": reason}
    approvers = approvers_for(context)
    for approver in approvers:
        key = f"late:{context.inbound.message_id}:{approver.person_id}"
        context.push(key, approver.person_id, "explanation/why_late", values | {"name": context.person.name})
    note(context, "explain_lateness", [event], reason)
    return Reply("explanation/lateness_noted", values | {"approvers": [a.name for a in approvers]})
