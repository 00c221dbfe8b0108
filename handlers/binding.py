"""绑定: who is behind an account. A name and a number alone never bind (design D13)."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace

from handlers import guide as guide_
from handlers import late_checkin
from handlers.approving import Decision, close
from handlers.asking import ask
from handlers.context import Context, StrangerContext
from handlers.names import name_of
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
    """The first words to somebody whom the roster does not place (B01); what became of a request."""
    last = requests.last_of_asker(context.tx, context.inbound.channel, context.inbound.sender, "bind")
    if last is None or last.state in ("withdrawn", "approved"):
        return Reply("binding/guide")
    if last.state == "open":
        return waiting(last, context)
    return Reply("binding/was_refused", told_refusal(last, context))


def waiting(request: Request, context: StrangerContext) -> Reply:
    """Since when, for how long, and who decides: and how to correct what was mistyped."""
    zone = context.setup.zone
    return Reply(
        "binding/waiting",
        {
            "name": name_of(request.person_id, context),
            "asked_at": request.asked_at.astimezone(zone),
            "is_today": request.asked_at.astimezone(zone).date() == context.at.date(),
            "waited_min": int((context.at - request.asked_at).total_seconds() // 60),
            "deciders": [name_of(person_id, context) for person_id in request.numbers],
        },
    )


def told_refusal(request: Request, context: StrangerContext | Context) -> dict[str, object]:
    """JSON values of the news to an asker that somebody decided otherwise."""
    zone = context.setup.zone
    return {
        "name": name_of(request.person_id, context),
        "asked": f"{request.asked_at.astimezone(zone):%-m/%-d %H:%M}",
        "by": name_of(request.decided_by, context),
        "is_superseded": request.state == "superseded",
    }


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
    if not name or not number:
        return Reply("binding/how")
    found = [p for p in everyone(context) if p.student_no == number]
    match = next((p for p in found if p.name == name), None)
    if match is None:
        return not_listed(name, found, context)
    asked = requests.open_of_asker(context.tx, context.inbound.channel, context.inbound.sender, "bind")
    if asked and asked.person_id == match.person_id:
        return waiting(asked, context)
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
        late_checkin.ask_for_attempts(person, (context.inbound.channel, context.inbound.sender), context)
        also = bind_twins(person, (context.inbound.channel, context.inbound.sender), "code", context)
        return Reply("binding/bound", {"person": person, "also": also})
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
    if already and already.person_id == person.person_id:
        return waiting(already, context)
    approvers = approvers_of(person, context, only_admin=asked.kind == "rebind")
    if not approvers:
        return Reply("binding/nobody_to_ask")
    if already:
        requests.withdraw(context.tx, already.request_id, context.at)
    others = requests.open_about(context.tx, person.programme_id, person.person_id, "bind")
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
        tell_approver(request, approver, person, context, others)
    return Reply("binding/asked", {"approvers": approvers, "person": person, "replaces": already is not None})


def withdrawn(understood: Understood, context: StrangerContext) -> Reply:
    """取消 of a stranger: the open question, else the request that waits."""
    asked = pending.open_question(context.tx, context.inbound.channel, context.inbound.sender, context.moment)
    request = requests.open_of_asker(context.tx, context.inbound.channel, context.inbound.sender, "bind")
    if asked is not None or request is None:
        return guide_.deny(understood, context)
    requests.withdraw(context.tx, request.request_id, context.at)
    return Reply("binding/withdrawn", {"name": name_of(request.person_id, context)})


def tell_approver(
    request: Request,
    approver: Person,
    person: Person,
    context: StrangerContext,
    others: tuple[Request, ...],
) -> None:
    """Who asks, through which door, since when; who the person is already, and who else asked."""
    push = Push(
        dedupe_key=f"bind_request:{request.request_id}:{approver.person_id}",
        person_id=approver.person_id,
        template="binding/please_decide",
        values={
            "name": person.name,
            "cohort": person.cohort,
            "group": person.group,
            "number": request.numbers[approver.person_id],
            **told_request(request, person, context),
            "others": [told_request(other, person, context) for other in others],
        },
        due_at=context.at,
    )
    outbox.enqueue(context.tx, person.programme_id, push, context.at)


def told_request(request: Request, person: Person, context: StrangerContext | Context) -> dict[str, object]:
    """JSON values by which an approver tells two requests for one person apart."""
    asked_at = request.asked_at.astimezone(context.setup.zone)
    held = people.accounts_of(context.tx, person.programme_id, person.person_id)
    return {
        "channel": request.channel,
        "account_end": request.account[-4:],
        "asked": f"{asked_at:%-m/%-d %H:%M}",
        "is_rebind": bool(request.data.get("is_rebind")),
        "held": [account.channel for account in held],
    }


def approvers_of(person: Person, context: StrangerContext, *, only_admin: bool) -> tuple[Person, ...]:
    """The lead of the person's group, never that very person; the admins where there is none, or where
    an account changes hands."""
    all_people = context.snapshot.people_in(person.programme_id)
    leads = tuple(
        p for p in all_people if "lead" in p.roles and p.group and p.group == person.group and p != person
    )
    if leads and not only_admin:
        return leads
    return tuple(p for p in all_people if "admin" in p.roles)


def decide(decision: Decision, context: Context) -> Reply:
    """同意 3 / 驳回 3 of a lead or the admin about somebody's account."""
    request = decision.request
    person = context.snapshot.person(str(request.person_id))
    if person is None:
        return Reply("guide/question_gone")
    by = context.person.person_id
    if not close(decision, context):
        return Reply("approval/already_decided", {"number": decision.number})
    channel, account = request.channel, request.account
    if not decision.is_approved:
        tell_asker(replace(request, state="rejected", decided_by=by), context)
        return Reply("binding/rejected", {"person": person})
    if is_anothers(channel, account, person, context):
        return Reply("binding/of_another", {"person": person})
    before = people.accounts_of(context.tx, person.programme_id, person.person_id)
    if request.data.get("is_rebind"):
        people.unbind(context.tx, channel, person.person_id)
    if not people.bind(
        context.tx, Account(channel, account, person.programme_id, person.person_id), by, context.at
    ):
        tell_asker(replace(request, state="rejected", decided_by=by), context)
        return Reply("binding/taken_meanwhile", {"person": person})
    zone = context.setup.zone
    attempts = [at.astimezone(zone) for at in checkins.attempts_of(context.tx, channel, account)]
    context.push(f"bound:{request.request_id}", person.person_id, "binding/welcome", {"name": person.name})
    replaced = next((a.account for a in before if a.channel == channel), None)
    also = bind_twins(person, (channel, account), by, context, replaced=replaced)
    tell_old_accounts(request, before, person, context)
    closed = close_others(request, context)
    audit_bind(context, person, by)
    late_checkin.ask_for_attempts(person, (channel, account), context)
    kept = [a.channel for a in before if (a.channel, a.account) != (channel, account)]
    if request.data.get("is_rebind"):
        kept = [held for held in kept if held != channel]
    values = {
        "person": person,
        "attempts": attempts[-3:],
        "kept": kept,
        "closed": closed,
        "channel": channel,
    } | {"also": also}
    return Reply("binding/approved", values)


