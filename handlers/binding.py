"""绑定: who is behind an account. A name and a number alone never bind (design D13)."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

from handlers.asking import ask
from handlers.context import Context, StrangerContext
from language.titles import best_titles
from language.understood import Understood
from messages.envelope import Push, Reply
from programme.codes import bind_code_hash
from programme.people import Person
from storage import audit, checkins, outbox, pending, people, requests
from storage.pending import Pending
from storage.people import Account
from storage.requests import Request

LOOKS_ALIKE = 0.6  # two characters of three: 王晓明 for 王小明


def guide(understood: Understood, context: StrangerContext) -> Reply:
    """The first words to somebody whom the roster does not place (B01)."""
    waiting = requests.open_of_asker(context.tx, context.inbound.channel, context.inbound.sender, "bind")
    return Reply("binding/waiting" if waiting else "binding/guide")


def unplaced_checkin(understood: Understood, context: StrangerContext) -> Reply:
    """签到 of an unknown account: nothing counts, but the time of the attempt is kept (B01)."""
    checkins.record_attempt(
        context.tx, None, context.inbound.channel, context.inbound.sender, context.at, "check_in"
    )
    return Reply("binding/checkin_unknown", {"at": context.at})


def bind(understood: Understood, context: StrangerContext) -> Reply:
    name = str(understood.slots.get("name") or "")
    number = str(understood.slots.get("student_id") or "")
    code = str(understood.slots.get("code") or "")
    if code or (not name and number):
        return with_code(code or number, context)
    waiting = requests.open_of_asker(context.tx, context.inbound.channel, context.inbound.sender, "bind")
    if waiting:
        return Reply("binding/waiting")
    if not name or not number:
        return Reply("binding/how")
    found = [p for p in everyone(context) if p.student_no == number]
    match = next((p for p in found if p.name == name), None)
    if match is None:
        return not_listed(name, found, context)
    if taken(match, context):
        ask(context, "rebind", {"person_id": match.person_id})
        return Reply("binding/taken")
    ask(context, "bind", {"person_id": match.person_id})
    return Reply("binding/confirm", {"person": match})


def with_code(code: str, context: StrangerContext) -> Reply:
    """The roster's one-time code binds at once; it works once."""
    hashed = bind_code_hash(context.setup.signing_key, code)
    for programme_id in context.snapshot.programme_ids():
        person_id = people.use_bind_code(context.tx, programme_id, hashed, context.moment)
        person = context.snapshot.person(person_id) if person_id else None
        if person is None:
            continue
        account = Account(context.inbound.channel, context.inbound.sender, programme_id, person.person_id)
        if not people.bind(context.tx, account, "code", context.at):
            return Reply("binding/taken")
        record(context, person, "bind", "code")
        return Reply("binding/bound", {"person": person})
    return Reply("binding/bad_code")


def not_listed(name: str, same_number: list[Person], context: StrangerContext) -> Reply:
    """No such pair; a near name of the roster is offered, never who owns a number (B03)."""
    names = sorted({p.name for p in everyone(context) if "student" in p.roles})
    near = [names[i] for i, score in best_titles(name, names, 1) if score >= LOOKS_ALIKE and names[i] != name]
    return Reply("binding/not_listed", {"name": name, "near": near[0] if near and same_number else None})


def confirmed(understood: Understood, context: StrangerContext, asked: Pending) -> Reply | None:
    """确认 after 绑定: the lead (or the admin) is asked; they know the face, the number proves nothing."""
    is_rebind = understood.intent == "rebind" and asked.kind == "rebind"
    if understood.intent != "confirm" and not is_rebind:
        return None
    person = context.snapshot.person(str(asked.data["person_id"]))
    if person is None:
        return Reply("guide/question_gone")
    pending.close(context.tx, context.inbound.channel, context.inbound.sender)
    already = requests.open_of_asker(context.tx, context.inbound.channel, context.inbound.sender, "bind")
    if already:
        return Reply("binding/waiting")
    approvers = approvers_of(person, context, only_admin=asked.kind == "rebind")
    if not approvers:
        return Reply("binding/nobody_to_ask")
    request = requests.ask(
        context.tx,
        person.programme_id,
        "bind",
        (context.inbound.channel, context.inbound.sender),
        person.person_id,
        {"is_rebind": asked.kind == "rebind"},
        tuple(p.person_id for p in approvers),
        context.at,
    )
    for approver in approvers:
        tell_approver(request, approver, person, context, is_rebind=asked.kind == "rebind")
    return Reply("binding/asked", {"approvers": approvers, "person": person})


