"""A reminder that was planned a while ago and has not left: does it still hold, for this person?

Between planning and sending lie milliseconds, or an outage of the platform. A session may have been
moved or cancelled since, its hearer may have left the roster, muted reminders, been given leave or come.
"""

from __future__ import annotations

import logging
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, time
from functools import partial
from typing import Protocol
from zoneinfo import ZoneInfo

from messages.envelope import Push
from programme.holidays import Holidays
from programme.people import Person
from programme.personal import leads_of
from programme.programme import Programme
from programme.reminders import Reminder, ReminderRule, events_of, reminders_of
from programme.speakers import speakers_of
from scheduler.plan import NO_HOLIDAYS, Away, is_stored, pushes_of
from storage import checkins, leave, outbox, waiting
from storage.database import Database, Tx
from storage.waiting import WaitingReminder

log = logging.getLogger(__name__)

AT_ONCE = 1000
OUTDATED = "outdated"


class Row(Protocol):
    """What is asked of a push, whichever type carries it."""

    @property
    def values(self) -> Mapping[str, object]: ...


class Memory(Protocol):
    """Programmes and people as they are now."""

    def programme(self, programme_id: str) -> Programme | None: ...

    def person(self, person_id: str) -> Person | None: ...

    def people_in(self, programme_id: str) -> Sequence[Person]: ...


def is_current(row: Row, programme: Programme | None) -> bool:
    """Whether the words of *row* still hold in *programme*; a push about no occurrence always does.

    Pure: for whoever turns rows into calls. A cancelled, removed or changed session makes it False.
    """
    occurrence_id, version = row.values.get("occurrence_id"), row.values.get("version")
    if occurrence_id is None:
        return True
    if programme is None:
        return False
    return any(
        event.occurrence.occurrence_id == occurrence_id
        and event.occurrence.version == version
        and not event.is_cancelled
        for event in events_of(programme)
    )


@dataclass(frozen=True)
class Recheck:
    """The tick's step between planning and sending; what does not hold is withdrawn or said anew."""

    database: Database
    memory: Memory
    rules: Sequence[ReminderRule]
    untimed_at: time
    holidays: Holidays = NO_HOLIDAYS

    def __call__(self, now: datetime) -> int:
        """How many reminders were withdrawn. Raises StorageAway."""
        withdrawn, after_key = 0, ""
        while True:
            rows = self.database.read(partial(waiting.reminders, now=now, after_key=after_key, limit=AT_ONCE))
            by_programme: dict[str, list[WaitingReminder]] = {}
            for row in rows:
                by_programme.setdefault(row.programme_id, []).append(row)
            for programme_id, some in by_programme.items():
                withdrawn += self._look(Renewal(self, programme_id, some, now))
            if len(rows) < AT_ONCE:
                return withdrawn
            after_key = rows[-1].dedupe_key

    def _look(self, renewal: Renewal) -> int:
        # Held up through a night, thousands are looked at each second: nothing is written for that.
        stale, _ = self.database.read(renewal.verdict)
        return self.database.write(renewal) if stale else 0


@dataclass(frozen=True)
class Renewal:
    """The unit of work on the waiting reminders of one programme; may run more than once."""

    recheck: Recheck
    programme_id: str
    rows: Sequence[WaitingReminder]
    now: datetime

    def __call__(self, tx: Tx) -> int:
        stale, renewed = self.verdict(tx)
        outdated = set(stale)
        calls = {row.call_id for row in self.rows if row.call_id and row.dedupe_key in outdated}
        waiting.dissolve(tx, sorted(calls))
        outbox.enqueue_all(tx, self.programme_id, renewed, self.now)
        withdrawn = waiting.withdraw(tx, stale, OUTDATED, self.now)
        log.info("reminders_withdrawn count=%s renewed=%s", withdrawn, len(renewed))
        return withdrawn

    def verdict(self, tx: Tx) -> tuple[list[str], list[Push]]:
        """The keys of what does not hold, and what is said in its stead; nothing when memory is behind."""
        programme = self.recheck.memory.programme(self.programme_id)
        if programme is None or not is_stored(tx, programme):
            return [], []
        stems: dict[str, list[WaitingReminder]] = {}
        for row in self.rows:
            stems.setdefault(row.dedupe_key.removesuffix(f":{row.person_id}"), []).append(row)
        stale: list[str] = []
        renewed: list[Push] = []
        for stem, rows in stems.items():
            now = self._as_of_now(tx, programme, stem, rows)
            for row in rows:
                push = now.get(row.person_id)
                if push is None or push.dedupe_key != row.dedupe_key:
                    stale.append(row.dedupe_key)
                    renewed += [push] if push is not None else []
        return stale, renewed

    def _as_of_now(
        self, tx: Tx, programme: Programme, stem: str, rows: Sequence[WaitingReminder]
    ) -> Mapping[str, Push]:
        """The same announcement as it would be planned now, by hearer among those of *rows*; of an
        announcement that is not due any more, or no longer of use, nothing."""
        memory = self.recheck.memory
        hearers = [person for row in rows if (person := memory.person(row.person_id)) is not None]
        reminder = self._reminder(programme, stem.rpartition(":v")[0], hearers)
        if reminder is None or not reminder.due_at <= self.now < reminder.useless_after:
            return {}
        pushes = pushes_of(
            programme,
            hearers,
            reminder,
            away_from(tx, reminder.event.occurrence.occurrence_id),
            speakers=speakers_of(reminder.event.session, memory.people_in(programme.programme_id)),
            holidays=self.recheck.holidays,
        )
        return {push.person_id: push for push in pushes}

    def _reminder(self, programme: Programme, named: str, hearers: Sequence[Person]) -> Reminder | None:
        """The announcement whose kind and occurrence are *named*, as the programme has it now."""
        zone, rules = ZoneInfo(programme.timezone), self.recheck.rules
        return next(
            (
                reminder
                for event in events_of(programme)
                if named.endswith(f":{event.occurrence.occurrence_id}")
                for reminder in reminders_of(event, rules, zone, self.recheck.untimed_at, leads_of(hearers))
                if named == f"{reminder.kind}:{event.occurrence.occurrence_id}"
            ),
            None,
        )


def away_from(tx: Tx, occurrence_id: str) -> Away:
    there = {row.person_id for row in checkins.of_occurrence(tx, occurrence_id)}
    return Away({occurrence_id: there}, {occurrence_id: leave.on_leave(tx, occurrence_id)})
