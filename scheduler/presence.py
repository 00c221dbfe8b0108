"""What happens to presence by itself: a screen that opens when check-in does, a second check that ends."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from datetime import datetime, time
from functools import partial
from zoneinfo import ZoneInfo

from messages.envelope import Push
from programme.attendance import (
    CheckinRules,
    Opened,
    call_key,
    call_values,
    event_values,
    whom_to_call,
    window_of,
)
from programme.people import Person
from programme.policy import checkin_rules
from programme.programme import Programme
from programme.reminders import events_of
from programme.schedule import Event
from scheduler.plan import is_stored
from storage import audit, checkins, outbox, rechecks
from storage.database import Database, Tx
from storage.rechecks import Recheck

People = Callable[[str], Sequence[Person]]


@dataclass
class Opening:
    """The tick's step that opens screens at the beginning of check-in, where the lab wants that.

    *link* makes the address of a screen. A session without an hour never opens by itself (R06).
    """

    database: Database
    programmes: Callable[[], Sequence[Programme]]
    people_in: People
    rules: CheckinRules
    link: Callable[[str], str]
    done: set[str] = field(default_factory=set)

    def __call__(self, now: datetime) -> int:
        """How many screens were opened. Raises StorageAway."""
        if not self.rules.opens_by_itself:
            return 0
        return sum(self._open(programme, event, now) for programme, event in self._due(now))

    def _due(self, now: datetime) -> list[tuple[Programme, Event]]:
        return [
            (programme, event)
            for programme in self.programmes()
            for event in events_of(programme)
            if event.is_held
            and not event.is_cancelled
            and key_of(event) not in self.done
            and self._is_on(programme, event, now)
        ]

    def _is_on(self, programme: Programme, event: Event, now: datetime) -> bool:
        zone = ZoneInfo(programme.timezone)
        window = window_of(Opened(event, None), checkin_rules(programme, self.rules), zone)
        return window is not None and window.opens_at <= now <= window.closes_at

    def _open(self, programme: Programme, event: Event, now: datetime) -> int:
        people = self.people_in(programme.programme_id)
        is_new = self.database.write(
            partial(self._store, programme=programme, event=event, people=people, now=now)
        )
        if is_new is not None:
            self.done.add(key_of(event))
        return int(bool(is_new))

    def _store(
        self, tx: Tx, programme: Programme, event: Event, people: Sequence[Person], now: datetime
    ) -> bool | None:
        """None while memory is behind the database: the next tick does it."""
        if not is_stored(tx, programme):
            return None
        occurrence_id, programme_id = event.occurrence.occurrence_id, programme.programme_id
        midnight = datetime.combine(event.occurrence.held_on, time(0), ZoneInfo(programme.timezone))
        if not checkins.open_screen(tx, programme_id, occurrence_id, None, now, midnight):
            return False
        rows = checkins.of_occurrence(tx, occurrence_id)
        there = {row.person_id for row in rows if row.counts}
        values = call_values(event, checkin_rules(programme, self.rules))
        pushes = [
            Push(call_key(event, person), person.person_id, "checkin/open_now", values, now)
            for person in whom_to_call(people, event, there)
        ]
        pushes += self._to_organisers(event, people, now)
        outbox.enqueue_all(tx, programme_id, pushes, now)
        audit.write(
            tx, programme_id, now, None, "open_checkin", f"occurrence:{occurrence_id}", None, None, None
        )
        return True

    def _to_organisers(self, event: Event, people: Sequence[Person], now: datetime) -> list[Push]:
        """The screen's address for whoever stands beside the projector."""
        values = event_values(event) | {"link": self.link(event.occurrence.occurrence_id)}
        return [
            Push(
                f"screen:{key_of(event)}:{person.person_id}",
                person.person_id,
                "checkin/screen_open",
                values,
                now,
            )
            for person in organisers_of(event, people)
        ]


def organisers_of(event: Event, people: Sequence[Person]) -> tuple[Person, ...]:
    """Leads and admins; of a group's own meeting its leads alone, where it has any."""
    group = event.occurrence.group
    admins = tuple(p for p in people if "admin" in p.roles)
    leads = tuple(p for p in people if "lead" in p.roles and group in (None, p.group))
    if group is not None and leads:
        return leads
    return tuple(dict.fromkeys((*leads, *admins)))


def key_of(event: Event) -> str:
    return f"{event.occurrence.occurrence_id}:v{event.occurrence.version}"


@dataclass(frozen=True)
class Rechecking:
    """The tick's step that tells a lead who did not answer a second check; the records stay as they are."""

    database: Database
    programme: Callable[[str], Programme | None]
    person: Callable[[str], Person | None]

    def __call__(self, now: datetime) -> int:
        """How many results were told. Raises StorageAway."""
        ended = self.database.read(lambda tx: rechecks.ended(tx, now))
        return sum(self.database.write(partial(self._report, recheck=recheck, now=now)) for recheck in ended)

    def _report(self, tx: Tx, recheck: Recheck, now: datetime) -> bool:
        if not rechecks.report(tx, recheck.recheck_id, now):
            return False
        programme = self.programme(recheck.programme_id)
        event = event_of(programme, recheck.occurrence_id) if programme else None
        if event is None:
            return False
        rows = checkins.of_occurrence(tx, recheck.occurrence_id)
        asked = [row.person_id for row in rows if row.counts and row.at <= recheck.asked_at]
        answered = rechecks.answered(tx, recheck.recheck_id)
        missing = [person_id for person_id in asked if person_id not in answered]
        people = [person for person in map(self.person, missing) if person is not None]
        values = event_values(event) | {
            "asked": len(asked),
            "answered": len(asked) - len(missing),
            "missing": [person.name for person in people],
        }
        push = Push(f"recheck_report:{recheck.recheck_id}", recheck.asked_by, "recheck/report", values, now)
        outbox.enqueue(tx, recheck.programme_id, push, now)
        return True


def event_of(programme: Programme, occurrence_id: str) -> Event | None:
    return next((e for e in events_of(programme) if e.occurrence.occurrence_id == occurrence_id), None)
