"""谁没到 · 考勤汇总 · 王小明的考勤: who was there, told to those who may see it (B43, B47, B54)."""

from __future__ import annotations

import re
from collections.abc import Sequence
from datetime import date

from handlers import approval, attendance
from handlers.contacts import everybody
from handlers.context import Context
from handlers.not_here import not_here
from handlers.schedule import days_of
from language.understood import Understood
from messages.envelope import Reply
from programme.oversight import Oversight, oversight_of
from programme.people import Person
from programme.schedule import Event
from programme.sessions import Session
from programme.summaries import (
    STANDINGS,
    SessionSummary,
    Tally,
    alike,
    events_by_session,
    expected_at,
    has_begun,
    merged,
    summarise,
    tally,
    told,
    told_tally,
    window_in,
)
from programme.summaries import Facts as Stored
from storage import requests, summaries, tasks

FOR_ANOTHER = re.compile("[帮替代给].{2,4}(?:签|打卡|报到)")
AT_ONCE = 3  # as many sessions are told with names; more of them in numbers


def handle(understood: Understood, context: Context) -> Reply:
    slots = understood.slots
    if slots.get("kind") == "submission" or "topic_no" in slots:
        return not_here("summary")(understood, context)
    if "kind" not in slots and "name" not in slots:
        is_about_requests = any(word in understood.text for word in ("批", "审", "申请", "处理", "待办"))
        return approval.waiting(context) if is_about_requests else not_here("summary")(understood, context)
    oversight = oversight_of(context.person)
    if oversight is None and "name" in slots and FOR_ANOTHER.search(understood.text):
        return Reply("checkin/for_another", {"name": slots["name"]})
    if oversight is None:
        return Reply("summary/not_for_you")
    if "name" in slots:
        return of_person(str(slots["name"]), oversight, context)
    return attendance_of(understood, oversight, context)


def of_person(name: str, oversight: Oversight, context: Context) -> Reply:
    """王小明的考勤: as the student sees it, to those who may; nothing of anybody else (B47)."""
    named = [p for p in everybody(context) if p.name == name and "student" in p.roles]
    seen = oversight.among(named)
    if not seen:
        return Reply("summary/not_yours", {"name": name, "is_known": bool(named)})
    return Reply("attendance/list", attendance.shown(seen[0], context))


def attendance_of(understood: Understood, oversight: Oversight, context: Context) -> Reply:
    """The days named; else for 谁没到 the last session that has begun, for 考勤汇总 the month so far."""
    held = visible(oversight, context)
    is_missing = understood.slots.get("filter") == "missing"
    if understood.span is not None:
        first, last = days_of(understood.span, context)
        held = [(s, es) for s, es in held if any(is_within(e, first, last) for e in es)]
        if not held:
            return Reply(
                "summary/no_session", {"days": list(dict.fromkeys(d for d in (first, last) if d is not None))}
            )
    elif is_missing or is_just_over(understood):
        held = held[-1:]
    begun = [(session, events) for session, events in held if any(is_begun(e, context) for e in events)]
    if not begun:
        return Reply("summary/nothing_yet")
    if len(begun) > AT_ONCE:
        return month(begun, oversight, context)
    people = oversight.among(everybody(context))
    found = [of_session(events, people, context) for _, events in begun]
    return Reply(
        "summary/sessions",
        {"sessions": [told(one) for one in found], "is_missing": is_missing, "waiting": waiting(context)},
    )


def is_just_over(understood: Understood) -> bool:
    """谁迟到了, 到了多少人: without a day the session just held is meant; 考勤汇总 means all."""
    return any(word in understood.text for word in ("谁", "几个", "多少", "哪些", "到了吗", "到齐"))


def visible(oversight: Oversight, context: Context) -> list[tuple[Session, tuple[Event, ...]]]:
    """The sessions that concern those whom the sender may see and have begun, in order of time."""
    groups = {person.group for person in oversight.among(everybody(context))}
    found = []
    for session, events in events_by_session(context.programme):
        own = tuple(e for e in events if e.occurrence.group is None or e.occurrence.group in groups)
        if own and any(is_begun(e, context) for e in own):
            found.append((session, own))
    return found


def is_within(event: Event, first: date | None, last: date | None) -> bool:
    held_on = event.occurrence.held_on
    return (first is None or held_on >= first) and (last is None or held_on <= last)


def is_begun(event: Event, context: Context) -> bool:
    window = window_in(event, Stored(), context.setup.checkin, context.setup.zone)
    return has_begun(event, window, context.at)


def of_session(events: Sequence[Event], people: Sequence[Person], context: Context) -> SessionSummary:
    facts = summaries.facts(context.tx, [e.occurrence.occurrence_id for e in events])
    return summarise(events, people, facts, context.at, context.setup.checkin, context.setup.zone)


def month(held: Sequence[tuple[Session, tuple[Event, ...]]], oversight: Oversight, context: Context) -> Reply:
    """Many sessions in numbers, one line each; names are in the table (考勤表)."""
    events = [event for _, own in held for event in own if is_begun(event, context)]
    kinds = alike(oversight.among(everybody(context)))
    stored = summaries.counts(context.tx, context.programme.programme_id, oversight)
    opened = summaries.opened(context.tx, [e.occurrence.occurrence_id for e in events])

    def in_numbers(event: Event) -> Tally:
        window = window_in(event, Stored(opened=opened), context.setup.checkin, context.setup.zone)
        expected = expected_at(event, kinds, context.setup.zone)
        found = stored.get(event.occurrence.occurrence_id, {})
        return tally(event, expected, found, is_taken=window is not None)

    lines = [merged([in_numbers(e) for e in own if is_begun(e, context)]) for _, own in held]
    counted = [line for line in lines if line.is_taken]
    total = {standing: sum(line.counts[standing] for line in counted) for standing in STANDINGS}
    values = {
        "lines": [told_tally(line) for line in lines],
        "expected": sum(line.expected for line in counted),
        "total": total,
        "waiting": waiting(context),
    }
    return Reply("summary/month", values)


def waiting(context: Context) -> int:
    return len(requests.open_for(context.tx, context.person.person_id))


def make_file(understood: Understood, context: Context) -> Reply:
    return file_of(str(understood.slots.get("form") or "table"), understood, context)


def file_of(form: str, understood: Understood, context: Context) -> Reply:
    """考勤图, 考勤表: made beside the conversation and sent when it is ready."""
    if oversight_of(context.person) is None:
        return Reply("summary/not_for_you")
    first, last = days_of(understood.span, context) if understood.span is not None else (None, None)
    data = {
        "form": "csv" if "csv" in understood.text.lower() else form,
        "by": context.person.person_id,
        "first": first.isoformat() if first else None,
        "last": last.isoformat() if last else None,
    }
    kind: tasks.TaskKind = "draw" if form == "picture" else "export"
    tasks.add(context.tx, context.programme.programme_id, kind, data, context.at)
    return Reply("summary/being_made", {"form": form})


def export(understood: Understood, context: Context) -> Reply:
    """导出考勤 is the table; other exports are made by a person for now."""
    if understood.slots.get("kind") == "attendance":
        return file_of("table", understood, context)
    return not_here("export")(understood, context)
