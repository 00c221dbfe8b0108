"""What is due at *now*, derived from sessions, rules and people, and written to the outbox."""

from __future__ import annotations

import logging
from collections.abc import Callable, Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, time, timedelta
from functools import partial
from zoneinfo import ZoneInfo

from messages.envelope import Card, Push
from programme.holidays import Holidays
from programme.people import Person
from programme.personal import leads_of
from programme.programme import Programme
from programme.reminders import (
    PERSONAL_TEMPLATE,
    DaysBefore,
    Reminder,
    ReminderRule,
    audience,
    events_of,
    reminders_of,
    siblings_of,
    values_of,
)
from programme.schedule import Event
from programme.sessions import Item, start_at
from programme.speakers import speakers_of
from scheduler import talk_slots
from storage import checkins, leave, outbox, programmes, schedule
from storage.database import Database, Tx

log = logging.getLogger(__name__)

# The mark moves with every push that is written; without pushes only so often, to spare a commit a second.
MARK_EVERY = timedelta(minutes=10)
# A mark further ahead than a step of the clock explains was written under a wrong date.
MARK_TOO_FAR = timedelta(days=1)
# So many people a transaction: a check-in never waits behind the reminders of ten thousand.
PEOPLE_AT_ONCE = 1000

# Words that end with 到场请回复 签到: where cards are shown, that is a button.
NEAR = frozenset({"reminder/soon", PERSONAL_TEMPLATE})
CHECKIN_CARD = Card("card/checkin", ("签到",))

NOBODY: Mapping[str, Collection[str]] = {}
NO_HOLIDAYS = Holidays()
NO_SLOTS: Mapping[str, str] = {}


@dataclass(frozen=True)
class Away:
    """Who need not hear of an occurrence: its id → person ids already there, and on leave."""

    checked_in: Mapping[str, Collection[str]] = field(default_factory=dict)
    on_leave: Mapping[str, Collection[str]] = field(default_factory=dict)


def reminders(
    programme: Programme,
    rules: Sequence[ReminderRule],
    untimed_at: time,
    leads: Iterable[timedelta] = (),
) -> tuple[Reminder, ...]:
    """Every announcement of the programme, in order of time."""
    zone = ZoneInfo(programme.timezone)
    wanted = tuple(leads)
    return in_order(
        reminder
        for event in events_of(programme)
        for reminder in reminders_of(event, rules, zone, untimed_at, wanted)
    )


def days_ahead(rules: Sequence[ReminderRule], leads: Iterable[timedelta] = ()) -> timedelta:
    """How long before the day of a session its first announcement may be due, in whole days."""
    spans = [
        timedelta(days=rule.offset.days)
        if isinstance(rule.offset, DaysBefore)
        else timedelta(days=rule.offset.ahead.days + 1)
        for rule in rules
    ]
    spans += [timedelta(days=lead.days + 1) for lead in leads]
    return max(spans, default=timedelta(0))


def due_reminders(
    programme: Programme,
    rules: Sequence[ReminderRule],
    untimed_at: time,
    since: datetime,
    now: datetime,
    leads: Sequence[timedelta] = (),
) -> tuple[Reminder, ...]:
    """Those with a moment in (*since*, *now*]."""
    zone = ZoneInfo(programme.timezone)
    # Asked every second for every programme: only days that can be announced now are looked at, and of a
    # thousand distances that people want only those that are due.
    first = since.astimezone(zone).date()
    last = now.astimezone(zone).date() + days_ahead(rules, leads)
    found = [
        reminder
        for event in events_of(programme)
        if first <= event.occurrence.held_on <= last
        for reminder in reminders_of(
            event, rules, zone, untimed_at, leads_due(event, leads, since, now, zone)
        )
        if since < reminder.due_at <= now
    ]
    return in_order(found)


def leads_due(
    event: Event, leads: Sequence[timedelta], since: datetime, now: datetime, zone: ZoneInfo
) -> tuple[timedelta, ...]:
    """The distances whose moment before *event* lies in (*since*, *now*]."""
    starts_at = start_at(event.occurrence, zone)
    if starts_at is None:
        return ()
    return tuple(lead for lead in leads if since < starts_at - lead <= now)


def in_order(found: Iterable[Reminder]) -> tuple[Reminder, ...]:
    return tuple(
        sorted(found, key=lambda reminder: (reminder.due_at, reminder.event.occurrence.occurrence_id))
    )


