"""我的 · 我是谁 · 加入: what is on record about the sender, and the one next step."""

from __future__ import annotations

from handlers import attendance, checkin, checkin_times, guarantee, schedule, submission, topic
from handlers.checkin import tally
from handlers.contacts import everybody, leads_of, whom
from handlers.context import Context
from handlers.names import name_of
from language.normalise import one_form
from language.understood import Understood
from messages.envelope import Reply
from programme.attendance import may_come, must_come
from programme.policy import fact_of
from programme.schedule import events_for, next_event
from storage import audit, checkins, leave, people, requests


def handle(understood: Understood, context: Context) -> Reply:
    about = understood.slots.get("about")
    if about == "guarantee":
        return guarantee.mine(context)
    if about == "attendance" and "student" in context.person.roles:
        return Reply("attendance/list", attendance.shown(context.person, context))
    person = context.person
    if about == "submit" and "student" in person.roles:
        return submission.status(understood, context)
    stored = checkins.of_person(context.tx, context.programme.programme_id, person.person_id)
    signed = {found.occurrence_id for found in stored}
    ahead = [
        event
        for event in events_for(context.programme, person)
        if event.occurrence.start is not None or event.occurrence.occurrence_id not in signed
    ]
    coming = next_event(ahead, context.at)
    values: dict[str, object] = {
        "person": person,
        "tally": tally(context),
        "late": sum(1 for checkin in stored if checkin.state == "late"),
        "to_verify": sum(1 for checkin in stored if checkin.state == "to_verify"),
        "own": today_of(context),
        "topic": topic.mine(context),
        "own_topic": topic.own(context),
        "handed_in": submission.lines_of(context),
        "is_obliged": must_come(context.programme, person),
        "is_optional": may_come(context.programme, person),
        "coming": schedule.shown(coming, context) if coming else None,
        "today": context.at.date(),
        "leaves": leaves_of(context),
        "waiting": len(requests.open_for(context.tx, person.person_id)),
        "open_questions": sum(1 for q in context.programme.questions if q.state == "open"),
    }
    return Reply("status/student" if "student" in person.roles else "status/staff", values)


def leaves_of(context: Context) -> list[dict[str, object]]:
    """The sender's leave from sessions that are still to come or today, and who has decided."""
    stored = leave.of_person(context.tx, context.programme.programme_id, context.person.person_id)
    states = {found.occurrence_id: found for found in stored if found.state != "withdrawn"}
    if not states:
        return []
    return [
        {
            "on": event.occurrence.held_on,
            "state": found.state,
            "by": name_of(found.decided_by, context),
        }
        for event in events_for(context.programme, context.person)
        if event.occurrence.held_on >= context.at.date()
        if (found := states.get(event.occurrence.occurrence_id)) is not None
    ]


def today_of(context: Context) -> list[dict[str, object]]:
    """Today's sessions whose check-in has begun or is done, with the sender's own record of each."""
    found = []
    for event in checkin.held_on(context.at.date(), context):
        standing = checkin_times.standing(event, context)
        if not event.is_cancelled and (standing["checkin"] or standing["is_open"] or standing["is_closed"]):
            found.append(standing)
    return found


def who_am_i(understood: Understood, context: Context) -> Reply:
    """我是谁 · 我导师是谁 · 组长是谁: what the roster says; who leads a named group as well."""
    groups = sorted({p.group for p in everybody(context) if p.group})
    said = str(understood.slots.get("group") or "")
    named = next((g for g in groups if one_form(g) == one_form(said)), None) if said else None
    group = named or context.person.group
    values = {
        "person": context.person,
        "asks": understood.slots.get("asks") or "",
        "group": group,
        "unknown_group": said if said and named is None and said not in ("我们组", "本组") else None,
        "leads": [p.name for p in leads_of(group, context)],
    }
    return Reply("status/who", values | whom(context))


def opt_in(understood: Understood, context: Context) -> Reply:
    """加入 of 研2: taking part in full, with report, talk and engineering (R15, notice L9, L26)."""
    person = context.person
    if not may_come(context.programme, context.person):
        return Reply(
            "status/obliged_anyway"
            if must_come(context.programme, context.person)
            else "status/not_a_participant"
        )
    if person.opted_in:
        return Reply("status/already_in")
    people.set_opted_in(context.tx, person.person_id, True, context.at)
    audit.write(
        context.tx,
        context.programme.programme_id,
        context.at,
        person.person_id,
        "opt_in",
        f"person:{person.person_id}",
        "0",
        "1",
        None,
    )
    duties = fact_of(context.programme, "optional_duties")
    is_free = context.programme.settings.get("optional_duties") == "不要"
    return Reply("status/joined", {"is_free": is_free}, (duties,) if duties else ())


def opt_out(understood: Understood, context: Context) -> Reply:
    """退出学习 of somebody who joined: free again from now on; who is obliged cannot leave."""
    person = context.person
    if not may_come(context.programme, person):
        is_obliged = must_come(context.programme, person)
        return Reply("status/cannot_leave" if is_obliged else "status/not_a_participant", {"person": person})
    if not person.opted_in:
        return Reply("status/not_in")
    people.set_opted_in(context.tx, person.person_id, False, None)
    audit.write(
        context.tx,
        context.programme.programme_id,
        context.at,
        person.person_id,
        "opt_out",
        f"person:{person.person_id}",
        "1",
        "0",
        None,
    )
    return Reply("status/left")
