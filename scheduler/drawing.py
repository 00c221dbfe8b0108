"""考勤图 and 考勤表 asked for in chat: drawn or written beside the conversation, then sent to who asked."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from zoneinfo import ZoneInfo

from messages.envelope import Attachment, MediaKind, Push
from programme.attendance import CheckinRules
from programme.attendance_grid import Change, Grid, grid, title_of, told_columns
from programme.oversight import Oversight, oversight_of
from programme.people import Person
from programme.policy import checkin_rules
from programme.programme import Programme
from programme.schedule import Event
from programme.sessions import Session
from programme.summaries import events_by_session
from storage import attendance_trace, outbox, people, programmes, summaries
from storage.attendance_trace import Trace
from storage.database import Database, Tx
from storage.tasks import Task

USELESS_AFTER = timedelta(hours=24)
AFTER_THE_NOTE = timedelta(microseconds=1)  # two messages for one reader go in the order of their moments


@dataclass(frozen=True)
class Sheet:
    """What is to be made: *title* for its head, *stem* for the file's name, *is_csv* instead of xlsx."""

    grid: Grid
    trace: tuple[Change, ...]
    title: str
    stem: str
    is_csv: bool
    made_at: datetime


@dataclass(frozen=True)
class Made:
    """A finished file; *kind* as the platforms name it. *note* says why it is not what was asked for: "people", "long", "font"; "" where it is."""

    kind: MediaKind
    name: str
    content: bytes
    note: str = ""


@dataclass(frozen=True)
class Found:
    """Everything read for one task, so that the slow part holds no transaction."""

    programme: Programme
    reader: Person
    sheet: Sheet
    values: Mapping[str, object]


@dataclass(frozen=True)
class MakeFile:
    """Runs "draw" and "export" tasks. May run again after a kill: the push's key names the task.

    *make* draws or writes (documents/), *shelve* puts the content where the relay finds it and gives
    its name there. A task's data: *by* whom, *first* and *last* day (ISO or null), *form*.
    """

    database: Database
    rules: CheckinRules
    is_admin: Callable[[str, str], bool]
    make: Callable[[Sheet, bool], Made]
    shelve: Callable[[bytes], str]

    def __call__(self, task: Task, now: datetime) -> Mapping[str, object]:
        found = self.database.read(lambda tx: self._look(tx, task, now))
        if found is None:
            return {"made": 0}
        made = self.make(found.sheet, task.kind == "draw")
        digest = self.shelve(made.content)
        pushes = self._pushes(found, made, digest, task.task_id, now)
        programme_id = found.programme.programme_id
        self.database.write(lambda tx: outbox.enqueue_all(tx, programme_id, pushes, now))
        return {"kind": made.kind, "name": made.name, "sha256": digest, "bytes": len(made.content)}

    def _pushes(self, found: Found, made: Made, digest: str, task_id: str, now: datetime) -> list[Push]:
        """The file, and before it the word why it is not quite what was asked for."""
        reader, until = found.reader.person_id, now + USELESS_AFTER
        values = {**found.values, "name": made.name, "kind": made.kind}
        file = Push(
            f"file:{task_id}",
            reader,
            "summary/file",
            values,
            now + AFTER_THE_NOTE,
            until,
            attachment=Attachment(made.kind, made.name, digest),
        )
        if not made.note:
            return [file]
        note = {"note": made.note, "people": len(found.sheet.grid.rows)}
        return [Push(f"file:{task_id}:note", reader, "summary/file_note", note, now, until), file]

    def _look(self, tx: Tx, task: Task, now: datetime) -> Found | None:
        """None when who asked has left, or may see nobody (any more)."""
        programme = programmes.load(tx, str(task.programme_id))
        everybody = people.load_people(tx, str(task.programme_id))
        reader = next((p for p in everybody if p.person_id == task.data["by"]), None)
        if programme is None or reader is None:
            return None
        oversight = self._oversight(reader)
        if oversight is None:
            return None
        zone = ZoneInfo(programme.timezone)
        seen = tuple(p for p in oversight.among(everybody) if "student" in p.roles)
        held = within(programme, seen, day_of(task.data.get("first")), day_of(task.data.get("last")))
        ids = [event.occurrence.occurrence_id for _, events in held for event in events]
        facts = summaries.facts(tx, ids)
        rules, at = checkin_rules(programme, self.rules), now.astimezone(zone)
        made = grid([events for _, events in held], seen, facts, at, rules, zone)
        whose = whose_records(oversight, seen)
        sheet = Sheet(
            made,
            named(
                attendance_trace.of_occurrences(tx, programme.programme_id, ids),
                programme,
                everybody,
                seen,
                zone,
            ),
            f"{programme.title} 考勤 · {whose}",
            f"考勤-{whose}-{at:%m%d}",
            task.data.get("form") == "csv",
            at,
        )
        return Found(programme, reader, sheet, told_columns(made) | {"whose": whose})

    def _oversight(self, reader: Person) -> Oversight | None:
        if self.is_admin(reader.programme_id, reader.person_id):
            return Oversight(everybody=True)
        return oversight_of(reader)


def day_of(text: object) -> date | None:
    return date.fromisoformat(str(text)) if text else None


def within(
    programme: Programme, seen: Sequence[Person], first: date | None, last: date | None
) -> list[tuple[Session, tuple[Event, ...]]]:
    """The sessions of those days that concern anybody of *seen*."""
    groups = {person.group for person in seen}
    found = []
    for session, events in events_by_session(programme):
        own = tuple(
            e
            for e in events
            if e.occurrence.group in groups | {None}
            and (first is None or e.occurrence.held_on >= first)
            and (last is None or e.occurrence.held_on <= last)
        )
        if own:
            found.append((session, own))
    return found


def named(
    traces: Sequence[Trace],
    programme: Programme,
    everybody: Sequence[Person],
    seen: Sequence[Person],
    zone: ZoneInfo,
) -> tuple[Change, ...]:
    """What changed the records of *seen*, with names and sessions instead of ids."""
    names = {person.person_id: person.name for person in everybody}
    mine = {person.person_id for person in seen}
    titles = {
        event.occurrence.occurrence_id: f"{event.occurrence.held_on:%m-%d} {title_of(event)}"
        for _, events in events_by_session(programme)
        for event in events
    }
    return tuple(
        Change(
            names[one.person_id],
            titles.get(one.occurrence_id, ""),
            one.kind,
            one.state,
            names.get(one.by or "", ""),
            one.at.astimezone(zone),
            one.reason,
        )
        for one in traces
        if one.person_id in mine
    )


def whose_records(oversight: Oversight, seen: Sequence[Person]) -> str:
    if oversight.everybody:
        return f"全体{len(seen)}人"
    return oversight.group or f"{oversight.mentor}的学生"
