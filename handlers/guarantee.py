"""线上签到 · 担保 李老师 原因 · 担保 王小明: online presence counts once a lead or mentor vouches (notice L36)."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from datetime import date

from handlers import checkin, leave, schedule, vouching
from handlers.contacts import everybody, whom
from handlers.context import Context
from handlers.presence import days_of, events_of, is_closed, note, told
from language.understood import Understood
from messages.envelope import Reply
from programme.attendance import Refused, Taken, is_obliged
from programme.guarantees import Guarantor, guarantors_of, named_guarantor, online
from programme.people import Person
from programme.policy import needs_guarantee
from programme.rules import rule_named
from programme.schedule import Event, events_for, next_event
from programme.sessions import Source
from storage import checkins, guarantees, requests
from storage.requests import Request


def leave_or_online(understood: Understood, context: Context) -> Reply:
    """请假 as ever; who will take part online instead is told how to be vouched for."""
    if understood.slots.get("mode") == "online":
        return ahead(understood, context)
    return leave.handle(understood, context)


def ahead(understood: Understood, context: Context) -> Reply:
    """周四线上参加: what to send for it, ready to be copied."""
    if not is_needed(context):
        return Reply("guarantee/not_needed", {"person": context.person, "is_counted": counts(context)})
    days = days_of(understood)
    values = offer(context) | {
        "days": [d for d in days if d >= context.at.date()][:1] + days_to(days),
        "reason": str(understood.slots.get("reason") or "").replace("签到", "").strip(),
        "is_open": isinstance(checkin.judge(checkin.held_on(context.at.date(), context), context), Taken),
    }
    return Reply("guarantee/how", values | rule_of(context), sources_of(context))


def days_to(days: Sequence[date]) -> list[date]:
    return [days[-1]] if len(days) > 1 else []


def is_needed(context: Context) -> bool:
    return counts(context) and needs_guarantee(context.programme, context.person, context.setup.lab_defaults)


def counts(context: Context) -> bool:
    """Whether anything is counted for the sender at all."""
    return any(is_obliged(context.person, event) for event in events_for(context.programme, context.person))


def check_in(understood: Understood, context: Context) -> Reply:
    """线上签到: the time is kept; it is 线上-待担保 until somebody vouches, never present (R16)."""
    named = str(understood.slots.get("name") or context.person.name)
    if named != context.person.name:
        return Reply("checkin/for_another", {"name": named})
    meant = schedule.day_of(understood.span.start, context) if understood.span else None
    if meant not in (None, context.at.date()):
        return Reply("checkin/another_day", {"on": meant})
    today = checkin.held_on(context.at.date(), context)
    verdict = checkin.judge(today, context)
    if isinstance(verdict, Refused):
        return checkin.already(today, context) or checkin.refusal(verdict, context)
    occurrence_id = verdict.event.occurrence.occurrence_id
    guarantee = guarantees.in_force(context.tx, context.person.person_id, occurrence_id)
    taken = online(verdict, needs_guarantee=is_needed(context), has_guarantee=guarantee is not None)
    stored = checkin.keep(taken, checkins.ONLINE, context)
    values = checkin.shown(verdict.event, context) | checkin.kept(stored, context)
    if not stored.is_new and stored.state != "online_pending":
        return Reply("checkin/already", values)
    by = context.snapshot.person(guarantee.guarantor_id) if guarantee else None
    values |= offer(context) | rule_of(context)
    values |= {"by": by.name if by else None, "rules": context.setup.checkin, "tally": checkin.tally(context)}
    values["asked"] = names_asked(occurrence_id, context)
    template = "guarantee/pending" if stored.state == "online_pending" else "guarantee/online"
    return Reply(template, values, sources_of(context))


def names_asked(occurrence_id: str, context: Context) -> list[str]:
    """Who has been asked already to vouch at this session and has not answered."""
    mine = guarantees.of_person(context.tx, context.programme.programme_id, context.person.person_id)
    asked = [g.guarantor_id for g in mine if g.state == "asked" and occurrence_id in g.occurrence_ids]
    people = (context.snapshot.person(person_id) for person_id in asked)
    return [person.name for person in people if person is not None]


def rule_of(context: Context) -> dict[str, object]:
    rule = rule_named(context.programme, "online_needs_guarantee")
    return {"source_line": rule.source.line if rule and rule.source else None}


def sources_of(context: Context) -> tuple[Source, ...]:
    rule = rule_named(context.programme, "online_needs_guarantee")
    return (rule.source,) if rule and rule.source else ()


def may_vouch(context: Context) -> tuple[Guarantor, ...]:
    return guarantors_of(context.person, everybody(context))


def is_reachable(guarantor: Guarantor, context: Context) -> bool:
    person = guarantor.person
    return person is not None and bool(context.snapshot.accounts_of(person.person_id))


def offer(context: Context) -> dict[str, object]:
    """Who can be asked: those with an account first named; whom to turn to when there is nobody."""
    reachable = [g for g in may_vouch(context) if is_reachable(g, context)]
    listed = [{"name": g.name, "role": g.role} for g in reachable]
    return {"offered": listed} | whom(context)


def handle(understood: Understood, context: Context) -> Reply:
    """担保 李老师 原因 of a student; 担保 王小明 7/18 of who vouches; 担保 alone lists."""
    said = str(understood.slots.get("name") or "")
    reason = str(understood.slots.get("reason") or "")
    if "student" not in context.person.roles or own_student(said, context):
        return give(said, reason, understood, context) if said else mine(context)
    if not said and not reason and understood.span is None:
        return mine(context)
    if not is_needed(context):
        return Reply("guarantee/not_needed", {"person": context.person, "is_counted": counts(context)})
    guarantor = named_guarantor(said, may_vouch(context))
    if guarantor is None:
        is_known = any(person.name == said for person in everybody(context))
        return Reply("guarantee/who", offer(context) | {"said": said if is_known else ""})
    events = meant(understood, context)
    if not events:
        days = days_of(understood)
        return Reply("guarantee/nothing_on", {"days": days, "today": context.at.date()})
    if guarantor.person is None or not is_reachable(guarantor, context):
        values = {"name": guarantor.name, "has_record": has_record(events, context)}
        return Reply("guarantee/not_bound", offer(context) | values)
    return ask(guarantor.person, events, reason, context)


def meant(understood: Understood, context: Context) -> tuple[Event, ...]:
    """The sessions to be vouched for: of the days named, else those that wait, else the next one.

    What is over can only be vouched for where the student did check in online.
    """
    person = context.person
    own = [
        e
        for e in events_for(context.programme, person)
        if e.is_held and not e.is_cancelled and is_obliged(person, e)
    ]
    waiting = waiting_ids(context)
    days = days_of(understood)
    possible = [e for e in own if e.occurrence.occurrence_id in waiting or not is_closed(e, context)]
    if days:
        return tuple(e for e in possible if e.occurrence.held_on in days)
    pending = tuple(e for e in possible if e.occurrence.occurrence_id in waiting)
    if pending:
        return pending
    today = tuple(e for e in possible if e.occurrence.held_on == context.at.date())
    coming = next_event(possible, context.at)
    return today[:1] or ((coming,) if coming else ())


def waiting_ids(context: Context) -> frozenset[str]:
    """The occurrences at which the sender is 线上-待担保."""
    stored = checkins.of_person(context.tx, context.programme.programme_id, context.person.person_id)
    return frozenset(one.occurrence_id for one in stored if one.state == "online_pending")


def has_record(events: Sequence[Event], context: Context) -> bool:
    waiting = waiting_ids(context)
    return any(event.occurrence.occurrence_id in waiting for event in events)


def ask(guarantor: Person, events: Sequence[Event], reason: str, context: Context) -> Reply:
    """One request to the named guarantor for all these sessions; those covered already are left out."""
    programme_id, person = context.programme.programme_id, context.person
    known = guarantees.of_person(context.tx, programme_id, person.person_id)
    settled = {i for g in known if g.state == "granted" for i in g.occurrence_ids}
    asked = {
        i
        for g in known
        if g.state == "asked" and g.guarantor_id == guarantor.person_id
        for i in g.occurrence_ids
    }
    new = [e for e in events if e.occurrence.occurrence_id not in settled | asked]
    if not new:
        is_granted = all(e.occurrence.occurrence_id in settled for e in events)
        values = {"events": told(events, context), "is_granted": is_granted, "name": guarantor.name}
        return Reply("guarantee/already", values)
    ids = [event.occurrence.occurrence_id for event in new]
    request = store(person, guarantor, ids, reason, context)
    values = {"events": told(new, context), "reason": reason}
    context.push(
        f"guarantee:{request.request_id}",
        guarantor.person_id,
        "guarantee/please_decide",
        values
        | {
            "name": person.name,
            "cohort": person.cohort,
            "is_there": has_record(new, context),
            "number": request.numbers[guarantor.person_id],
        },
    )
    note(context, "ask_guarantee", new, reason, person.person_id)
    return Reply("guarantee/asked", values | {"name": guarantor.name})


def store(student: Person, guarantor: Person, ids: list[str], reason: str, context: Context) -> Request:
    """The guarantee, and the request that gives the guarantor a number to answer, or to withdraw, by."""
    programme_id, at = context.programme.programme_id, context.at
    request = requests.ask(
        context.tx,
        programme_id,
        "guarantee",
        (context.inbound.channel, context.inbound.sender),
        student.person_id,
        {"occurrence_ids": ids, "reason": reason},
        [guarantor.person_id],
        at,
    )
    guarantees.ask(
        context.tx,
        request.request_id,
        programme_id,
        student.person_id,
        guarantor.person_id,
        reason,
        ids,
        at,
    )
    return request


def give(said: str, reason: str, understood: Understood, context: Context) -> Reply:
    """担保 王小明 7/18 原因 of a lead or mentor: vouched for without being asked."""
    student = own_student(said, context)
    if student is None:
        return Reply("guarantee/not_yours", {"name": said})
    seat = replace(context, person=student)
    if not is_needed(seat):
        return Reply("guarantee/not_needed", {"person": student, "is_counted": counts(seat)})
    events = meant(understood, seat)
    if not events:
        days = days_of(understood)
        return Reply("guarantee/nothing_on", {"days": days, "today": context.at.date()})
    ids = [event.occurrence.occurrence_id for event in events]
    me = context.person.person_id
    request = store(student, context.person, ids, reason, context)
    requests.decide(context.tx, request.request_id, "approved", me, context.at)
    return vouching.grant(request.request_id, student.person_id, events, request.numbers[me], context)


def own_student(said: str, context: Context) -> Person | None:
    """The student of that name for whom the sender may vouch."""
    if not context.person.roles & {"lead", "mentor"}:
        return None
    people = everybody(context)
    named = (p for p in people if p.name == said and "student" in p.roles)
    return next((p for p in named if vouches(context.person, p, people)), None)


def vouches(person: Person, student: Person, people: Sequence[Person]) -> bool:
    guarantors = guarantors_of(student, people)
    return person.person_id in [g.person.person_id for g in guarantors if g.person is not None]


def mine(context: Context) -> Reply:
    """担保 · 我的担保: every guarantee of the sender, or of those who asked the sender, and what it covers."""
    programme_id, person = context.programme.programme_id, context.person
    is_student = "student" in person.roles
    known = (guarantees.of_person if is_student else guarantees.of_guarantor)(
        context.tx, programme_id, person.person_id
    )
    listed = [vouching.described(g, context) for g in known if g.state != "refused" or is_student]
    values = offer(context) | {
        "listed": listed,
        "is_student": is_student,
        "is_needed": is_student and is_needed(context),
        "is_guarantor": bool(person.roles & {"lead", "mentor"}),
    }
    return Reply("guarantee/list", values, sources_of(context))


def drop(context: Context) -> Reply:
    """撤回担保 of a student: nobody need vouch for what lies ahead."""
    programme_id, person = context.programme.programme_id, context.person
    known = [
        g
        for g in guarantees.of_person(context.tx, programme_id, person.person_id)
        if g.state in ("asked", "granted") and not is_past(g.occurrence_ids, context)
    ]
    if not known:
        return Reply("guarantee/none_to_withdraw")
    for guarantee in known:
        vouching.end(guarantee, context)
        values = {"name": person.name, "events": vouching.told_of(guarantee, context)}
        key = f"guarantee_dropped:{guarantee.guarantee_id}"
        context.push(key, guarantee.guarantor_id, "guarantee/dropped", values)
    return Reply("guarantee/dropped_by_you", {"listed": [vouching.described(g, context) for g in known]})


def is_past(occurrence_ids: Sequence[str], context: Context) -> bool:
    events = events_of(occurrence_ids, context, context.person.person_id)
    return all(is_closed(event, context) for event in events)
