"""换 李四: two people exchange their talks when both want it (R32, B32)."""

from __future__ import annotations

from handlers.approving import Decision, close, put_to
from handlers.contacts import named_person
from handlers.context import Context
from handlers.talks import plain_slot, starts_at
from language.understood import Understood
from messages.envelope import Reply
from programme.people import Person
from programme.talk_plan import TalkSlot
from storage import audit, requests, talks
from storage.requests import Request
from storage.talks import TalkPlan


def propose(understood: Understood, context: Context) -> Reply:
    """Ask the other; nothing changes before they agree."""
    plan = talks.current(context.tx, context.programme.programme_id)
    if plan is None:
        return Reply("talks/no_plan", {"days": []})
    if not plan.of(context.person.person_id):
        return Reply("talks/not_in_plan", {"is_student": "student" in context.person.roles})
    name = str(understood.slots.get("name") or "")
    namesakes = [p for p in context.snapshot.people_in(context.programme.programme_id) if p.name == name]
    if len(namesakes) > 1:
        return Reply("talks/which", {"name": name})
    other = named_person(name, context)
    if other is None or other.person_id == context.person.person_id:
        return Reply("talks/nobody_named", {"name": name, "is_self": other is not None})
    pair = slots_of(plan, context.person, other, context)
    if pair is None:
        return Reply("talks/nothing_to_swap", {"name": other.name})
    if any(swap.data.get("other") == other.person_id for swap in open_asked(context, other)):
        return Reply("talks/asked_already", {"name": other.name})
    return ask_other(plan, pair, other, context)


def slots_of(
    plan: TalkPlan, one: Person, other: Person, context: Context
) -> tuple[TalkSlot, TalkSlot] | None:
    """Both next talks that lie ahead; on the same day where everybody speaks on every day."""
    mine = [slot for slot in plan.of(one.person_id) if starts_at(slot, context) > context.at]
    theirs = [slot for slot in plan.of(other.person_id) if starts_at(slot, context) > context.at]
    is_both = max(len(plan.of(one.person_id)), len(plan.of(other.person_id))) > 1
    pairs = [(a, b) for a in mine for b in theirs if a.held_on == b.held_on or not is_both]
    return pairs[0] if pairs else None


def open_asked(context: Context, other: Person) -> list[Request]:
    waiting = requests.open_for(context.tx, other.person_id)
    return [r for r in waiting if r.kind == "swap" and r.person_id == context.person.person_id]


def ask_other(plan: TalkPlan, pair: tuple[TalkSlot, TalkSlot], other: Person, context: Context) -> Reply:
    mine, theirs = pair
    data = {"plan_no": plan.plan_no, "mine": mine.number, "theirs": theirs.number, "other": other.person_id}
    values = {"name": context.person.name, "theirs": plain_slot(mine), "yours": plain_slot(theirs)}
    put_to([other], "swap", data, "talks/please_swap", values, context)
    return Reply("talks/asked", {"name": other.name, "mine": mine, "theirs": theirs})


def accept(understood: Understood, context: Context) -> Reply:
    """换吧."""
    return answer(context, is_approved=True)


def refuse(understood: Understood, context: Context) -> Reply:
    """不换."""
    return answer(context, is_approved=False)


def answer(context: Context, *, is_approved: bool) -> Reply:
    waiting = [r for r in requests.open_for(context.tx, context.person.person_id) if r.kind == "swap"]
    if not waiting:
        return Reply("talks/nobody_asks")
    if len(waiting) > 1:
        asking = [
            {"number": r.numbers[context.person.person_id], "name": asker_of(r, context)} for r in waiting
        ]
        return Reply("talks/which_swap", {"asking": asking})
    request = waiting[0]
    return decide(Decision(request, is_approved, request.numbers[context.person.person_id]), context)


def asker_of(request: Request, context: Context) -> str:
    person = context.snapshot.person(str(request.person_id))
    return person.name if person else ""


def decide(decision: Decision, context: Context) -> Reply:
    """The other has answered: both hear what holds now."""
    request, data = decision.request, decision.request.data
    if not close(decision, context):
        return Reply("approval/already_decided", {"number": decision.number})
    asker, me = str(request.person_id), context.person.person_id
    name = asker_of(request, context)
    if not decision.is_approved:
        context.push(f"swap_no:{request.request_id}", asker, "talks/refused", {"name": context.person.name})
        return Reply("talks/refused_by_you", {"name": name})
    programme_id, plan_no = context.programme.programme_id, int(str(data["plan_no"]))
    plan = talks.current(context.tx, programme_id)
    numbers = {int(str(data["mine"])): asker, int(str(data["theirs"])): me}
    ahead = plan and all(starts_at(s, context) > context.at for s in plan.slots if s.number in numbers)
    if not ahead or talks.swap(context.tx, programme_id, plan_no, numbers, me, context.at) is None:
        context.push(
            f"swap_gone:{request.request_id}", asker, "talks/swap_gone", {"name": context.person.name}
        )
        return Reply("talks/swap_gone", {"name": name})
    assert plan is not None  # noqa: S101 - *ahead* is false without one
    slots = {slot.number: slot for slot in plan.slots}
    gets, gives = slots[int(str(data["mine"]))], slots[int(str(data["theirs"]))]
    audit.write(
        context.tx,
        programme_id,
        context.at,
        me,
        "swap",
        "talks",
        f"{asker}:{gets.number}",
        f"{me}:{gets.number}",
        None,
    )
    values = {"name": context.person.name, "slot": plain_slot(gives)}
    context.push(f"swap_yes:{request.request_id}", asker, "talks/swapped_told", values)
    return Reply("talks/swapped", {"name": name, "slot": gets})
