"""A few minutes after check-in closes each lead hears once how it went, the admin of all; mentors on Friday."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime, time, timedelta
from zoneinfo import ZoneInfo

from messages.envelope import Push
from programme.attendance import CheckinRules
from programme.oversight import Oversight
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
MOST_NAMES = 12  # a push is one message of at most 2 kB


@dataclass(frozen=True)
class Due:
    """One message to be written: its key, whom it is for, whose records it is about, which occurrences."""

    key: str
    reader: Person
    oversight: Oversight
    events: tuple[Event, ...]
    due_at: datetime


@dataclass
class Summing:
    """A step of the tick. What is due follows from the plan and the screens that were opened; the key of
    each message names occurrence, day and reader, so that a restart or a second look tells nothing twice.
    """

    database: Database
    programmes: Callable[[], Sequence[Programme]]
    people_in: Callable[[str], Sequence[Person]]
    admins_of: Callable[[str], Sequence[str]]
    rules: CheckinRules
    after: timedelta
    _written: dict[str, datetime] = field(default_factory=dict, init=False)

    def __call__(self, now: datetime) -> int:
        """How many messages were queued. Raises StorageAway."""
        self._written = {key: at for key, at in self._written.items() if now - at < 2 * STILL_NEWS}
        return sum(self._run(programme, now) for programme in self.programmes())

    def _run(self, programme: Programme, now: datetime) -> int:
        zone = ZoneInfo(programme.timezone)
        recent = recently_held(programme, now.astimezone(zone).date())
        weekly = weekly_due(programme, now, zone)
        if not recent and weekly is None:
            return 0
        ids = [event.occurrence.occurrence_id for events in recent for event in events]
        facts = Facts(opened=self.database.read(lambda tx: summaries.opened(tx, ids)))
        people = self.people_in(programme.programme_id)
        rules = checkin_rules(programme, self.rules)
        found = list(self._of_sessions(programme, recent, people, facts, rules, now))
        found = [due for due in found if due.key not in self._written]
        readers = [] if weekly is None else self._mentors(programme, people, weekly)
        if not found and not readers:
            return 0
        queued = self.database.write(Store(programme, people, found, readers, weekly, rules, now))
        self._written |= dict.fromkeys([due.key for due in found], now)
        self._written |= {week_key(programme, weekly, mentor): now for mentor in readers if weekly}
        return queued

    def _of_sessions(
        self,
        programme: Programme,
        recent: Sequence[tuple[Event, ...]],
        people: Sequence[Person],
        facts: Facts,
        rules: CheckinRules,
        now: datetime,
    ) -> Iterator[Due]:
        """Of each session the leads' messages, and the admins' once its last occurrence has closed."""
        zone = ZoneInfo(programme.timezone)
        admins = set(self.admins_of(programme.programme_id))
        for events in recent:
            closed: list[datetime] = []
            for event in events:
                window = window_in(event, facts, rules, zone)
                if window is None:
                    continue
                due_at = window.closes_at + self.after
                closed.append(due_at)
                if is_news(due_at, now):
                    leads = [p for p in leads_at(event, people) if p.person_id not in admins]
                    yield from (lead_due(event, lead, due_at) for lead in leads)
            if closed and is_news(max(closed), now):
                yield from (
                    admin_due(programme, events, p, max(closed)) for p in people if p.person_id in admins
                )

    def _mentors(
        self, programme: Programme, people: Sequence[Person], weekly: tuple[date, date, datetime]
    ) -> list[Person]:
        named = {person.mentor for person in people if person.mentor}
        return [
            person
            for person in people
            if "mentor" in person.roles
            and person.name in named
            and week_key(programme, weekly, person) not in self._written
        ]


def is_news(due_at: datetime, now: datetime) -> bool:
    return now - STILL_NEWS < due_at <= now


def recently_held(programme: Programme, today: date) -> list[tuple[Event, ...]]:
    """The sessions of today and yesterday, each with its occurrences that are held."""
    return [
        events
        for _, events in events_by_session(programme)
        if any(today - timedelta(days=1) <= e.occurrence.held_on <= today for e in events)
    ]


def leads_at(event: Event, people: Sequence[Person]) -> list[Person]:
    group = event.occurrence.group
    leads = [p for p in people if "lead" in p.roles and p.group]
    return [p for p in leads if group is None or p.group == group]


def lead_due(event: Event, lead: Person, due_at: datetime) -> Due:
    occurrence = event.occurrence
    key = f"summary:{occurrence.occurrence_id}:{occurrence.held_on.isoformat()}:{lead.person_id}"
    return Due(key, lead, Oversight(group=lead.group), (event,), due_at)


def admin_due(programme: Programme, events: tuple[Event, ...], admin: Person, due_at: datetime) -> Due:
    last_on = max(event.occurrence.held_on for event in events)
    session_id = events[0].session.session_id
    key = f"summary:{programme.programme_id}:{session_id}:{last_on.isoformat()}:{admin.person_id}"
    return Due(key, admin, Oversight(everybody=True), events, due_at)


def weekly_due(programme: Programme, now: datetime, zone: ZoneInfo) -> tuple[date, date, datetime] | None:
    """Monday and Friday of the week that closed just now, and when; None when it is no news."""
    local = now.astimezone(zone)
    monday, _ = week_of((local - STILL_NEWS).date())
    friday = monday + timedelta(days=FRIDAY)
    due_at = datetime.combine(friday, WEEK_ENDS_AT, zone)
    held = any(
        monday <= event.occurrence.held_on <= friday
        for _, events in events_by_session(programme)
        for event in events
    )
    return (monday, friday, due_at) if held and is_news(due_at, now) else None


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


def week_key(programme: Programme, weekly: tuple[date, date, datetime], mentor: Person) -> str:
    return f"summary_week:{programme.programme_id}:{weekly[0].isoformat()}:{mentor.person_id}"


@dataclass(frozen=True)
class Store:
    """The unit of work that writes the messages of one programme; may run more than once."""

    programme: Programme
    people: Sequence[Person]
    found: Sequence[Due]
    mentors: Sequence[Person]
    weekly: tuple[date, date, datetime] | None
    rules: CheckinRules
    now: datetime

    def __call__(self, tx: Tx) -> int:
        pushes = [push for due in self.found if (push := self._of_session(tx, due)) is not None]
        if self.weekly is not None:
            pushes += [self._of_week(tx, mentor, self.weekly) for mentor in self.mentors]
        return outbox.enqueue_all(tx, self.programme.programme_id, pushes, self.now)

    def _of_session(self, tx: Tx, due: Due) -> Push | None:
        """None where nobody is counted: a lead without students hears nothing."""
        seen = due.oversight.among(self.people)
        facts = summaries.facts(tx, [event.occurrence.occurrence_id for event in due.events])
        zone = ZoneInfo(self.programme.timezone)
        found = summarise(due.events, seen, facts, self.now, self.rules, zone)
        if not found.obliged:
            return None
        values: dict[str, object] = {
            "session": told(found, MOST_NAMES),
            "waiting": len(requests.open_for(tx, due.reader.person_id)),
        }
        return self._push(due.key, due.reader, "summary/session_over", values, due.due_at)

    def _of_week(self, tx: Tx, mentor: Person, weekly: tuple[date, date, datetime]) -> Push:
        monday, friday, due_at = weekly
        seen = Oversight(mentor=mentor.name).among(self.people)
        zone = ZoneInfo(self.programme.timezone)
        held = [
            events
            for _, events in events_by_session(self.programme)
            if any(monday <= event.occurrence.held_on <= friday for event in events)
        ]
        ids = [event.occurrence.occurrence_id for events in held for event in events]
        facts = summaries.facts(tx, ids)
        found = [summarise(events, seen, facts, due_at, self.rules, zone) for events in held]
        values = told_week(found, len(seen)) | {
            "name": mentor.name,
            "waiting": len(requests.open_for(tx, mentor.person_id)),
        }
        return self._push(week_key(self.programme, weekly, mentor), mentor, "summary/week", values, due_at)

    def _push(
        self, key: str, reader: Person, template: str, values: dict[str, object], due_at: datetime
    ) -> Push:
        return Push(key, reader.person_id, template, values, due_at, due_at + USELESS_AFTER)