def plan(
    programme: Programme,
    people: Sequence[Person],
    rules: Sequence[ReminderRule],
    checked_in: Mapping[str, Collection[str]],
    since: datetime,
    now: datetime,
    *,
    untimed_at: time,
    on_leave: Mapping[str, Collection[str]] = NOBODY,
    holidays: Holidays = NO_HOLIDAYS,
) -> tuple[Push, ...]:
    """The pushes with a due moment in (*since*, *now*], one per person and announcement.

    *checked_in* and *on_leave* map an occurrence to person ids. A push that is useless by *now* is
    planned all the same: the outbox counts what came too late.
    """
    pushes: list[Push] = []
    for reminder in due_reminders(programme, rules, untimed_at, since, now, leads_of(people)):
        pushes.extend(pushes_of(programme, people, reminder, Away(checked_in, on_leave), holidays=holidays))
    return tuple(pushes)


def pushes_of(
    programme: Programme,
    people: Sequence[Person],
    reminder: Reminder,
    away: Away,
    *,
    speakers: Mapping[str, Sequence[Item]] | None = None,
    holidays: Holidays = NO_HOLIDAYS,
    slots: Mapping[str, str] = NO_SLOTS,
) -> tuple[Push, ...]:
    """One push per hearer; the key names person, version and kind, so that none is written twice.

    *speakers* are those of the session among everybody; None when *people* are everybody. *slots* are
    the own talks of a report day, in words, by person.
    """
    occurrence = reminder.event.occurrence
    speaking = speakers_of(reminder.event.session, people) if speakers is None else speakers
    hearers = audience(
        reminder,
        siblings_of(reminder.event, programme),
        people,
        away.checked_in.get(occurrence.occurrence_id, ()),
        away.on_leave.get(occurrence.occurrence_id, ()),
        speaking,
    )
    words = Words(reminder, ZoneInfo(programme.timezone), holidays.note(occurrence.held_on), speaking, slots)
    stem = stem_of(reminder)
    return tuple(
        Push(
            dedupe_key=f"{stem}:{person.person_id}",
            person_id=person.person_id,
            template=reminder.template,
            values=words.of(person),
            due_at=reminder.due_at,
            useless_after=reminder.useless_after,
            card=CHECKIN_CARD if is_checkin_near(reminder) else None,
        )
        for person in hearers
    )


def is_checkin_near(reminder: Reminder) -> bool:
    """Whether the next thing its hearer does is 签到: on the day itself, before a known hour."""
    return (
        reminder.template in NEAR
        and reminder.audience != "speakers"
        and (reminder.event.occurrence.start is not None)
    )


def stem_of(reminder: Reminder) -> str:
    """What the keys of one announcement's pushes begin with."""
    occurrence = reminder.event.occurrence
    return f"{reminder.kind}:{occurrence.occurrence_id}:v{occurrence.version}"


class Words:
    """The values of a reminder: the same object for everybody but who hears of an own talk."""

    def __init__(
        self,
        reminder: Reminder,
        zone: ZoneInfo,
        day_note: str | None,
        speaking: Mapping[str, Sequence[Item]],
        slots: Mapping[str, str] = NO_SLOTS,
    ) -> None:
        self._of_items = partial(values_of, reminder, zone, day_note)
        self._own = speaking if reminder.audience == "speakers" else {}
        self._everybody = self._of_items(None)
        self._slots = slots

    def of(self, person: Person) -> Mapping[str, object]:
        own = self._own.get(person.person_id)
        values = self._everybody if own is None else self._of_items(own)
        slot = self._slots.get(person.person_id)
        return values if slot is None else {**values, "slot": slot}


def enqueue_due(
    database: Database,
    plans: Sequence[Programme],
    people_in: Callable[[str], Sequence[Person]],
    rules: Sequence[ReminderRule],
    now: datetime,
    *,
    untimed_at: time,
    holidays: Holidays = NO_HOLIDAYS,
) -> int:
    """Write what became due since the last time; how many rows are new.

    *plans* and *people_in* come from memory. A programme whose stored version is already another
    one is left for the next tick, when memory has caught up. The mark of each programme moves after
    its rows are stored, and a row is stored once: a kill in between repeats nothing, and a session
    moved later never repeats a moment that has passed.
    """
    marks = database.read(
        lambda tx: {plan.programme_id: schedule.planned_until(tx, plan.programme_id) for plan in plans}
    )
    added = 0
    for programme in plans:
        mark = marks[programme.programme_id]
        since = since_mark(mark, now)
        people = people_in(programme.programme_id)
        due = due_reminders(programme, rules, untimed_at, since, now, leads_of(people))
        is_talk_due = talk_slots.is_report_day(programme, now) and database.read(
            partial(has_slot_due, programme=programme, since=since, now=now)
        )
        if due or is_talk_due or mark != since or now - since >= MARK_EVERY:
            if is_talk_due:
                added += database.write(
                    partial(write_slots, programme=programme, people=people, since=since, now=now)
                )
            added += write_due(database, programme, people, due, now, holidays)
    return added


