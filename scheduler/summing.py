"""A few minutes after check-in closes each lead hears once how it went, the admin of all; mentors on Friday."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime, time, timedelta
from functools import partial
from zoneinfo import ZoneInfo

from messages.envelope import Push
from programme.attendance import CheckinRules
from programme.people import Person
from programme.policy import checkin_rules
from programme.programme import Programme
from programme.schedule import Event, week_of
from programme.summaries import Facts, events_by_session, summarise, told, told_week, window_in
from storage import outbox, requests, summaries
from storage.database import Database, Tx

# What could not be told for so long, because nothing ran, is asked for by then (谁没到).
STILL_NEWS = timedelta(hours=12)
USELESS_AFTER = timedelta(hours=24)
FRIDAY, WEEK_ENDS_AT = 4, time(17, 7)  # off the full and the half hour, like every message (design D7)
ROWS_AT_ONCE = 1000
MOST_NAMES = 12  # a push is one message of at most 2 kB


@dataclass(frozen=True)
class Closing:
    """Check-in of *events* is over, and *due_at* it is told: to their leads, or to the admins when the
    whole session is over (*is_whole*). *stem* begins the key of each message about it."""

    stem: str
    events: tuple[Event, ...]
    due_at: datetime
    is_whole: bool


@dataclass(frozen=True)
class Due:
    """One message to be written: its key, whom it is for, whose records (*seen*) at which occurrences."""

    key: str
    reader: Person
    seen: Sequence[Person]
    events: tuple[Event, ...]
    due_at: datetime


@dataclass
class Summing:
    """A step of the tick. What is due follows from the plan and the screens that were opened; the key of
    each message names occurrence, day and reader, so that a restart or a second look tells nothing twice.
    A process remembers what it has told, and looks at nobody again for it.
    """

    database: Database
    programmes: Callable[[], Sequence[Programme]]
    people_in: Callable[[str], Sequence[Person]]
    admins_of: Callable[[str], Sequence[str]]
    rules: CheckinRules
    after: timedelta
    _told: dict[str, datetime] = field(default_factory=dict, init=False)

    def __call__(self, now: datetime) -> int:
        """How many messages were queued. Raises StorageAway."""
        self._told = {stem: at for stem, at in self._told.items() if now - at < 2 * STILL_NEWS}
        return sum(self._run(programme, now) for programme in self.programmes())

    def _run(self, programme: Programme, now: datetime) -> int:
        closings = self._closings(programme, now)
        weekly = weekly_due(programme, now, ZoneInfo(programme.timezone))
        if weekly is not None and weekly.stem(programme) in self._told:
            weekly = None
        if not closings and weekly is None:
            return 0
        queued = self._tell(programme, closings, weekly, now)
        self._told |= {closing.stem: now for closing in closings}
        self._told |= {weekly.stem(programme): now} if weekly is not None else {}
        return queued

    def _closings(self, programme: Programme, now: datetime) -> list[Closing]:
        """Of the sessions of today and yesterday what has closed by now and was not told."""
        zone = ZoneInfo(programme.timezone)
        recent = recently_held(programme, now.astimezone(zone).date())
        if not recent:
            return []
        ids = [event.occurrence.occurrence_id for events in recent for event in events]
        facts = Facts(opened=self.database.read(lambda tx: summaries.opened(tx, ids)))
        rules = checkin_rules(programme, self.rules)
        found: list[Closing] = []
        for events in recent:
            windows = [(event, window_in(event, facts, rules, zone)) for event in events]
            due = [(event, window.closes_at + self.after) for event, window in windows if window is not None]
            found += [Closing(stem_of(event), (event,), due_at, False) for event, due_at in due]
            if due:
                last = max(due_at for _, due_at in due)
                found.append(Closing(stem_of_session(programme, events), events, last, True))
        return [one for one in found if is_news(one.due_at, now) and one.stem not in self._told]

    def _tell(
        self, programme: Programme, closings: Sequence[Closing], weekly: Week | None, now: datetime
    ) -> int:
        """Facts are read and judged outside of any transaction: no check-in waits for a long summary."""
        people = self.people_in(programme.programme_id)
        dues = list(dues_of(closings, people, frozenset(self.admins_of(programme.programme_id))))
        mentors = mentors_among(people) if weekly is not None else []
        held = held_in(programme, weekly) if weekly is not None else []
        ids = {e.occurrence.occurrence_id for es in (*(due.events for due in dues), *held) for e in es}
        readers = {due.reader.person_id for due in dues} | {mentor.person_id for mentor, _ in mentors}
        writing = Writing(
            programme,
            self.database.read(lambda tx: summaries.facts(tx, sorted(ids))),
            self.database.read(lambda tx: {one: len(requests.open_for(tx, one)) for one in readers}),
            checkin_rules(programme, self.rules),
            now,
        )
        pushes = [push for due in dues if (push := writing.of_session(due)) is not None]
        if weekly is not None:
            pushes += [writing.of_week(mentor, seen, weekly) for mentor, seen in mentors]
        return self._store(programme, pushes, now)

    def _store(self, programme: Programme, pushes: Sequence[Push], now: datetime) -> int:
        """In transactions of bounded size; what was stored before a kill is not stored again."""
        queued = 0
        for first in range(0, len(pushes), ROWS_AT_ONCE):
            some = pushes[first : first + ROWS_AT_ONCE]
            queued += self.database.write(partial(store, programme=programme, pushes=some, now=now))
        return queued


def dues_of(closings: Sequence[Closing], people: Sequence[Person], admins: frozenset[str]) -> Iterator[Due]:
    """Who hears of what: the admins of whole sessions, each other lead of the own group."""
    members = grouped(people, lambda person: person.group)
    leading = [p for p in people if "lead" in p.roles and p.group and p.person_id not in admins]
    leads = grouped(leading, lambda person: person.group)
    for one in closings:
        group = one.events[0].occurrence.group
        readers: Sequence[Person]
        if one.is_whole:
            readers = [person for person in people if person.person_id in admins]
        else:
            readers = leading if group is None else leads.get(group, ())
        for reader in readers:
            seen = people if one.is_whole else members.get(reader.group, ())
            yield Due(f"{one.stem}:{reader.person_id}", reader, seen, one.events, one.due_at)


def mentors_among(people: Sequence[Person]) -> list[tuple[Person, Sequence[Person]]]:
    """Each mentor who has students, with them."""
    students = grouped(people, lambda person: person.mentor)
    return [(p, students[p.name]) for p in people if "mentor" in p.roles and p.name in students]


def store(tx: Tx, programme: Programme, pushes: Sequence[Push], now: datetime) -> int:
    return outbox.enqueue_all(tx, programme.programme_id, pushes, now)


def grouped(
    people: Sequence[Person], by: Callable[[Person], str | None]
) -> Mapping[str | None, Sequence[Person]]:
    found: dict[str | None, list[Person]] = {}
    for person in people:
        if by(person):
            found.setdefault(by(person), []).append(person)
    return found


def is_news(due_at: datetime, now: datetime) -> bool:
    return now - STILL_NEWS < due_at <= now


def recently_held(programme: Programme, today: date) -> list[tuple[Event, ...]]:
    """The sessions of today and yesterday, each with its occurrences that are held."""
    return [
        events
        for _, events in events_by_session(programme)
        if any(today - timedelta(days=1) <= e.occurrence.held_on <= today for e in events)
    ]


def stem_of(event: Event) -> str:
    occurrence = event.occurrence
    return f"summary:{occurrence.occurrence_id}:{occurrence.held_on.isoformat()}"


def stem_of_session(programme: Programme, events: Sequence[Event]) -> str:
    last_on = max(event.occurrence.held_on for event in events)
    return f"summary:{programme.programme_id}:{events[0].session.session_id}:{last_on.isoformat()}:whole"


@dataclass(frozen=True)
class Week:
    """Monday to Friday, and when its mentors hear of it."""

    monday: date
    friday: date
    due_at: datetime

    def stem(self, programme: Programme) -> str:
        return f"summary_week:{programme.programme_id}:{self.monday.isoformat()}"


def weekly_due(programme: Programme, now: datetime, zone: ZoneInfo) -> Week | None:
    """The week that closed just now; None when that is no news, or when nothing was held in it."""
    monday, _ = week_of((now.astimezone(zone) - STILL_NEWS).date())
    friday = monday + timedelta(days=FRIDAY)
    week = Week(monday, friday, datetime.combine(friday, WEEK_ENDS_AT, zone))
    return week if is_news(week.due_at, now) and held_in(programme, week) else None


def held_in(programme: Programme, week: Week) -> list[tuple[Event, ...]]:
    return [
        events
        for _, events in events_by_session(programme)
        if any(week.monday <= event.occurrence.held_on <= week.friday for event in events)
    ]


def next_summary(
    programme: Programme, rules: CheckinRules, delay: timedelta, after: datetime
) -> datetime | None:
    """The next moment at which somebody hears a summary, as the printed hours have it."""
    zone = ZoneInfo(programme.timezone)
    own = checkin_rules(programme, rules)
    moments: list[datetime] = []
    for _, events in events_by_session(programme):
        for event in events:
            window = window_in(event, Facts(), own, zone)
            if window is not None:
                moments.append(window.closes_at + delay)
            friday = week_of(event.occurrence.held_on)[0] + timedelta(days=FRIDAY)
            moments.append(datetime.combine(friday, WEEK_ENDS_AT, zone))
    return min((moment for moment in moments if moment > after), default=None)


@dataclass(frozen=True)
class Writing:
    """Words of one programme's messages, from facts that are read once for all their readers."""

    programme: Programme
    facts: Facts
    waiting: Mapping[str, int]
    rules: CheckinRules
    now: datetime

    def of_session(self, due: Due) -> Push | None:
        """None where nobody is counted: a lead without students hears nothing."""
        zone = ZoneInfo(self.programme.timezone)
        found = summarise(due.events, due.seen, self.facts, self.now, self.rules, zone)
        if not found.obliged:
            return None
        values: dict[str, object] = {
            "session": told(found, MOST_NAMES),
            "waiting": self.waiting.get(due.reader.person_id, 0),
        }
        return push_of(due.key, due.reader, "summary/session_over", values, due.due_at)

    def of_week(self, mentor: Person, seen: Sequence[Person], weekly: Week) -> Push:
        zone = ZoneInfo(self.programme.timezone)
        held = held_in(self.programme, weekly)
        found = [summarise(events, seen, self.facts, weekly.due_at, self.rules, zone) for events in held]
        values = told_week(found, len(seen)) | {
            "name": mentor.name,
            "waiting": self.waiting.get(mentor.person_id, 0),
        }
        key = f"{weekly.stem(self.programme)}:{mentor.person_id}"
        return push_of(key, mentor, "summary/week", values, weekly.due_at)


def push_of(key: str, reader: Person, template: str, values: dict[str, object], due_at: datetime) -> Push:
    return Push(key, reader.person_id, template, values, due_at, due_at + USELESS_AFTER)
