"""When a check-in counts: windows, lateness, and whom it concerns."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta, tzinfo
from typing import Literal

from programme.people import Person
from programme.programme import Programme
from programme.schedule import Event
from programme.sessions import start_at

Presence = Literal["present", "late", "voluntary", "to_verify", "online_pending"]
Proof = Literal["none", "code", "grid", "qr"]


@dataclass(frozen=True)
class CheckinRules:
    """本组规定, not the notice: it names no window and no lateness (anomaly deadline_missing)."""

    proof: Proof = "none"
    opens_min_before: int = 15
    late_after_min: int = 5
    closes_min_after: int = 30
    rotate_s: int = 20
    opens_by_itself: bool = False
    recheck_min: int = 0  # how long people have for a second check; 0: there is none
    signals: bool = False


@dataclass(frozen=True)
class Window:
    """The stretch in which a check-in is taken, both ends included (aware)."""

    opens_at: datetime
    closes_at: datetime


Refusal = Literal["nothing_today", "too_early", "closed", "no_hour", "cancelled"]


@dataclass(frozen=True)
class Refused:
    """Why no check-in is taken now; *event* is the one it is about."""

    why: Refusal
    event: Event | None = None
    window: Window | None = None


@dataclass(frozen=True)
class Taken:
    """A check-in that counts: *late_min* whole minutes after the start, 0 while on time."""

    event: Event
    state: Presence
    late_min: int


@dataclass(frozen=True)
class Opened:
    """An event and when somebody opened its check-in by command (None: nobody did)."""

    event: Event
    opened_at: datetime | None


def window_of(opened: Opened, rules: CheckinRules, zone: tzinfo) -> Window | None:
    """When check-in is open. A session without an hour opens only by a person's command (R06).

    A command before the printed window opens it early and never closes it early; one after the
    close opens it again for as long as usual. One of another day, before a move, opens nothing.
    """
    starts_at = start_at(opened.event.occurrence, zone)
    after = timedelta(minutes=rules.closes_min_after)
    opened_at = opened.opened_at
    if opened_at and opened_at.astimezone(zone).date() != opened.event.occurrence.held_on:
        opened_at = None
    if starts_at is None:
        return Window(opened_at, opened_at + after) if opened_at else None
    opens_at = starts_at - timedelta(minutes=rules.opens_min_before)
    if opened_at:
        opens_at = min(opens_at, opened_at)
        if opened_at > starts_at + after:
            return Window(opens_at, opened_at + after)
    return Window(opens_at, starts_at + after)


def lateness_min(event: Event, at: datetime, rules: CheckinRules, zone: tzinfo) -> int:
    """Whole minutes after the start once the grace is over, else 0.

    A session without an hour knows no lateness. Source: notice L9 (必须按时参加); the grace is ours.
    """
    starts_at = start_at(event.occurrence, zone)
    if starts_at is None or at - starts_at <= timedelta(minutes=rules.late_after_min):
        return 0
    return int((at - starts_at).total_seconds() // 60)


def is_obliged(person: Person, event: Event) -> bool:
    """Whether attendance of *person* counts: the notice's cohorts, or one's own word (加入).

    Source: notice L9. People outside the cohorts (leads, mentors) are never counted.
    """
    return person.cohort in event.session.required or (
        person.cohort in event.session.optional and person.opted_in
    )


def must_come(programme: Programme, person: Person) -> bool:
    """Whether the notice obliges the cohort of *person* to any session (notice L9)."""
    return any(person.cohort in session.required for session in programme.sessions)


def may_come(programme: Programme, person: Person) -> bool:
    """Whether the notice leaves it to the cohort of *person* (notice L9: 不做硬性要求)."""
    return any(person.cohort in session.optional for session in programme.sessions)


def judge(
    person: Person, candidates: Sequence[Opened], at: datetime, rules: CheckinRules, zone: tzinfo
) -> Taken | Refused:
    """The verdict on a check-in at *at*, over today's *candidates* of this person.

    An open window wins; else the next one to open; else the last one that closed.
    """
    today = [c for c in candidates if c.event.occurrence.held_on == at.astimezone(zone).date()]
    if not today:
        return Refused("nothing_today")
    live = [c for c in today if not c.event.is_cancelled]
    if not live:
        return Refused("cancelled", today[0].event)
    windows = [(c, window_of(c, rules, zone)) for c in live]
    for candidate, window in windows:
        if window and window.opens_at <= at <= window.closes_at:
            return take(person, candidate.event, at, rules, zone)
    return refuse(windows, at)


def take(person: Person, event: Event, at: datetime, rules: CheckinRules, zone: tzinfo) -> Taken:
    late_min = lateness_min(event, at, rules, zone)
    if not is_obliged(person, event):
        return Taken(event, "voluntary", 0)
    return Taken(event, "late" if late_min else "present", late_min)


def refuse(windows: Sequence[tuple[Opened, Window | None]], at: datetime) -> Refused:
    for candidate, window in windows:
        if window and at < window.opens_at:
            return Refused("too_early", candidate.event, window)
    for candidate, window in windows:
        if window is None:
            return Refused("no_hour", candidate.event)
    candidate, window = windows[-1]
    return Refused("closed", candidate.event, window)


def whom_to_call(people: Iterable[Person], event: Event, done: Collection[str]) -> tuple[Person, ...]:
    """Who is told that check-in is open: those who must come and are not in *done* (person ids)."""
    group = event.occurrence.group
    return tuple(
        person
        for person in people
        if is_obliged(person, event) and group in (None, person.group) and person.person_id not in done
    )


def call_key(event: Event, person: Person) -> str:
    """The dedupe key of that message: once for each version of the session."""
    return f"checkin_open:{event.occurrence.occurrence_id}:v{event.occurrence.version}:{person.person_id}"


def call_values(event: Event, rules: CheckinRules) -> dict[str, object]:
    """JSON values of that message: the same for everybody, so that one call carries them all."""
    return event_values(event) | {"needs_code": rules.proof != "none", "proof": rules.proof}


def event_values(event: Event) -> dict[str, object]:
    """The session in JSON values: its titles and its day."""
    title = " · ".join(
        f"《{item.title}》" if item.title else (item.track or "") for item in event.session.items
    )
    return {"title": title, "held_on": event.occurrence.held_on.isoformat()}
