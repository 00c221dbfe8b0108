"""点名 · 点名 王小明 李四 到 · 待核对: who is still missing, and a lead's word that somebody is there."""

from __future__ import annotations

import re
from collections.abc import Collection, Mapping
from dataclasses import dataclass, field
from datetime import timedelta

from handlers import schedule
from handlers.checkin import opened
from handlers.context import Context
from handlers.marking import (
    DECIDERS,
    Subject,
    begun_on,
    decide,
    events_on,
    may_decide,
    people_named,
    subject,
    told,
)
from language.understood import Understood
from messages.envelope import Reply
from programme.attendance import is_obliged
from programme.people import Person
from programme.presence import Mark, arrived, away, latest_begun
from programme.schedule import Event
from storage import checkins, leave
from storage.checkins import Checkin

REASON = "现场点名"
TO_VERIFY_FOR = timedelta(days=7)
COUNTS = frozenset({"present", "late", "voluntary"})


def handle(understood: Understood, context: Context) -> Reply:
    if not context.person.roles & DECIDERS:
        return Reply("roll_call/not_for_you")
    names = str(understood.slots.get("names") or "")
    if not names:
        return still_missing(context)
    is_there = understood.slots.get("is_there") is not False
    done: list[Subject] = []
    before: list[Subject] = []
    unknown: list[str] = []
    for named in dict.fromkeys(names.split("、")):
        found = [p for p in who(named, context) if may_decide(p, context)]
        event = event_today(found[0], context) if len(found) == 1 else None
        if event is None:
            unknown.append(named)
            continue
        known = subject(found[0], event, context)
        mark = mark_for(known, context) if is_there else away(found[0], event)
        if mark.state == known.mark.state or (is_there and known.mark.state in COUNTS):
            before.append(known)
            continue
        decide(known, mark, REASON, context, "roll_call")
        done.append(subject(found[0], event, context))
    values = {
        "done": told(done, context),
        "before": told(before, context),
        "unknown": unknown,
        "is_there": is_there,
        "on": context.at.date(),
    }
    return Reply("roll_call/done", values)


def who(named: str, context: Context) -> list[Person]:
    digits = re.search(r"\d+$", named)
    number = digits[0] if digits else ""
    return people_named(named.removesuffix(number), number, context)


def mark_for(known: Subject, context: Context) -> Mark:
    """Here now: late only if an earlier try of theirs says so, because nobody knows when they came."""
    if known.stored is None:
        return Mark("present" if is_obliged(known.person, known.event) else "voluntary")
    rules, zone = context.setup.checkin, context.setup.zone
    return arrived(known.person, known.event, known.stored.at, rules, zone)


def event_today(person: Person, context: Context) -> Event | None:
    """The session of today that *person* should be at now, or was last."""
    today = opened(events_on(context.at.date(), person, context), context)
    return latest_begun(today, context.at, context.setup.checkin, context.setup.zone)


def in_sight(context: Context) -> list[Person]:
    """The people about whom the sender decides, in the order of the roster."""
    everybody = context.snapshot.people_in(context.programme.programme_id)
    return [p for p in everybody if p.cohort and may_decide(p, context)]


@dataclass
class Room:
    """What stands for the sessions that are on, read once for each."""

    context: Context
    events: dict[str, Event] = field(default_factory=dict)
    rows: dict[str, Mapping[str, Checkin]] = field(default_factory=dict)
    away: dict[str, Collection[str]] = field(default_factory=dict)
    by_group: dict[str | None, Event | None] = field(default_factory=dict)

    def event_of(self, person: Person) -> Event | None:
        """Where *person* should be now; the same for everybody of a group."""
        if person.group not in self.by_group:
            event = self.by_group[person.group] = event_today(person, self.context)
            if event is not None:
                self._look(event)
        return self.by_group[person.group]

    def row_of(self, person: Person, event: Event) -> Checkin | None:
        return self.rows[event.occurrence.occurrence_id].get(person.person_id)

    def is_missing(self, person: Person, event: Event) -> bool:
        return is_obliged(person, event) and person.person_id not in self.away[event.occurrence.occurrence_id]

    def _look(self, event: Event) -> None:
        occurrence_id = event.occurrence.occurrence_id
        if occurrence_id not in self.events:
            self.events[occurrence_id] = event
            self.rows[occurrence_id] = rows_of(occurrence_id, self.context)
            self.away[occurrence_id] = leave.on_leave(self.context.tx, occurrence_id)


def still_missing(context: Context) -> Reply:
    """Bare 点名: whom to look for in the room, of the session that is on."""
    room, missing, waiting, there = Room(context), [], [], 0
    for person in in_sight(context):
        event = room.event_of(person)
        row = room.row_of(person, event) if event else None
        if event is None:
            continue
        if row is None:
            missing += [person.name] if room.is_missing(person, event) else []
        elif not row.counts:
            waiting.append(subject(person, event, context))
        else:
            there += 1
    if not room.events:
        return Reply("roll_call/nothing_on")
    values = {
        "events": [schedule.shown(event, context) for event in room.events.values()],
        "missing": missing,
        "waiting": told(waiting, context),
        "arrived": there,
    }
    return Reply("roll_call/missing", values)


def rows_of(occurrence_id: str, context: Context) -> dict[str, Checkin]:
    return {row.person_id: row for row in checkins.of_occurrence(context.tx, occurrence_id)}


def to_verify(understood: Understood, context: Context) -> Reply:
    """待核对: everybody whose check-in waits for a person, of the last days."""
    if not context.person.roles & DECIDERS:
        return Reply("roll_call/not_for_you")
    people = {p.person_id: p for p in in_sight(context)}
    found: list[Subject] = []
    first = context.at.date() - TO_VERIFY_FOR
    for occurrence in context.programme.occurrences:
        if not first <= occurrence.held_on <= context.at.date():
            continue
        waiting = [r for r in rows_of(occurrence.occurrence_id, context).values() if r.state == "to_verify"]
        for row in waiting:
            person = people.get(row.person_id)
            event = event_with(occurrence.occurrence_id, person, context) if person else None
            if person is not None and event is not None:
                found.append(subject(person, event, context))
    return Reply("roll_call/to_verify", {"waiting": told(found, context), "today": context.at.date()})


def event_with(occurrence_id: str, person: Person, context: Context) -> Event | None:
    for occurrence in context.programme.occurrences:
        if occurrence.occurrence_id == occurrence_id:
            events = begun_on(occurrence.held_on, person, context)
            return next((e for e in events if e.occurrence.occurrence_id == occurrence_id), None)
    return None