def has_slot_due(tx: Tx, programme: Programme, since: datetime, now: datetime) -> bool:
    return bool(talk_slots.due_slots(tx, programme, since, now))


def write_slots(
    tx: Tx, programme: Programme, people: Sequence[Person], since: datetime, now: datetime
) -> int:
    """Nothing while memory is behind: the mark then stays, too."""
    return talk_slots.enqueue_slots(tx, programme, people, since, now) if is_stored(tx, programme) else 0


def write_due(
    database: Database,
    programme: Programme,
    people: Sequence[Person],
    due: Sequence[Reminder],
    now: datetime,
    holidays: Holidays,
) -> int:
    """Store the pushes of *due* in transactions of bounded size, then the mark; how many rows are new."""
    added = 0
    for reminder in due:
        speakers = speakers_of(reminder.event.session, people)
        for first in range(0, len(people), PEOPLE_AT_ONCE):
            some = people[first : first + PEOPLE_AT_ONCE]
            stored = database.write(Batch(programme, some, reminder, speakers, holidays, now))
            if stored is None:
                return added
            added += stored
    database.write(partial(move_mark, programme=programme, now=now))
    return added


def move_mark(tx: Tx, programme: Programme, now: datetime) -> None:
    """All that was due by *now* is stored, as *programme* had it; not if it has changed since."""
    if is_stored(tx, programme):
        schedule.set_planned_until(tx, programme.programme_id, now)


def is_stored(tx: Tx, programme: Programme) -> bool:
    if programmes.version(tx, programme.programme_id) == programme.version:
        return True
    log.info("plan_behind programme=%s version=%s", programme.programme_id, programme.version)
    return False


def since_mark(mark: datetime | None, now: datetime) -> datetime:
    """Where planning goes on: a new programme begins *now*, and so does one with a mark out of reach.

    A mark a little ahead of *now* means that the clock was set back: its moments are done.
    """
    if mark is None:
        return now
    if mark > now + MARK_TOO_FAR:
        log.error("planned_until_in_the_future mark=%s now=%s", mark.isoformat(), now.isoformat())
        return now
    return mark


@dataclass(frozen=True)
class Batch:
    """The unit of work that stores the pushes of one announcement to some people; may run more than
    once. None, and nothing stored, when the programme has changed since."""

    programme: Programme
    people: Sequence[Person]
    reminder: Reminder
    speakers: Mapping[str, Sequence[Item]]
    holidays: Holidays
    now: datetime

    def __call__(self, tx: Tx) -> int | None:
        if not is_stored(tx, self.programme):
            return None
        occurrence_id = self.reminder.event.occurrence.occurrence_id
        there = {row.person_id for row in checkins.of_occurrence(tx, occurrence_id)}
        away = Away({occurrence_id: there}, {occurrence_id: leave.on_leave(tx, occurrence_id)})
        is_report = self.reminder.event.session.kind == "report_day"
        day = self.reminder.event.occurrence.held_on
        pushes = pushes_of(
            self.programme,
            self.people,
            self.reminder,
            away,
            speakers=self.speakers,
            holidays=self.holidays,
            slots=talk_slots.slot_words(tx, self.programme, day) if is_report else NO_SLOTS,
        )
        return outbox.enqueue_all(tx, self.programme.programme_id, pushes, self.now)


def next_event(
    programme: Programme,
    rules: Sequence[ReminderRule],
    after: datetime,
    *,
    untimed_at: time,
    opens_before: timedelta,
    people: Sequence[Person] = (),
) -> datetime | None:
    """The next moment at which something happens: a reminder, a check-in that opens, a session.

    A session without an hour has a reminder only. *people* may want reminders at distances of their
    own. None when the programme is over.
    """
    zone = ZoneInfo(programme.timezone)
    found = reminders(programme, rules, untimed_at, leads=leads_of(people))
    moments = [reminder.due_at for reminder in found]
    for event in events_of(programme):
        starts_at = start_at(event.occurrence, zone)
        if starts_at is not None and not event.is_cancelled:
            moments += [starts_at - opens_before, starts_at]
    return min((moment for moment in moments if moment > after), default=None)