def tell_asker(request: Request, context: Context) -> None:
    """The news to whoever asked, at the account they asked from."""
    to = (request.channel, request.account)
    push_to(
        f"bind_refused:{request.request_id}",
        to,
        "binding/was_refused",
        told_refusal(request, context),
        request,
        context,
    )


def tell_old_accounts(
    request: Request, before: tuple[Account, ...], person: Person, context: Context
) -> None:
    """Each account that was the person's hears once that there is another now, or one in its place."""
    for old in before:
        if (old.channel, old.account) == (request.channel, request.account):
            continue
        values = {
            "name": person.name,
            "channel": request.channel,
            "by": context.person.name,
            "on": f"{context.at:%-m/%-d %H:%M}",
            "is_replaced": bool(request.data.get("is_rebind")) and old.channel == request.channel,
        }
        key = f"bound_elsewhere:{request.request_id}:{old.channel}"
        push_to(key, (old.channel, old.account), "binding/bound_elsewhere", values, request, context)


def push_to(
    key: str,
    to: tuple[str, str],
    template: str,
    values: Mapping[str, object],
    request: Request,
    context: Context,
) -> None:
    push = Push(key, str(request.person_id), template, values, context.at, to=to)
    outbox.enqueue(context.tx, request.programme_id, push, context.at)


def close_others(request: Request, context: Context) -> int:
    """The other requests for the same person end, and their askers hear it; how many those were."""
    others = requests.open_about(context.tx, request.programme_id, str(request.person_id), "bind")
    for other in others:
        requests.decide(context.tx, other.request_id, "superseded", context.person.person_id, context.at)
        told = replace(other, state="superseded", decided_by=context.person.person_id)
        tell_asker(told, context)
    return len(others)


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
    """绑定 of somebody who is already known; a programme that came later takes them in, too."""
    also = bind_twins(
        context.person, (context.inbound.channel, context.inbound.sender), context.person.person_id, context
    )
    return Reply("binding/already", {"person": context.person, "also": also})


def bind_twins(
    person: Person,
    account: tuple[str, str],
    how: str,
    context: Context | StrangerContext,
    replaced: str | None = None,
) -> list[str]:
    """The same account for the same person (number and name) in the other programmes; their titles.

    An account that somebody has there stays, unless it is *replaced*, the one that changes hands here.
    """
    found = []
    channel, name = account
    for twin in twins_of(person, context):
        held = people.accounts_of(context.tx, twin.programme_id, twin.person_id)
        if replaced is not None and any((a.channel, a.account) == (channel, replaced) for a in held):
            people.unbind(context.tx, channel, twin.person_id)
        elif any(a.channel == channel for a in held):
            continue
        wanted = Account(channel, name, twin.programme_id, twin.person_id)
        programme = context.snapshot.programme(twin.programme_id)
        if people.bind(context.tx, wanted, how, context.at) and programme is not None:
            found.append(programme.title)
    return found


def twins_of(person: Person, context: Context | StrangerContext) -> list[Person]:
    """The same person in other programmes; nobody without a student number can be told to be the same."""
    if person.student_no is None:
        return []
    return [
        other
        for other in everyone(context)
        if (other.student_no, other.name) == (person.student_no, person.name)
        and other.programme_id != person.programme_id
    ]


def everyone(context: Context | StrangerContext) -> list[Person]:
    return [p for pid in context.snapshot.programme_ids() for p in context.snapshot.people_in(pid)]


def taken(person: Person, context: StrangerContext) -> bool:
    accounts = people.accounts_of(context.tx, person.programme_id, person.person_id)
    return any(account.channel == context.inbound.channel for account in accounts)
