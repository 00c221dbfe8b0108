"""开始签到: a lead or the admin opens today's check-in, with its screen; everybody concerned hears once."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime, time, timedelta

from handlers.asking import ask
from handlers.checkin import held_on, shown
from handlers.context import Context
from handlers.links import screen_link
from language.understood import Understood
from messages.envelope import Reply
from programme import attendance
from programme.attendance import Opened, whom_to_call
from programme.schedule import Event
from programme.sessions import start_at
from storage import audit, checkins, pending
from storage.pending import Pending

SCREEN_LIFE = timedelta(hours=6)


def open_screen(understood: Understood, context: Context) -> Reply:
    """开始签到 of a lead or the admin: opens today's check-in and gives the link of the screen."""
    person = context.person
    if not person.roles & {"admin", "lead"}:
        return Reply("checkin/only_organisers")
    today = held_on(context.at.date(), context)
    mine = [e for e in today if not e.is_cancelled and may_open(e, context)]
    if not mine:
        return Reply("checkin/nothing_to_open")
    event = closest(mine, context)
    if is_out_of_hours(event, context):
        ask(context, "open_checkin", {"occurrence_id": event.occurrence.occurrence_id})
        return Reply("checkin/open_sure", shown(event, context) | {"wait_min": minutes_to(event, context)})
    return open_for(event, context)


def open_confirmed(understood: Understood, context: Context, asked: Pending) -> Reply | None:
    """确认 after 「还有5小时才开始，现在就开放签到？」."""
    if understood.intent != "confirm":
        return None
    pending.close(context.tx, context.inbound.channel, context.inbound.sender)
    today = held_on(context.at.date(), context)
    event = next((e for e in today if e.occurrence.occurrence_id == asked.data["occurrence_id"]), None)
    if event is None or event.is_cancelled or not may_open(event, context):
        return Reply("checkin/nothing_to_open")
    return open_for(event, context)


def is_out_of_hours(event: Event, context: Context) -> bool:
    """Whether opening now would call everybody outside the printed window. It has an hour, and nobody
    has opened it yet: then the screen's link is all that is asked for."""
    window = attendance.window_of(Opened(event, None), context.setup.checkin, context.setup.zone)
    if window is None or window.opens_at <= context.at <= window.closes_at:
        return False
    opened_at = checkins.screen_opened_at(context.tx, event.occurrence.occurrence_id)
    return opened_at is None or opened_at < beginning_of(event, context)


def minutes_to(event: Event, context: Context) -> int:
    """Whole minutes until the start; negative after it."""
    starts_at = start_at(event.occurrence, context.setup.zone)
    return round((starts_at - context.at).total_seconds() / 60) if starts_at else 0


def open_for(event: Event, context: Context) -> Reply:
    person, occurrence_id = context.person, event.occurrence.occurrence_id
    is_new = checkins.open_screen(
        context.tx,
        context.programme.programme_id,
        occurrence_id,
        person.person_id,
        context.at,
        beginning_of(event, context),
    )
    if is_new:
        tell_opened(event, context)
        audit.write(
            context.tx,
            context.programme.programme_id,
            context.at,
            person.person_id,
            "open_checkin",
            f"occurrence:{occurrence_id}",
            None,
            None,
            None,
        )
    values = shown(event, context) | {
        "link": screen_link_of(event, context),
        "is_new": is_new,
        "rules": context.setup.checkin,
    }
    return Reply("checkin/opened", values)


def screen_link_of(event: Event, context: Context) -> str:
    setup, occurrence_id = context.setup, event.occurrence.occurrence_id
    return screen_link(setup.public_url, setup.signing_key, occurrence_id, context.moment + SCREEN_LIFE)


def beginning_of(event: Event, context: Context) -> datetime:
    """Midnight before the session: an opening before it was of another day (a session that was moved)."""
    return datetime.combine(event.occurrence.held_on, time(0), context.setup.zone)


def may_open(event: Event, context: Context) -> bool:
    """A lead opens the meeting of the own group and the sessions of everybody."""
    return event.occurrence.group in (None, context.person.group)


def closest(events: Sequence[Event], context: Context) -> Event:
    def distance(event: Event) -> float:
        window = attendance.window_of(Opened(event, None), context.setup.checkin, context.setup.zone)
        return abs((window.opens_at - context.at).total_seconds()) if window else 0.0

    return min(events, key=distance)


def tell_opened(event: Event, context: Context) -> None:
    """Opening the screen tells the audience, each once (design D20), but nobody who is done."""
    rows = checkins.of_occurrence(context.tx, event.occurrence.occurrence_id)
    done = {row.person_id for row in rows if row.counts}
    people = context.snapshot.people_in(context.programme.programme_id)
    values = attendance.call_values(event, context.setup.checkin)
    for person in whom_to_call(people, event, done):
        context.push(attendance.call_key(event, person), person.person_id, "checkin/open_now", values)
