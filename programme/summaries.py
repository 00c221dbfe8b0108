"""From what was stored to who was there: the judgement behind every summary of attendance; pure."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime, tzinfo
from typing import Literal

from programme.attendance import CheckinRules, Opened, Presence, Window, is_obliged, window_of
from programme.people import Person
from programme.programme import Programme
from programme.schedule import Event
from programme.sessions import Session, start_at

Standing = Literal["present", "late", "leave", "online_pending", "to_verify", "absent"]
STANDINGS: tuple[Standing, ...] = ("present", "late", "leave", "online_pending", "to_verify", "absent")
Key = tuple[str, str]  # occurrence_id, person_id


@dataclass(frozen=True)
class Checked:
    """A stored check-in; *at* is aware."""

    state: Presence
    late_min: int
    is_online: bool
    at: datetime


@dataclass(frozen=True)
class Facts:
    """What is stored about some occurrences: who checked in, whose leave was granted, which opened when."""

    checkins: Mapping[Key, Checked] = field(default_factory=dict)
    on_leave: frozenset[Key] = frozenset()
    opened: Mapping[str, datetime] = field(default_factory=dict)


@dataclass(frozen=True)
class Seen:
    """One person at one session. *late_min* whole minutes, 0 unless late."""

    person: Person
    standing: Standing
    late_min: int = 0
    is_online: bool = False


@dataclass(frozen=True)
class SessionSummary:
    """One printed session as somebody may see it.

    *events* are its occurrences that have begun, *later* the groups whose own meeting has not.
    *is_taken* False: nobody could check in, its hour is unknown and nobody opened it. *closes_at*: until
    when somebody still can, None when it is over.
    """

    session: Session
    events: tuple[Event, ...]
    obliged: tuple[Seen, ...]
    voluntary: tuple[Person, ...]
    later: tuple[str, ...] = ()
    is_taken: bool = True
    closes_at: datetime | None = None

    def having(self, *standings: Standing) -> tuple[Seen, ...]:
        return tuple(seen for seen in self.obliged if seen.standing in standings)

    @property
    def counts(self) -> Mapping[Standing, int]:
        found = Counter(seen.standing for seen in self.obliged)
        return {standing: found[standing] for standing in STANDINGS}


def events_by_session(programme: Programme) -> tuple[tuple[Session, tuple[Event, ...]], ...]:
    """Each printed session with its occurrences that are held, in order of time."""
    key = ("events_by_session",)
    known: tuple[tuple[Session, tuple[Event, ...]], ...] | None = programme.memo.get(key)
    if known is None:
        by_id: dict[str, list[Event]] = {}
        sessions = {session.session_id: session for session in programme.sessions}
        for occurrence in programme.occurrences:
            event = Event(sessions[occurrence.session_id], occurrence)
            if not event.is_cancelled:
                by_id.setdefault(occurrence.session_id, []).append(event)
        listed = [(sessions[i], tuple(events)) for i, events in by_id.items()]
        listed.sort(key=lambda pair: min((e.occurrence.held_on, e.occurrence.occurrence_id) for e in pair[1]))
        known = programme.memo[key] = tuple(listed)
    return known


def concerns(event: Event, person: Person) -> bool:
    return event.occurrence.group in (None, person.group)


def is_counted(person: Person, event: Event, checked: Checked | None, zone: tzinfo) -> bool:
    """Whether attendance counts: obliged, and not by a 加入 that came after the session (R15).

    What lies on the day of joining counts for those who were there, and for what began later.
    """
    if not is_obliged(person, event):
        return False
    if person.cohort in event.session.required or person.opted_in_at is None:
        return True
    joined_at = person.opted_in_at.astimezone(zone)
    day = event.occurrence.held_on
    if day != joined_at.date():
        return day > joined_at.date()
    starts_at = start_at(event.occurrence, zone)
    return checked is not None or starts_at is None or starts_at >= joined_at


def seen_at(person: Person, event: Event, facts: Facts) -> Seen:
    """How *person* stands: a check-in goes before a leave, 线上-待担保 is never present (R16)."""
    key = (event.occurrence.occurrence_id, person.person_id)
    checked = facts.checkins.get(key)
    if checked is None:
        return Seen(person, "leave" if key in facts.on_leave else "absent")
    standing: Standing = "present" if checked.state == "voluntary" else checked.state
    late_min = checked.late_min if standing == "late" else 0
    return Seen(person, standing, late_min, checked.is_online)


def summarise(
    events: Sequence[Event],
    people: Iterable[Person],
    facts: Facts,
    at: datetime,
    rules: CheckinRules,
    zone: tzinfo,
) -> SessionSummary:
    """One session at the moment *at*; *events* are its occurrences, *people* those who may be seen."""
    windows = {e.occurrence.occurrence_id: window_in(e, facts, rules, zone) for e in events}
    begun = [e for e in events if has_begun(e, windows[e.occurrence.occurrence_id], at)]
    obliged: list[Seen] = []
    voluntary: list[Person] = []
    groups: set[str | None] = set()
    for person in people:
        event = next((e for e in begun if concerns(e, person)), None)
        if event is None:
            groups.add(person.group)
            continue
        checked = facts.checkins.get((event.occurrence.occurrence_id, person.person_id))
        if is_counted(person, event, checked, zone):
            obliged.append(seen_at(person, event, facts))
        elif checked is not None and person.cohort is not None:
            voluntary.append(person)
    found = [window for e in begun if (window := windows[e.occurrence.occurrence_id]) is not None]
    closes_at = max((window.closes_at for window in found), default=None)
    return SessionSummary(
        session=events[0].session,
        events=tuple(begun),
        obliged=tuple(obliged),
        voluntary=tuple(voluntary),
        later=tuple(sorted(e.occurrence.group for e in events if e not in begun and e.occurrence.group)),
        is_taken=bool(found),
        closes_at=closes_at if closes_at is not None and closes_at >= at else None,
    )


def window_in(event: Event, facts: Facts, rules: CheckinRules, zone: tzinfo) -> Window | None:
    opened_at = facts.opened.get(event.occurrence.occurrence_id)
    return window_of(Opened(event, opened_at), rules, zone)


def has_begun(event: Event, window: Window | None, at: datetime) -> bool:
    """Whether its check-in has opened; one without an hour that nobody opened begins with its day."""
    if window is None:
        return event.occurrence.held_on <= at.date()
    return window.opens_at <= at


@dataclass(frozen=True)
class Tally:
    """A session in numbers, for a summary of many; *expected* are those whose attendance counts."""

    event: Event
    expected: int
    counts: Mapping[Standing, int]
    voluntary: int
    is_taken: bool = True


def tally(event: Event, expected: int, stored: Mapping[str, int], *, is_taken: bool) -> Tally:
    """*stored* maps a state of the check-ins, or "leave" (granted, nobody came), to how many there are."""
    named = {standing: stored.get(standing, 0) for standing in STANDINGS}
    named["absent"] = max(expected - sum(named.values()), 0) if is_taken else 0
    return Tally(event, expected, named, stored.get("voluntary", 0), is_taken)


def merged(tallies: Sequence[Tally]) -> Tally:
    """The meetings of several groups as the one session that the table prints."""
    taken = [one for one in tallies if one.is_taken] or list(tallies)
    counts = {standing: sum(one.counts[standing] for one in taken) for standing in STANDINGS}
    return Tally(
        taken[0].event,
        sum(one.expected for one in taken),
        counts,
        sum(one.voluntary for one in taken),
        any(one.is_taken for one in tallies),
    )


def expected_at(event: Event, people: Mapping[Person, int], zone: tzinfo) -> int:
    """How many of *people* count at *event*; each stands for as many as are like them (`alike`)."""
    return sum(n for p, n in people.items() if concerns(event, p) and is_counted(p, event, None, zone))


def alike(people: Iterable[Person]) -> Mapping[Person, int]:
    """One person for all who are treated alike here: cohort, group, and since when they take part."""
    kinds: dict[tuple[object, ...], Person] = {}
    numbers: Counter[tuple[object, ...]] = Counter()
    for person in people:
        kind = (person.cohort, person.group, person.opted_in, person.opted_in_at)
        kinds.setdefault(kind, person)
        numbers[kind] += 1
    return {kinds[kind]: number for kind, number in numbers.items()}


MOST_NAMES = 30  # of each kind in one message; the table has them all


def told(summary: SessionSummary, most: int = MOST_NAMES) -> dict[str, object]:
    """*summary* in values fit for JSON, with at most *most* names of each kind."""
    occurrences = [event.occurrence for event in summary.events]
    starts = {o.start for o in occurrences}
    start = starts.pop() if len(starts) == 1 else None
    closes_at = summary.closes_at
    return {
        "held_on": held_on(summary).isoformat(),
        "start": f"{start:%H:%M}" if start else None,
        "items": [{"track": i.track, "title": i.title, "speaker": i.speaker} for i in summary.session.items],
        "group": occurrences[0].group if len(occurrences) == 1 else None,
        "expected": len(summary.obliged),
        "arrived": len(summary.having("present", "late")),
        "online": sum(seen.is_online for seen in summary.having("present", "late")),
        "late": [{"name": s.person.name, "min": s.late_min} for s in summary.having("late")[:most]],
        "counts": dict(summary.counts),
        "names": {s: [seen.person.name for seen in summary.having(s)[:most]] for s in STANDINGS[2:]},
        "voluntary": [
            {"cohort": cohort, "number": number}
            for cohort, number in sorted(Counter(p.cohort or "" for p in summary.voluntary).items())
        ],
        "later": list(summary.later),
        "is_taken": summary.is_taken,
        "is_open": closes_at is not None,
    }


def told_tally(one: Tally) -> dict[str, object]:
    """A line of a summary of many sessions, in values fit for JSON."""
    occurrence = one.event.occurrence
    return {
        "held_on": occurrence.held_on.isoformat(),
        "items": [
            {"track": i.track, "title": i.title, "speaker": i.speaker} for i in one.event.session.items
        ],
        "expected": one.expected,
        "arrived": one.counts["present"] + one.counts["late"],
        "counts": dict(one.counts),
        "voluntary": one.voluntary,
        "is_taken": one.is_taken,
    }


def told_week(week: Sequence[SessionSummary], students: int, most: int = 12) -> dict[str, object]:
    """A mentor's week over *students* people: totals, and who was late, away or waits for a guarantee."""
    taken = [one for one in week if one.is_taken]
    seen = [(one, s) for one in taken for s in one.obliged]

    def named(standing: Standing) -> list[dict[str, object]]:
        return [
            {"name": s.person.name, "on": held_on(one).isoformat(), "min": s.late_min}
            for one, s in seen
            if s.standing == standing
        ]

    lists = {standing: named(standing) for standing in STANDINGS[1:-1]}
    times = Counter(s.person.name for _, s in seen if s.standing == "absent")
    return {
        "students": students,
        "expected": len(seen),
        "arrived": sum(s.standing in ("present", "late") for _, s in seen),
        "counts": {standing: len(found) for standing, found in lists.items()} | {"absent": times.total()},
        "names": {standing: found[:most] for standing, found in lists.items()},
        "absent": [{"name": name, "times": number} for name, number in times.most_common(most)],
        "absentees": len(times),
    }


def held_on(summary: SessionSummary) -> date:
    return min((e.occurrence.held_on for e in summary.events), default=summary.session.held_on)
