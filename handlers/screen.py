"""The projector's screen of one check-in: what it shows now, behind a signed link."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import date, datetime, time
from typing import Literal

from handlers.context import Setup
from handlers.links import SCREEN, unseal
from programme.codes import checkin_code
from programme.programme import Programme
from programme.sessions import Item, Occurrence, Period, Session
from storage import checkins
from storage.database import Database
from storage.snapshot import Snapshot


@dataclass(frozen=True)
class ScreenView:
    """*code* is None where the lab asks for no proof; *changes_in_s* counts to the next code."""

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


class Screens:
    """Answers from memory and one count; *moment* is the server's real time."""

    def __init__(
        self, database: Database, snapshot: Snapshot, setup: Setup, moment: Callable[[], datetime]
    ) -> None:
        self._database = database
        self._snapshot = snapshot
        self._setup = setup
        self._moment = moment

    def view(self, token: str) -> ScreenView | Literal["expired", "unknown"]:
        moment = self._moment()
        opened = unseal(self._setup.signing_key, SCREEN, token, moment)
        if opened is None:
            return "unknown"
        occurrence_id, is_valid = opened
        if not is_valid:
            return "expired"
        found = self._find(occurrence_id)
        return self._show(*found, moment) if found else "unknown"

    def _find(self, occurrence_id: str) -> tuple[Session, Occurrence] | None:
        for programme_id in self._snapshot.programme_ids():
            programme = self._snapshot.programme(programme_id)
            found = find_occurrence(programme, occurrence_id) if programme else None
            if found:
                return found
        return None

    def _show(self, session: Session, occurrence: Occurrence, moment: datetime) -> ScreenView:
        rules = self._setup.checkin
        rows = self._database.read(lambda tx: checkins.of_occurrence(tx, occurrence.occurrence_id))
        code = None
        if rules.proof != "none":
            code = checkin_code(self._setup.signing_key, occurrence.occurrence_id, moment, rules.rotate_s)
        return ScreenView(
            items=session.items,
            held_on=occurrence.held_on,
            start=occurrence.start,
            period=session.period,
            group=occurrence.group,
            place=occurrence.place,
            code=code,
            changes_in_s=rules.rotate_s - int(moment.timestamp()) % rules.rotate_s,
            rotate_s=rules.rotate_s,
            arrived=sum(1 for row in rows if row.state not in checkins.WAITING),
        )


def find_occurrence(programme: Programme, occurrence_id: str) -> tuple[Session, Occurrence] | None:
    occurrence = next((o for o in programme.occurrences if o.occurrence_id == occurrence_id), None)
    if occurrence is None:
        return None
    session = next(s for s in programme.sessions if s.session_id == occurrence.session_id)
    return session, occurrence
