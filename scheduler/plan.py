"""What is due at *now*, derived from sessions, rules and people, and written to the outbox."""

from __future__ import annotations

import logging
from collections.abc import Callable, Collection, Mapping, Sequence
from datetime import date, datetime, time, timedelta
from zoneinfo import ZoneInfo

from messages.envelope import Push
from programme.people import Person
from programme.programme import Programme
from programme.reminders import (
    DaysBefore,
    Reminder,
    ReminderRule,
    audience,
    events_of,
    reminders_of,
    values_of,
)
from programme.sessions import start_at
from storage import checkins, outbox, programmes, schedule
from storage.database import Database, Tx

log = logging.getLogger(__name__)

# The mark moves with every push that is written; without pushes only so often, to spare a commit a second.
MARK_EVERY = timedelta(minutes=10)
# A mark further ahead than a step of the clock explains was written under a wrong date.
MARK_TOO_FAR = timedelta(days=1)


def reminders(
    programme: Programme,
    rules: Sequence[ReminderRule],
    untimed_at: time,
    first: date = date.min,
    last: date = date.max,
) -> tuple[Reminder, ...]:
    """Every announcement of the sessions held from *first* to *last*, in order of time."""
    zone = ZoneInfo(programme.timezone)
    found = [
        reminder
        for event in events_of(programme)
        if first <= event.occurrence.held_on <= last
        for reminder in reminders_of(event, rules, zone, untimed_at)
    ]
    return tuple(
        sorted(found, key=lambda reminder: (reminder.due_at, reminder.event.occurrence.occurrence_id))
    )


def days_ahead(rules: Sequence[ReminderRule]) -> timedelta:
    """How long before the day of a session its first announcement may be due, in whole days."""
    spans = [
        timedelta(days=rule.offset.days)
        if isinstance(rule.offset, DaysBefore)
        else timedelta(days=rule.offset.ahead.days + 1)
        for rule in rules
    ]
    return max(spans, default=timedelta(0))


def due_reminders(
    programme: Programme, rules: Sequence[ReminderRule], untimed_at: time, since: datetime, now: datetime
) -> tuple[Reminder, ...]:
    """Those with a moment in (*since*, *now*]."""
    zone = ZoneInfo(programme.timezone)
    # Asked every second for every programme: only days that can be announced now are looked at.
    first = since.astimezone(zone).date()
    last = now.astimezone(zone).date() + days_ahead(rules)
    return tuple(
        reminder
        for reminder in reminders(programme, rules, untimed_at, first, last)
        if since < reminder.due_at <= now
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
) -> tuple[Push, ...]:
    """The pushes with a due moment in (*since*, *now*], one per person and announcement.

    *checked_in* maps an occurrence to the ids of those who are already there. A push that is
    useless by *now* is planned all the same: the outbox counts what came too late.
    """
    pushes: list[Push] = []
    for reminder in due_reminders(programme, rules, untimed_at, since, now):
        pushes.extend(pushes_of(programme, people, reminder, checked_in))
    return tuple(pushes)


def pushes_of(
    programme: Programme,
    people: Sequence[Person],
    reminder: Reminder,
    checked_in: Mapping[str, Collection[str]],
) -> tuple[Push, ...]:
    """One push per hearer; the key names person, version and kind, so that none is written twice."""
    occurrence = reminder.event.occurrence
    siblings = [event for event in events_of(programme) if event.session == reminder.event.session]
    there = checked_in.get(occurrence.occurrence_id, ())
    values = values_of(reminder, ZoneInfo(programme.timezone))
    stem = f"{reminder.kind}:{occurrence.occurrence_id}:v{occurrence.version}"
    return tuple(
        Push(
            dedupe_key=f"{stem}:{person.person_id}",
            person_id=person.person_id,
            template=reminder.template,
            values=values,
            due_at=reminder.due_at,
            useless_after=reminder.useless_after,
        )
        for person in audience(reminder, siblings, people, there)
    )


def enqueue_due(
    database: Database,
    plans: Sequence[Programme],
    people_in: Callable[[str], Sequence[Person]],
    rules: Sequence[ReminderRule],
    now: datetime,
    *,
    untimed_at: time,
) -> int:
    """Write what became due since the last time; how many rows are new.

    *plans* and *people_in* come from memory. A programme whose stored version is already another
    one is left for the next tick, when memory has caught up. The mark of each programme is kept
    with its rows in one transaction: a session moved later never repeats a moment that has passed.
    """
    marks = database.read(
        lambda tx: {plan.programme_id: schedule.planned_until(tx, plan.programme_id) for plan in plans}
    )
    added = 0
    for programme in plans:
        since = since_mark(marks[programme.programme_id], now)
        due = due_reminders(programme, rules, untimed_at, since, now)
        if due or marks[programme.programme_id] != since or now - since >= MARK_EVERY:
            added += database.write(Batch(programme, people_in(programme.programme_id), due, now))
    return added


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


class Batch:
    """The unit of work that stores the due pushes of one programme; may run more than once."""

    def __init__(
        self, programme: Programme, people: Sequence[Person], due: Sequence[Reminder], now: datetime
    ) -> None:
        self._programme = programme
        self._people = people
        self._due = due
        self._now = now

    def __call__(self, tx: Tx) -> int:
        programme_id = self._programme.programme_id
        if programmes.version(tx, programme_id) != self._programme.version:
            log.info("plan_behind programme=%s version=%s", programme_id, self._programme.version)
            return 0
        added = 0
        for reminder in self._due:
            occurrence_id = reminder.event.occurrence.occurrence_id
            there = {row.person_id for row in checkins.of_occurrence(tx, occurrence_id)}
            pushes = pushes_of(self._programme, self._people, reminder, {occurrence_id: there})
            added += outbox.enqueue_all(tx, programme_id, pushes, self._now)
        schedule.set_planned_until(tx, programme_id, self._now)
        return added


def next_event(
    programme: Programme,
    rules: Sequence[ReminderRule],
    after: datetime,
    *,
    untimed_at: time,
    opens_before: timedelta,
) -> datetime | None:
    """The next moment at which something happens: a reminder, a check-in that opens, a session.

    A session without an hour has a reminder only. None when the programme is over.
    """
    zone = ZoneInfo(programme.timezone)
    moments = [reminder.due_at for reminder in reminders(programme, rules, untimed_at)]
    for event in events_of(programme):
        starts_at = start_at(event.occurrence, zone)
        if starts_at is not None and not event.is_cancelled:
            moments += [starts_at - opens_before, starts_at]
    return min((moment for moment in moments if moment > after), default=None)
