"""同意 3 · 驳回 3 · 撤回 3 about a guarantee: what it makes of the check-ins it covers; both sides hear of it."""

from __future__ import annotations

from collections.abc import Sequence

from handlers.approving import Decision, close
from handlers.context import Context
from handlers.presence import events_of, note, told
from messages.envelope import Reply
from programme.schedule import Event
from storage import checkins, guarantees, requests
from storage.guarantees import Guarantee
from storage.requests import Request


def decide(decision: Decision, context: Context) -> Reply:
    """The named guarantor's word; who asked hears of it."""
    if not close(decision, context):
        return Reply("approval/already_decided", {"number": decision.number})
    request = decision.request
    guarantee_id, person_id = request.request_id, str(request.person_id)
    events = events_of(request.data.get("occurrence_ids"), context, person_id)
    if decision.is_approved:
        return grant(guarantee_id, person_id, events, decision.number, context)
    guarantees.decide(context.tx, guarantee_id, "refused", context.at)
    values = {"events": told(events, context), "by": context.person.name, "reason": decision.reason}
    context.push(f"guarantee_refused:{guarantee_id}", person_id, "guarantee/refused", values)
    note(context, "refuse_guarantee", events, decision.reason, person_id)
    return Reply("guarantee/refused_by_you", values | {"name": name_of_student(person_id, context)})


def grant(guarantee_id: str, person_id: str, events: Sequence[Event], number: int, context: Context) -> Reply:
    """Vouch for these sessions: who checked in online counts from now on, back to when they did."""
    guarantees.decide(context.tx, guarantee_id, "granted", context.at)
    counted = [e for e in events if checkins.vouch(context.tx, e.occurrence.occurrence_id, person_id)]
    values = {
        "events": told(events, context),
        "counted": told(counted, context),
        "by": context.person.name,
    }
    context.push(f"guarantee_granted:{guarantee_id}", person_id, "guarantee/granted", values)
    note(context, "grant_guarantee", events, None, person_id)
    return Reply(
        "guarantee/granted_by_you",
        values | {"name": name_of_student(person_id, context), "number": number},
    )


def withdraw(request: Request, number: int, context: Context) -> Reply:
    """撤回 3 of the guarantor: what it covered counts no longer; lists what that was."""
    guarantee = guarantees.find(context.tx, request.request_id)
    if guarantee is None or guarantee.guarantor_id != context.person.person_id:
        return Reply("approval/no_such_number", {"number": number})
    if guarantee.state == "asked":
        return Reply("guarantee/not_given_yet", {"number": number})
    if guarantee.state != "granted":
        return Reply("approval/already_decided", {"number": number})
    undone = end(guarantee, context)
    values = {
        "events": told_of(guarantee, context),
        "undone": told(undone, context),
        "by": context.person.name,
    }
    key = f"guarantee_withdrawn:{guarantee.guarantee_id}"
    context.push(key, guarantee.person_id, "guarantee/withdrawn", values)
    name = name_of_student(guarantee.person_id, context)
    return Reply("guarantee/withdrawn_by_you", values | {"name": name})


def end(guarantee: Guarantee, context: Context) -> tuple[Event, ...]:
    """It holds no longer; the sessions whose online check-in waits again for somebody to vouch."""
    guarantees.withdraw(context.tx, guarantee.guarantee_id, context.at)
    requests.withdraw(context.tx, guarantee.guarantee_id, context.at)
    events = events_of(guarantee.occurrence_ids, context, guarantee.person_id)
    undone = tuple(e for e in events if is_undone(e, guarantee.person_id, context))
    note(context, "withdraw_guarantee", events, None, guarantee.person_id)
    return undone


def is_undone(event: Event, person_id: str, context: Context) -> bool:
    occurrence_id = event.occurrence.occurrence_id
    if guarantees.in_force(context.tx, person_id, occurrence_id) is not None:
        return False
    return checkins.unvouch(context.tx, occurrence_id, person_id)


def told_of(guarantee: Guarantee, context: Context) -> list[dict[str, object]]:
    events = events_of(guarantee.occurrence_ids, context, guarantee.person_id)
    return told(events, context)


def described(guarantee: Guarantee, context: Context) -> dict[str, object]:
    """One line of a list: who, for what, since when, and at which sessions it was used."""
    student = context.snapshot.person(guarantee.person_id)
    guarantor = context.snapshot.person(guarantee.guarantor_id)
    events = events_of(guarantee.occurrence_ids, context, guarantee.person_id)
    is_granted = guarantee.state == "granted"
    used = [e for e in events if is_granted and is_used(e, guarantee.person_id, context)]
    return {
        "student": student.name if student else "（已不在名单）",
        "guarantor": guarantor.name if guarantor else "（已不在名单）",
        "state": guarantee.state,
        "events": told(events, context),
        "used": told(used, context),
        "number": number_of(guarantee, context),
        "reason": guarantee.reason,
    }


def is_used(event: Event, person_id: str, context: Context) -> bool:
    found = checkins.find(context.tx, event.occurrence.occurrence_id, person_id)
    return found is not None and found.proof == checkins.ONLINE and found.state in ("present", "late")


def number_of(guarantee: Guarantee, context: Context) -> int | None:
    """The number by which the sender, if they are the guarantor, answers or withdraws it."""
    request = requests.with_id(context.tx, guarantee.guarantee_id)
    return request.numbers.get(context.person.person_id) if request else None


def name_of_student(person_id: str, context: Context) -> str:
    person = context.snapshot.person(person_id)
    return person.name if person else "（已不在名单）"
