"""同意 3 · 驳回 3: an approver's one-word decision over a numbered request."""

from __future__ import annotations

from handlers import binding
from handlers.binding import Decision
from handlers.context import Context
from language.understood import Understood
from messages.envelope import Reply
from storage import requests


def handle(understood: Understood, context: Context) -> Reply:
    """Bare 同意 acts when exactly one request is open, else lists them (design D9)."""
    if not context.person.roles & {"lead", "mentor", "admin"}:
        return Reply("approval/not_for_you")
    is_approved = understood.slots.get("decision") != "reject"
    number = understood.slots.get("number")
    if number is not None:
        return by_number(int(number), is_approved, context)
    waiting = requests.open_for(context.tx, context.person.person_id)
    if len(waiting) == 1:
        return by_number(waiting[0].numbers[context.person.person_id], is_approved, context)
    listed = [
        {
            "number": request.numbers[context.person.person_id],
            "person": context.snapshot.person(str(request.person_id)),
            "kind": request.kind,
        }
        for request in waiting
    ]
    return Reply("approval/list" if waiting else "approval/nothing", {"requests": listed})


def by_number(number: int, is_approved: bool, context: Context) -> Reply:
    request = requests.find(context.tx, context.person.person_id, number)
    if request is None:
        return Reply("approval/no_such_number", {"number": number})
    if request.state != "open":
        return Reply("approval/already_decided", {"number": number})
    return binding.decide(Decision(request, is_approved, number), context)
