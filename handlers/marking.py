"""Presence marked by people: what stands now, storing what is decided, with its trace and its news."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime

from handlers import schedule
from handlers.checkin import opened
from handlers.context import Context
from programme.attendance import Opened, event_values
from programme.people import Person
from programme.presence import Mark, away, has_begun, is_over
from programme.schedule import Event, events_for
from programme.sessions import start_at
from storage import audit, checkins, corrections, leave
from storage.checkins import Checkin
from storage.corrections import Correction

DECIDERS = frozenset({"admin", "lead"})


@dataclass(frozen=True)
class Subject:
    """Somebody's presence at one session, as it stands before a decision."""

    person: Person
    event: Event
    mark: Mark
    stored: Checkin | None

    @property
    def occurrence_id(self) -> str:
        return self.event.occurrence.occurrence_id


def may_decide(about: Person, context: Context) -> bool:
    """The admin about everybody, a lead about the own group; nobody about themselves."""
    me = context.person
    if about.person_id == me.person_id:
        return "admin" in me.roles
    if "admin" in me.roles:
        return True
    return "lead" in me.roles and me.group is not None and about.group == me.group


def people_named(name: str, number: str, context: Context) -> list[Person]:
    """Everybody of that name in the programme; *number* is a student number or its last digits."""
    everybody = context.snapshot.people_in(context.programme.programme_id)
    found = [p for p in everybody if p.name == name]
    return [p for p in found if (p.student_no or "").endswith(number)] if number else found


def subject(person: Person, event: Event, context: Context) -> Subject:
    stored = checkins.find(context.tx, event.occurrence.occurrence_id, person.person_id)
    return Subject(person, event, mark_of(stored, person, event, context), stored)


def mark_of(stored: Checkin | None, person: Person, event: Event, context: Context) -> Mark:
    if stored is not None:
        return Mark(stored.state, stored.late_min)
    occurrence_id = event.occurrence.occurrence_id
    granted = leave.find(context.tx, person.person_id, occurrence_id)
    if granted is not None and granted.state == "granted":
        return Mark("on_leave")
    last = corrections.latest(context.tx, occurrence_id, person.person_id)
    is_decided = last is not None and last.new in ("absent", "not_there")
    over = is_over(opened_of(event, context), context.at, context.setup.checkin, context.setup.zone)
    return away(person, event) if over or is_decided else Mark("pending")


def opened_of(event: Event, context: Context) -> Opened:
    return opened([event], context)[0]


def events_on(day: date, person: Person, context: Context) -> list[Event]:
    """What *person* could have been at on *day*, in order of time."""
    events = events_for(context.programme, person)
    return [e for e in events if e.is_held and not e.is_cancelled and e.occurrence.held_on == day]


def begun_on(day: date, person: Person, context: Context) -> list[Event]:
    rules, zone = context.setup.checkin, context.setup.zone
    held = opened(events_on(day, person, context), context)
    return [c.event for c in held if has_begun(c, context.at, rules, zone)]


def decide(
    before: Subject,
    after: Mark,
    reason: str,
    context: Context,
    how: str = "lead",
    arrived_at: datetime | None = None,
) -> None:
    """Store *after*, note who decided it and why, and tell the person (B55). *arrived_at* is when they
    came, where somebody knows; a time that is on record stays."""
    store(before, after, reason, context, how, arrived_at)
    note(before, after, reason, context)
    values = event_values(before.event) | {
        "old": before.mark.state,
        "old_late_min": before.mark.late_min,
        "new": after.state,
        "late_min": after.late_min,
        "reason": reason,
        "by": context.person.name,
    }
    key = f"corrected:{context.inbound.message_id}:{before.occurrence_id}:{before.person.person_id}"
    context.push(key, before.person.person_id, "correction/told", values)


def store(
    before: Subject, after: Mark, reason: str, context: Context, how: str, arrived_at: datetime | None
) -> None:
    person_id, occurrence_id = before.person.person_id, before.occurrence_id
    if after.state in ("absent", "not_there", "on_leave"):
        checkins.remove(context.tx, occurrence_id, person_id)
        if after.state == "on_leave":
            grant(before, reason, context)
        elif before.mark.state == "on_leave":
            leave.withdraw(context.tx, person_id, occurrence_id, context.at)
        return
    stored, starts_at = before.stored, start_at(before.event.occurrence, context.setup.zone)
    at = stored.at if stored else arrived_at or min(starts_at or context.at, context.at)
    row = Checkin(
        context.programme.programme_id,
        occurrence_id,
        person_id,
        at,
        after.state,  # type: ignore[arg-type]  # what is left after the guard above
        after.late_min,
        how,
        stored.message_id if stored else context.inbound.message_id,
    )
    checkins.put(context.tx, row)


def grant(before: Subject, reason: str, context: Context) -> None:
    person_id, occurrence_id, me = before.person.person_id, before.occurrence_id, context.person.person_id
    leave.ask(context.tx, context.programme.programme_id, person_id, occurrence_id, reason, context.at)
    leave.decide(context.tx, person_id, occurrence_id, "granted", me, context.at)


def note(before: Subject, after: Mark, reason: str, context: Context) -> None:
    programme_id, me = context.programme.programme_id, context.person.person_id
    old = away(before.person, before.event).state if before.mark.state == "pending" else before.mark.state
    corrections.add(
        context.tx,
        Correction(
            programme_id,
            before.occurrence_id,
            before.person.person_id,
            old,  # type: ignore[arg-type]  # never pending either, by the line above
            after.state,  # type: ignore[arg-type]  # never pending: it is decided
            after.late_min,
            reason,
            me,
            context.at,
        ),
    )
    audit.write(
        context.tx,
        programme_id,
        context.at,
        me,
        "correct_presence",
        f"checkin:{before.occurrence_id}:{before.person.person_id}",
        before.mark.state,
        after.state,
        reason,
    )


def told(subjects: Sequence[Subject], context: Context) -> list[dict[str, object]]:
    """Values for templates: who, what stands, since when."""
    return [
        {
            "name": s.person.name,
            "state": s.mark.state,
            "late_min": s.mark.late_min,
            "at": s.stored.at.astimezone(context.setup.zone) if s.stored else None,
            "event": schedule.shown(s.event, context),
        }
        for s in subjects
    ]