def tell_approver(
    request: Request, approver: Person, person: Person, context: StrangerContext, *, is_rebind: bool
) -> None:
    push = Push(
        dedupe_key=f"bind_request:{request.request_id}:{approver.person_id}",
        person_id=approver.person_id,
        template="binding/please_decide",
        values={
            "name": person.name,
            "cohort": person.cohort,
            "group": person.group,
            "number": request.numbers[approver.person_id],
            "is_rebind": is_rebind,
        },
        due_at=context.at,
    )
    outbox.enqueue(context.tx, person.programme_id, push, context.at)


def approvers_of(person: Person, context: StrangerContext, *, only_admin: bool) -> tuple[Person, ...]:
    """The lead of the person's group; the admins where there is none, or where an account changes hands."""
    all_people = context.snapshot.people_in(person.programme_id)
    leads = tuple(p for p in all_people if "lead" in p.roles and p.group and p.group == person.group)
    if leads and not only_admin:
        return leads
    return tuple(p for p in all_people if "admin" in p.roles)


@dataclass(frozen=True)
class Decision:
    request: Request
    is_approved: bool
    number: int


def decide(decision: Decision, context: Context) -> Reply:
    """同意 3 / 驳回 3 of a lead or the admin about somebody's account."""
    request = decision.request
    person = context.snapshot.person(str(request.person_id))
    if person is None:
        return Reply("guide/question_gone")
    by = context.person.person_id
    verdict: Literal["approved", "rejected"] = "approved" if decision.is_approved else "rejected"
    if not requests.decide(context.tx, request.request_id, verdict, by, context.at):
        return Reply("approval/already_decided", {"number": decision.number})
    channel, account = request.channel, request.account
    if not decision.is_approved:
        return Reply("binding/rejected", {"person": person})
    if is_anothers(channel, account, person, context):
        return Reply("binding/of_another", {"person": person})
    if request.data.get("is_rebind"):
        people.unbind(context.tx, channel, person.person_id)
    if not people.bind(
        context.tx, Account(channel, account, person.programme_id, person.person_id), by, context.at
    ):
        return Reply("binding/taken_meanwhile", {"person": person})
    zone = context.setup.zone
    attempts = [at.astimezone(zone) for at in checkins.attempts_of(context.tx, channel, account)]
    context.push(f"bound:{request.request_id}", person.person_id, "binding/welcome", {"name": person.name})
    audit_bind(context, person, by)
    return Reply("binding/approved", {"person": person, "attempts": attempts[-3:]})


def is_anothers(channel: str, account: str, person: Person, context: Context) -> bool:
    """Whether the account has become somebody else's since the request: then nobody loses theirs."""
    held = people.account_of(context.tx, channel, account)
    return any(a.programme_id == person.programme_id and a.person_id != person.person_id for a in held)


def audit_bind(context: Context, person: Person, how: str) -> None:
    audit.write(
        context.tx,
        person.programme_id,
        context.at,
        context.person.person_id,
        "bind",
        f"person:{person.person_id}",
        None,
        how,
        None,
    )


def record(context: StrangerContext, person: Person, action: str, how: str) -> None:
    audit.write(
        context.tx,
        person.programme_id,
        context.at,
        person.person_id,
        action,
        f"person:{person.person_id}",
        None,
        how,
        None,
    )


def already_bound(understood: Understood, context: Context) -> Reply:
    """绑定 of somebody who is already known."""
    return Reply("binding/already", {"person": context.person})


def everyone(context: StrangerContext) -> list[Person]:
    return [p for pid in context.snapshot.programme_ids() for p in context.snapshot.people_in(pid)]


def taken(person: Person, context: StrangerContext) -> bool:
    accounts = people.accounts_of(context.tx, person.programme_id, person.person_id)
    return any(account.channel == context.inbound.channel for account in accounts)
