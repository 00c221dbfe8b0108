"""订阅日历 · 换日历链接: a personal link for calendar programs, and what stands behind it."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Literal

from handlers.context import Context, Setup
from handlers.links import calendar_link, calendar_of
from language.understood import Understood
from messages.envelope import Reply
from programme.calendar_plan import CalendarEntry, entries_for, groups_of
from programme.people import Person
from programme.programme import Programme
from storage import audit, calendar_feeds
from storage.database import Database, StorageAway
from storage.snapshot import Snapshot

Write = Callable[[Programme, Sequence[CalendarEntry]], bytes]


def handle(understood: Understood, context: Context) -> Reply:
    version = calendar_feeds.version(context.tx, context.person.person_id)
    return Reply("calendar/link", {"link": link(context, version), "is_new": False})


def renew(understood: Understood, context: Context) -> Reply:
    """换日历链接: whoever had the old link loses sight of the plan."""
    programme_id, person_id = context.programme.programme_id, context.person.person_id
    version = calendar_feeds.renew(context.tx, programme_id, person_id, context.at)
    audit.write(
        context.tx,
        programme_id,
        context.at,
        person_id,
        "renew_calendar",
        f"person:{person_id}",
        str(version - 1),
        str(version),
        None,
    )
    return Reply("calendar/link", {"link": link(context, version), "is_new": True})


def link(context: Context, version: int) -> str:
    setup = context.setup
    return calendar_link(setup.public_url, setup.signing_key, context.person.person_id, version)


class Feeds:
    """What calendar programs fetch. The file depends on the groups only, so it is written once for all."""

    def __init__(self, database: Database, snapshot: Snapshot, setup: Setup, write: Write) -> None:
        self._database = database
        self._snapshot = snapshot
        self._keys = [key for key in (setup.signing_key, setup.previous_signing_key) if key is not None]
        self._write = write

    def feed(self, token: str) -> bytes | Literal["unknown", "expired", "away"]:
        """ "expired": it was renewed since, or the person has left; "away": the database is."""
        opened = calendar_of(self._keys, token)
        if opened is None:
            return "unknown"
        person_id, version = opened
        person = self._snapshot.person(person_id)
        programme = self._snapshot.programme(person.programme_id) if person else None
        if person is None or programme is None:
            return "expired"
        try:
            if self._database.read(lambda tx: calendar_feeds.version(tx, person_id)) != version:
                return "expired"
            return self._file(programme, person) or "expired"
        except StorageAway:
            return "away"

    def _file(self, programme: Programme, person: Person) -> bytes | None:
        """None: the programme has gone since this process last looked."""
        groups = groups_of(person, self._snapshot.people_in(programme.programme_id))
        known: bytes | None = programme.memo.get(("calendar", groups))
        if known is None:
            stamps = self._database.read(lambda tx: calendar_feeds.stamps(tx, programme.programme_id))
            if stamps is None:
                return None
            known = self._write(programme, entries_for(programme, groups, stamps))
            programme.memo["calendar", groups] = known
        return known
