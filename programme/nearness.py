"""Which of several programmes somebody means now: the one with a session nearest in time (design D14)."""

from __future__ import annotations

from datetime import datetime, time, timedelta

from programme.people import Person
from programme.programme import Programme
from programme.schedule import Event, events_for
from programme.sessions import start_at

NOWHERE_NEAR = timedelta(days=100_000)
LASTS = timedelta(hours=3)  # where no end is known
MIDDLE = {"dawn": time(4), "morning": time(10), "noon": time(12), "afternoon": time(15), "evening": time(19)}


def distance(programme: Programme, person: Person, at: datetime) -> timedelta:
    """How far *at* (aware, in the programme's zone) is from the nearest session that is not over."""
    events = [event for event in events_for(programme, person) if not event.is_cancelled]
    return min((away(event, at) for event in events), default=NOWHERE_NEAR)


def away(event: Event, at: datetime) -> timedelta:
    """Zero while the session lasts; an hour that is unknown is taken from its half of the day."""
    zone = at.tzinfo
    occurrence = event.occurrence
    if zone is None:
        raise ValueError("an instant needs a zone")
    middle = MIDDLE.get(event.session.period or "", time(12))
    starts_at = start_at(occurrence, zone) or datetime.combine(occurrence.held_on, middle, zone)
    ends_at = (
        datetime.combine(occurrence.held_on, occurrence.end, zone) if occurrence.end else starts_at + LASTS
    )
    if at > ends_at:
        return NOWHERE_NEAR
    return max(starts_at - at, timedelta(0))
