"""小李签到了没 · 我们组有谁: what may be known of other people, by those who may know it."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import replace
from datetime import date, timedelta

from handlers import checkin, checkin_times, schedule, status, topic
from handlers.contacts import everybody, leads_of, nearest
from handlers.context import Context
from language.normalise import one_form
from language.understood import Understood
from messages.envelope import Reply
from programme.attendance import may_come
from programme.naming import people_meant
from programme.people import Person
from programme.schedule import Event, events_for, week_of
from storage import leave

NAMES_SHOWN = 40
DAYS_SHOWN = 5
BARE_WEEKDAY = re.compile(r"(?<![下个])(?:周|星期|礼拜)[一二三四五六日天]")
STAFF = frozenset({"admin", "lead", "mentor"})


def may_see(actor: Person, person: Person) -> bool:
    """Whose record somebody may look at: the admin all, a lead the own group's, a mentor the own students'."""
    if actor.person_id == person.person_id or "admin" in actor.roles:
        return True
    if "lead" in actor.roles and actor.group is not None and actor.group == person.group:
        return True
    return "mentor" in actor.roles and person.mentor == actor.name


def record(understood: Understood, context: Context) -> Reply:
    """One person's attendance and topic; whom the name can mean is asked where it is more than one."""
    said, last4 = str(understood.slots.get("name") or ""), understood.slots.get("last4")
    found = people_meant(said, everybody(context), str(last4) if last4 else None)
    if any(p.person_id == context.person.person_id and p.name == said for p in found):
        return status.handle(replace(understood, slots={}), context)
    staff = [p for p in found if "student" not in p.roles]
    if understood.slots.get("kind") == "who" and len(staff) == 1 and len(found) == 1:
        return Reply("people/staff", {"person": staff[0]})
    if not context.person.roles & STAFF:
        return Reply("people/private", {"name": said})
    seen = [p for p in found if may_see(context.person, p) and p.person_id != context.person.person_id]
    seen = [p for p in seen if "student" in p.roles] or seen
    if len(seen) == 1:
        return of_one(seen[0], understood, context)
    if seen:
        return which(said, seen)
    return Reply(
        "people/not_yours" if found else "people/nobody",
        {"name": said, "group": context.person.group, "is_lead": "lead" in context.person.roles},
    )


def which(said: str, found: Sequence[Person]) -> Reply:
    """Several people can be meant; those of one full name are told apart by their number's last digits."""
    names = [p.name for p in found]
    return Reply(
        "people/which",
        {"name": said, "found": found[:NAMES_SHOWN], "count": len(found), "is_same": len(set(names)) == 1},
    )


def of_one(person: Person, understood: Understood, context: Context) -> Reply:
    if "student" not in person.roles:
        return Reply("people/not_counted", {"person": person})
    theirs = replace(context, person=person)
    values = {
        "person": person,
        "sessions": sessions_of(theirs, understood),
        "tally": checkin.tally(theirs),
        "is_free": may_come(context.programme, person) and not person.opted_in,
        "topic": topic.mine(theirs),
        "kind": understood.slots.get("kind"),
    }
    return Reply("people/record", values)


def mine(understood: Understood, context: Context) -> Reply:
    """我的, or 我昨天签到了吗 where the days are named."""
    if understood.slots.get("asks") == "days":
        return own_days(understood, context)
    return status.handle(understood, context)


def own_days(understood: Understood, context: Context) -> Reply:
    """我昨天签到了吗: one's own record of the days named."""
    values = {
        "sessions": sessions_of(context, understood),
        "days": days(understood, context),
        "nearest": nearest(context),
        "today": context.at.date(),
        "is_student": "student" in context.person.roles,
    }
    return Reply("people/own_days", values)


def days(understood: Understood, context: Context) -> tuple[date, date]:
    today = context.at.date()
    if understood.span is None:
        return today, today
    first, last = schedule.days_of(understood.span, context)
    if first is not None and first == last and BARE_WEEKDAY.search(understood.text):
        # What has been done lies behind: on Friday 我周二签到了吗 is about this week's Tuesday, not the next.
        first = last = first - timedelta(days=7) if first > week_of(today)[1] else first
    return first or last or today, last or max(first or today, today)


def sessions_of(context: Context, understood: Understood) -> list[dict[str, object]]:
    """Of each session of the days named (today without one): the record, and how check-in stands."""
    first, last = days(understood, context)
    events = [e for e in events_for(context.programme, context.person) if e.is_held]
    named = [e for e in events if first <= e.occurrence.held_on <= last]
    return [standing(event, context) for event in named[-DAYS_SHOWN:]]


def standing(event: Event, context: Context) -> dict[str, object]:
    away = leave.on_leave(context.tx, event.occurrence.occurrence_id)
    is_over = event.occurrence.held_on < context.at.date()
    return checkin_times.standing(event, context) | {
        "is_on_leave": context.person.person_id in away,
        "is_over": is_over,
    }


def members(understood: Understood, context: Context) -> Reply:
    """我们组有谁: names only, of the own group or the own students; an admin names any group."""
    if understood.slots.get("of") == "students":
        return Reply("people/students", {"found": students_of(context), "shown": NAMES_SHOWN})
    said = str(understood.slots.get("group") or "")
    groups = sorted({p.group for p in everybody(context) if p.group})
    named = next((g for g in groups if one_form(g) == one_form(said)), None)
    if said and named is None:
        return Reply("people/no_group", {"name": said, "groups": groups[:NAMES_SHOWN]})
    group = named or context.person.group
    if group is None:
        return without_group(groups, context)
    if group != context.person.group and not context.person.roles & {"admin", "mentor"}:
        leads = [p.name for p in leads_of(group, context)]
        return Reply("people/other_group", {"group": group, "leads": leads})
    people = [p for p in everybody(context) if p.group == group]
    students = [p for p in people if "student" in p.roles]
    values = {
        "group": group,
        "leads": [p.name for p in leads_of(group, context)],
        "cohorts": by_cohort(students),
        "count": len(students),
        "is_cut": len(students) > NAMES_SHOWN,
    }
    return Reply("people/members", values)


def without_group(groups: Sequence[str], context: Context) -> Reply:
    """Who belongs to no group: a mentor's people are the own students, an admin names a group."""
    if "mentor" in context.person.roles:
        return Reply("people/students", {"found": students_of(context), "shown": NAMES_SHOWN})
    is_admin = "admin" in context.person.roles
    return Reply("people/no_group_of_yours", {"groups": groups[:NAMES_SHOWN], "is_admin": is_admin})


def students_of(context: Context) -> list[Person]:
    mine = context.person.name
    return [p for p in everybody(context) if p.mentor == mine and "student" in p.roles]


def by_cohort(students: Sequence[Person]) -> list[dict[str, object]]:
    found: dict[str, list[str]] = {}
    for person in students[:NAMES_SHOWN]:
        found.setdefault(person.cohort or "年级未录", []).append(person.name)
    return [{"cohort": cohort, "names": names} for cohort, names in sorted(found.items())]
