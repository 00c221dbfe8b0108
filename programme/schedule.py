"""Questions to the plan: what is on, for whom, and what comes next."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, datetime, timedelta

from programme.people import Person
from programme.programme import Programme
from programme.sessions import Occurrence, Session


@dataclass(frozen=True)
class Event:
    """A session together with the occurrence that concerns somebody."""

    session: Session
    occurrence: Occurrence

    @property
    def is_cancelled(self) -> bool:
        return self.session.status == "cancelled" or self.occurrence.is_cancelled

    @property
    def is_held(self) -> bool:
        """False for a group meeting as the table prints it, seen by somebody of no group."""
        return self.occurrence.occurrence_id != self.session.session_id


def events_for(programme: Programme, person: Person | None) -> tuple[Event, ...]:
    """What concerns *person*, in order of time.

    A group meeting concerns the members of its group; somebody without a group (admin, mentor)
    sees the session as the table prints it. Source: notice L13 (各项目组内部开会).
    """
    group = person.group if person else None
    known: tuple[Event, ...] | None = programme.memo.get(("events", group))
    if known is None:
        known = programme.memo["events", group] = events_of_group(programme, group)
    return known


def events_of_group(programme: Programme, group: str | None) -> tuple[Event, ...]:
    sessions = {session.session_id: session for session in programme.sessions}
    chosen: dict[str, Occurrence] = {}
    for occurrence in programme.occurrences:
        if occurrence.group is None or occurrence.group == group:
            chosen[occurrence.session_id] = occurrence
    events = [
        Event(session, chosen.get(session.session_id) or as_printed(session)) for session in sessions.values()
    ]
    return tuple(sorted(events, key=by_time))


def as_printed(session: Session) -> Occurrence:
    """The occurrence that the table itself describes, for those who belong to no group.

    It is shown and never stored: its id is the session's own, which no stored occurrence has.
    """
    return Occurrence(
        occurrence_id=session.session_id,
        session_id=session.session_id,
        group=None,
        held_on=session.held_on,
        start=session.start,
        end=session.end,
        place=session.place,
        version=session.version,
    )


def by_time(event: Event) -> tuple[date, bool, str, str]:
    """Sort key: the day, sessions with an hour first, then by hour and by id."""
    start = event.occurrence.start
    return (
        event.occurrence.held_on,
        start is None,
        start.isoformat() if start else "",
        event.session.session_id,
    )


def events_between(events: Iterable[Event], first: date | None, last: date | None) -> tuple[Event, ...]:
    """The events of the days *first* to *last*, both included; None is an open end."""
    return tuple(
        event
        for event in events
        if (first is None or event.occurrence.held_on >= first)
        and (last is None or event.occurrence.held_on <= last)
    )


def next_event(events: Iterable[Event], at: datetime) -> Event | None:
    """The first event after *at* (aware) that is not cancelled; one of today without an hour counts."""
    for event in sorted(events, key=by_time):
        if event.is_cancelled:
            continue
        occurrence = event.occurrence
        if occurrence.held_on > at.date():
            return event
        if occurrence.held_on == at.date() and (occurrence.start is None or occurrence.start > at.time()):
            return event
    return None


def week_of(day: date) -> tuple[date, date]:
    """Monday and Sunday of the week of *day*."""
    monday = day - timedelta(days=day.weekday())
    return monday, monday + timedelta(days=6)


def usual_start(programme: Programme, event: Event) -> str | None:
    """The hour that the other sessions of the same weekday and kind share, when this one differs.

    "14:30" for the meeting of 10 July, which begins at 14:00; None where nothing stands out.
    Source: notice L20 against L19, L21, L22.
    """
    start = event.occurrence.start
    if start is None:
        return None
    others = [
        session.start
        for session in programme.sessions
        if session.kind == event.session.kind
        and session.held_on.weekday() == event.session.held_on.weekday()
        and session.session_id != event.session.session_id
        and session.start is not None
    ]
    if len(others) < 2 or len(set(others)) != 1 or others[0] == start:
        return None
    return others[0].strftime("%H:%M")


def find_titles(events: Iterable[Event], words: str) -> tuple[Event, ...]:
    """Events whose titles, tracks or speakers contain *words*, spaces and brackets aside."""
    wanted = squeeze(words)
    if not wanted:
        return ()
    return tuple(event for event in events if wanted in squeeze(text_of(event)))


def text_of(event: Event) -> str:
    parts = [part for item in event.session.items for part in (item.track, item.title, item.speaker) if part]
    return " ".join(parts)


def squeeze(text: str) -> str:
    """*text* for comparing: no spaces, no title brackets, lower case."""
    return "".join(ch for ch in text.lower() if not ch.isspace() and ch not in "《》「」“”\"'")
