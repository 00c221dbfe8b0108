"""同意 3 · 驳回 3: an approver's one-word decision over a numbered request."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import replace

from handlers import binding, late_checkin, leave, own_topic, speaker, talk_swaps, vouching
from handlers.approving import Decision
from handlers.contacts import whom
from handlers.context import Context
from handlers.presence import events_of, told
from language.understood import Understood
from messages.envelope import Reply
from storage import requests
from storage.requests import Request

DECIDERS = frozenset({"lead", "mentor", "admin"})
# Kinds of requests → who carries out the decision.
DECIDERS_OF: Mapping[str, Callable[[Decision, Context], Reply]] = {
    "bind": binding.decide,
    "leave": leave.decide,
    "late_checkin": late_checkin.decide_request,
    "explain": leave.decide,
    "guarantee": vouching.decide,
    "opening_time": speaker.decide,
    "talk_off": speaker.decide,
    "swap": talk_swaps.decide,
    "own_topic": own_topic.decide,
}
# Kinds of decisions that can be taken back with 撤回 3.
UNDOERS_OF: Mapping[str, Callable[[Request, int, Context], Reply]] = {"guarantee": vouching.withdraw}


def handle(understood: Understood, context: Context) -> Reply:
    """Bare 同意 acts when exactly one request is open, else lists them (design D9)."""
    seats = seats_of(context)
    if not any(seat.person.roles & DECIDERS or is_asked(understood, seat) for seat in seats):
        return Reply("approval/not_for_you")
    is_approved = understood.slots.get("decision") != "reject"
    number = understood.slots.get("number")
    reason = str(understood.slots.get("reason") or "") or None
    if number is not None:
        return by_number(int(number), is_approved, reason, seats)
    waiting = [
        (request, seat) for seat in seats for request in requests.open_for(context.tx, seat.person.person_id)
    ]
    if len(waiting) == 1:
        request, seat = waiting[0]
        return decide(request, request.numbers[seat.person.person_id], is_approved, reason, seat)
    listed = [shown(request, seat) for request, seat in waiting]
    return Reply("approval/list" if waiting else "approval/nothing", {"requests": listed})


def is_asked(understood: Understood, seat: Context) -> bool:
    """Whether somebody without a role has been asked all the same: students decide over 换."""
    number, asked = understood.slots.get("number"), seat.person.person_id
    if number is not None:
        return requests.find(seat.tx, asked, int(number)) is not None
    return bool(requests.open_for(seat.tx, asked))


def seats_of(context: Context) -> list[Context]:
    """The sender in each programme they take part in, the present one first: a request of another
    programme is theirs to decide, too."""
    people = context.snapshot.people_for(context.inbound.channel, context.inbound.sender)
    seats = [context]
    for person in people:
        programme = context.snapshot.programme(person.programme_id)
        if programme is not None and person.programme_id != context.programme.programme_id:
            seats.append(replace(context, person=person, programme=programme))
    return seats


def shown(request: Request, seat: Context) -> dict[str, object]:
    person = seat.snapshot.person(str(request.person_id))
    return {
        "number": request.numbers[seat.person.person_id],
        "person": person,
        "kind": request.kind,
        **(binding.told_request(request, person, seat) if person and request.kind == "bind" else {}),
        "events": told(events_of(occurrences_in(request), seat, str(request.person_id)), seat),
        "reason": request.data.get("reason"),
        "title": request.data.get("title"),
    }


def occurrences_in(request: Request) -> object:
    """The occurrences a request is about: a leave has several, a check-in one."""
    return request.data.get("occurrence_ids") or [request.data.get("occurrence_id")]


def waiting(context: Context) -> Reply:
    """待审批: what waits for the sender, without deciding any of it."""
    seats = seats_of(context)
    if not any(seat.person.roles & DECIDERS for seat in seats):
        return Reply("approval/not_for_you")
    listed = [
        shown(request, seat)
        for seat in seats
        for request in requests.open_for(context.tx, seat.person.person_id)
    ]
    return Reply("approval/list" if listed else "approval/nothing", {"requests": listed})


def by_number(number: int, is_approved: bool, reason: str | None, seats: list[Context]) -> Reply:
    """Numbers are counted per programme: an open request of that number goes before a closed one."""
    found = [(requests.find(seat.tx, seat.person.person_id, number), seat) for seat in seats]
    known = [(request, seat) for request, seat in found if request is not None]
    if not known:
        return Reply("approval/no_such_number", {"number": number})
    request, seat = next(((r, s) for r, s in known if r.state == "open"), known[0])
    return decide(request, number, is_approved, reason, seat)


def take_back(number: int, context: Context) -> Reply:
    """撤回 3: what was decided under that number, where such a decision can be undone."""
    found = [(requests.find(s.tx, s.person.person_id, number), s) for s in seats_of(context)]
    known = [(request, seat) for request, seat in found if request is not None]
    if not known:
        return Reply("approval/no_such_number", {"number": number})
    request, seat = next(((r, s) for r, s in known if r.kind in UNDOERS_OF), known[0])
    undo = UNDOERS_OF.get(request.kind)
    if undo is None:
        return Reply("topic/cannot_withdraw", {"target": "number"} | whom(context))
    return undo(request, number, seat)


def decide(request: Request, number: int, is_approved: bool, reason: str | None, seat: Context) -> Reply:
    if request.state != "open":
        return Reply("approval/already_decided", {"number": number})
    decider = DECIDERS_OF.get(request.kind, binding.decide)
    return decider(Decision(request, is_approved, number, reason), seat)
