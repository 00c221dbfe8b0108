"""签到时间 · 要签到吗 · 签到码在哪: how check-in stands today, without taking one."""

from __future__ import annotations

from dataclasses import replace

from handlers import checkin, schedule
from handlers.contacts import nearest
from handlers.context import Context
from language.understood import Understood
from messages.envelope import Reply
from programme import attendance
from programme.attendance import Opened, Window, may_come, must_come
from programme.schedule import Event, events_for, next_event
from storage import checkins


def window(understood: Understood, context: Context) -> Reply:
    """When check-in is open: of the day named, else of today, else of the next session."""
    event = asked_event(understood, context)
    if event is None:
        return Reply("checkin/nothing_to_ask", standing(None, context))
    return Reply("checkin/window", standing(event, context))


def duty(understood: Understood, context: Context) -> Reply:
    """Whether there is something to check in to, and whether this person has."""
    event = asked_event(understood, context)
    is_today = event is not None and event.occurrence.held_on == context.at.date()
    values = standing(event, context) | {
        "is_today": is_today,
        "names_day": understood.span is not None or "kind" in understood.slots,
        "is_obliged": event is not None and attendance.is_obliged(context.person, event),
        "is_student": must_come(context.programme, context.person)
        or may_come(context.programme, context.person),
    }
    return Reply("checkin/duty", values)


def told(understood: Understood, context: Context) -> Reply:
    """签不上, 我已经签了: what is on record for today, and what can be done about it."""
    event = asked_event(replace(understood, slots={"asks": "closed"}), context)
    return Reply("checkin/told", standing(event, context) | {"nearest": nearest(context)})


def code(understood: Understood, context: Context) -> Reply:
    """Where the digits are, never what they are."""
    return Reply("checkin/where_code", {"rules": context.setup.checkin, "nearest": nearest(context)})


def asked_event(understood: Understood, context: Context) -> Event | None:
    """The session that somebody can check in to on the day named; today's or the next one else."""
    events = [e for e in events_for(context.programme, context.person) if not e.is_cancelled]
    kind = understood.slots.get("kind")
    events = [e for e in events if kind is None or e.session.kind == kind]
    if understood.span is not None:
        first, last = schedule.days_of(understood.span, context)
        named = [
            e
            for e in events
            if (first is None or e.occurrence.held_on >= first)
            and (last is None or e.occurrence.held_on <= last)
        ]
        return next_event(named, context.at) or (named[-1] if named else None)
    today = [e for e in events if e.occurrence.held_on == context.at.date()]
    if today and understood.slots.get("asks") == "closed":
        return today[-1]
    for event in today:
        found = window_of(event, context)
        if found is None or context.at <= found.closes_at:
            return event
    return next_event(events, context.at) or (today[-1] if today else None)


def standing(event: Event | None, context: Context) -> dict[str, object]:
    """What templates need: the event, its window and how it came about, and the sender's own record."""
    coming = next_event(events_for(context.programme, context.person), context.at)
    values: dict[str, object] = {
        "rules": context.setup.checkin,
        "today": context.at.date(),
        "coming": schedule.shown(coming, context) if coming else None,
        "event": None,
    }
    if event is None:
        return values
    found = window_of(event, context)
    occurrence_id = event.occurrence.occurrence_id
    stored = checkins.find(context.tx, occurrence_id, context.person.person_id)
    opened_at = checkins.screen_opened_at(context.tx, occurrence_id)
    record = checkin.kept(stored, context) if stored else {"checkin": None, "checked_in_at": None}
    return (
        values
        | record
        | checkin.shown(event, context)
        | {
            "window": checkin.local_window(found, context),
            "opened_at": opened_at.astimezone(context.setup.zone) if opened_at else None,
            "is_open": found is not None and found.opens_at <= context.at <= found.closes_at,
            "is_closed": found is not None and context.at > found.closes_at,
        }
    )


def window_of(event: Event, context: Context) -> Window | None:
    opened_at = checkins.screen_opened_at(context.tx, event.occurrence.occurrence_id)
    return attendance.window_of(Opened(event, opened_at), context.setup.checkin, context.setup.zone)
