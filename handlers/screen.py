"""The projector's screen of one check-in: what it shows now, behind a signed link."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import date, datetime, time
from typing import Literal

from handlers.context import Setup
from handlers.links import SCREEN, qr_link, unseal
from programme.attendance import CheckinRules, Opened, is_obliged, window_of
from programme.codes import code_of_step
from programme.grid import Grid, grid_of, step_of
from programme.programme import Programme
from programme.schedule import Event
from programme.sessions import Item, Occurrence, Period, Session
from storage import checkins, rechecks
from storage.database import Database, Tx
from storage.rechecks import Recheck
from storage.snapshot import Snapshot

State = Literal["open", "recheck", "early", "closed", "cancelled", "moved"]


@dataclass(frozen=True)
class ScreenView:
    """One of *code*, *grid* and *qr* (the address in the QR code) is shown, none where the lab asks for
    no proof or check-in is not open; *changes_in_s* counts to the next one. *until* is when this
    *state* ends, if that is known. *expected* is how many must come."""

    items: tuple[Item, ...]
    held_on: date
    start: time | None
    period: Period | None
    group: str | None
    place: str | None
    code: str | None
    changes_in_s: int
    rotate_s: int
    arrived: int
    grid: Grid | None = None
    qr: str | None = None
    state: State = "open"
    until: datetime | None = None
    expected: int = 0


@dataclass(frozen=True)
class Counted:
    """What the database says about the occurrence now."""

    arrived: int
    opened_at: datetime | None
    recheck: Recheck | None


class Screens:
    """Answers from memory and three small reads; *moment* is the server's real time, which codes go by,
    *now* the programme's, which sessions go by."""

    def __init__(
        self,
        database: Database,
        snapshot: Snapshot,
        setup: Setup,
        moment: Callable[[], datetime],
        now: Callable[[], datetime],
    ) -> None:
        self._database = database
        self._snapshot = snapshot
        self._setup = setup
        self._moment = moment
        self._now = now
        self._must_come: dict[str, tuple[object, int]] = {}

    def view(self, token: str) -> ScreenView | Literal["expired", "unknown"]:
        moment = self._moment()
        opened = unseal(self._setup.signing_key, SCREEN, token, moment)
        if opened is None:
            return "unknown"
        occurrence_id, is_valid = opened
        if not is_valid:
            return "expired"
        found = occurrence_in(self._snapshot, occurrence_id)
        return self._show(*found, moment) if found else "unknown"

    def _show(self, programme: Programme, event: Event, moment: datetime) -> ScreenView:
        setup, occurrence_id = self._setup.of_programme(programme), event.occurrence.occurrence_id
        counted = self._database.read(lambda tx: count(tx, occurrence_id))
        state, until = state_of(event, counted, setup, self._now())
        step = step_of(moment, setup.checkin.rotate_s)
        shown = what_is_shown(setup.checkin, state)
        key = setup.signing_key
        return ScreenView(
            items=event.session.items,
            held_on=event.occurrence.held_on,
            start=event.occurrence.start,
            period=event.session.period,
            group=event.occurrence.group,
            place=event.occurrence.place,
            code=code_of_step(key, occurrence_id, step) if shown == "code" else None,
            changes_in_s=setup.checkin.rotate_s - int(moment.timestamp()) % setup.checkin.rotate_s,
            rotate_s=setup.checkin.rotate_s,
            arrived=counted.arrived,
            grid=grid_of(key, occurrence_id, step) if shown == "grid" else None,
            qr=qr_link(setup.public_url, key, occurrence_id, step) if shown == "qr" else None,
            state=state,
            until=until.astimezone(setup.zone) if until else None,
            expected=self._expected(programme, event),
        )

    def _expected(self, programme: Programme, event: Event) -> int:
        """Counted again only when the people have changed: a screen asks each second."""
        occurrence = event.occurrence
        people = self._snapshot.people_in(programme.programme_id)
        known = self._must_come.get(occurrence.occurrence_id)
        if known is None or known[0] is not people:
            group = occurrence.group
            count = sum(1 for p in people if is_obliged(p, event) and group in (None, p.group))
            known = self._must_come[occurrence.occurrence_id] = (people, count)
        return known[1]


def count(tx: Tx, occurrence_id: str) -> Counted:
    return Counted(
        checkins.count_arrived(tx, occurrence_id),
        checkins.screen_opened_at(tx, occurrence_id),
        rechecks.open_of(tx, occurrence_id),
    )


def state_of(event: Event, counted: Counted, setup: Setup, now: datetime) -> tuple[State, datetime | None]:
    """Whether there is something to read from the screen, and until when."""
    if event.is_cancelled:
        return "cancelled", None
    if event.occurrence.held_on != now.astimezone(setup.zone).date():
        return "moved", None
    if counted.recheck is not None and now <= counted.recheck.ends_at:
        return "recheck", counted.recheck.ends_at
    window = window_of(Opened(event, counted.opened_at), setup.checkin, setup.zone)
    if window is None or now < window.opens_at:
        return "early", window.opens_at if window else None
    return ("open" if now <= window.closes_at else "closed"), window.closes_at


def what_is_shown(rules: CheckinRules, state: State) -> Literal["code", "grid", "qr", "nothing"]:
    """A second check needs something to read from the room, whatever the check-in itself asks for."""
    if state not in ("open", "recheck"):
        return "nothing"
    if rules.proof == "grid":
        return "grid"
    if state == "recheck" or rules.proof == "code":
        return "code"
    return "qr" if rules.proof == "qr" else "nothing"


def occurrence_in(snapshot: Snapshot, occurrence_id: str) -> tuple[Programme, Event] | None:
    """The occurrence of that id, whichever programme it belongs to."""
    for programme_id in snapshot.programme_ids():
        programme = snapshot.programme(programme_id)
        found = find_occurrence(programme, occurrence_id) if programme else None
        if programme is not None and found is not None:
            return programme, Event(*found)
    return None


def find_occurrence(programme: Programme, occurrence_id: str) -> tuple[Session, Occurrence] | None:
    occurrence = next((o for o in programme.occurrences if o.occurrence_id == occurrence_id), None)
    if occurrence is None:
        return None
    session = next(s for s in programme.sessions if s.session_id == occurrence.session_id)
    return session, occurrence
