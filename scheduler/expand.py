"""A confirmed change or announcement becomes one push for each person concerned, and a report of its delivery."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from messages.envelope import Announcement, Attachment, Push
from programme.audience import Audience, select
from programme.changes import concerned
from programme.people import Person
from programme.programme import Programme
from scheduler.announce import Robot, changes_for
from scheduler.worker import NotYet
from storage import leave, outbox, people, programmes, tasks
from storage.database import Database, Tx
from storage.outbox import OutboxRow
from storage.tasks import Task

LOOK_AGAIN = timedelta(seconds=3)
# By then the report is given all the same, and says what is still on its way.
REPORT_AT_LAST = timedelta(minutes=10)
# As many names stand in the report itself; the words of change/delivered count them, too.
NAMED = 20
# Of one push that reached nobody: name, state of its row, reason.
Missed = Mapping[str, str | None]
ON_ITS_WAY = frozenset({"waiting", "in_call"})


class Expand:
    """Runs "expand" tasks. May run again after a kill: the dedupe key of each push names its task.

    A task's data: *template* and *values* of the push, whom it is for (*session_ids* with
    *occurrence_ids*, or an *audience*; but *not_to*), *by* who asked for it, *title* for the report.
    A change of sessions is said by *robots* in the chats that it concerns as well.
    """

    def __init__(self, database: Database, robots: Sequence[Robot] = ()) -> None:
        self._database = database
        self._robots = robots

    def __call__(self, task: Task, now: datetime) -> Mapping[str, object]:
        return self._database.write(lambda tx: expand(tx, task, now, self._robots))


def expand(tx: Tx, task: Task, now: datetime, robots: Sequence[Robot] = ()) -> Mapping[str, object]:
    programme_id = str(task.programme_id)
    programme = programmes.load(tx, programme_id)
    if programme is None:
        return {"told": 0}
    readers = readers_of(task, programme, people.load_people(tx, programme_id))
    values = dict(mapping(task.data["values"]))
    away = on_leave_from(tx, task)
    useless_after = task.data.get("useless_after")
    pushes = [
        Push(
            dedupe_key=f"{prefix(task)}{person.person_id}",
            person_id=person.person_id,
            template=str(task.data["template"]),
            values=values | {"on_leave": True} if person.person_id in away else values,
            due_at=now,
            useless_after=datetime.fromisoformat(str(useless_after)) if useless_after else None,
        )
        for person in readers
    ]
    outbox.enqueue_all(tx, programme_id, pushes, now)
    outbox.announce(tx, programme_id, announced(task, programme, values, now, robots), now)
    report = {"task_id": task.task_id, "by": task.data.get("by"), "title": task.data.get("title")}
    tasks.add(tx, programme_id, "report", report, now, now + LOOK_AGAIN)
    return {"told": len(pushes)}


def on_leave_from(tx: Tx, task: Task) -> frozenset[str]:
    """Who is excused from one of the occurrences that changed: they are asked whether that still holds."""
    changed = sequence(task.data.get("occurrence_ids", ()))
    return frozenset().union(*(leave.on_leave(tx, occurrence_id) for occurrence_id in changed))


def announced(
    task: Task, programme: Programme, values: Mapping[str, object], now: datetime, robots: Sequence[Robot]
) -> tuple[Announcement, ...]:
    """What the chats hear of a change; what is told to an audience of persons is no business of theirs."""
    if "session_ids" not in task.data:
        return ()
    session_ids, own = set(sequence(task.data["session_ids"])), set(sequence(task.data["occurrence_ids"]))
    concerned_occurrences = [
        occurrence
        for occurrence in programme.occurrences
        if occurrence.session_id in session_ids and occurrence.occurrence_id in own
    ]
    groups = {occurrence.group for occurrence in concerned_occurrences} or {None}
    chosen = sorted(groups, key=lambda group: group or "")
    return changes_for(robots, chosen, task.task_id, str(task.data["template"]), values, now)


def prefix(task: Task) -> str:
    return f"told:{task.task_id}:"


def readers_of(task: Task, programme: Programme, everybody: Sequence[Person]) -> tuple[Person, ...]:
    """Those concerned as the programme stands now: who left since is not told, who came is."""
    left_out = set(sequence(task.data.get("not_to", ())))
    if "audience" in task.data:
        wanted = mapping(task.data["audience"])
        audience = Audience(
            sequence(wanted["cohorts"]),
            sequence(wanted["groups"]),
            sequence(wanted["roles"]),
            wanted["mentor"],
            sequence(wanted.get("names", ())),
        )
        return tuple(p for p in select(everybody, audience) if p.person_id not in left_out)
    session_ids = set(sequence(task.data["session_ids"]))
    occurrence_ids = set(sequence(task.data["occurrence_ids"]))
    occurrences = [o for o in programme.occurrences if o.occurrence_id in occurrence_ids]
    found: dict[str, Person] = {}
    for session in programme.sessions:
        if session.session_id in session_ids:
            own = [o for o in occurrences if o.session_id == session.session_id]
            found |= {person.person_id: person for person in concerned(session, own, everybody)}
    return tuple(person for person_id, person in found.items() if person_id not in left_out)


@dataclass(frozen=True)
class Delivered:
    """What became of the pushes of one task: rows by state, and the rows that reached nobody."""

    counts: Mapping[str, int]
    missed: tuple[OutboxRow, ...]

    @property
    def on_their_way(self) -> int:
        return sum(self.counts.get(state, 0) for state in ON_ITS_WAY)


def delivered(rows: Sequence[OutboxRow]) -> Delivered:
    counts: Counter[str] = Counter(row.state for row in rows)
    missed = tuple(row for row in rows if row.state not in ON_ITS_WAY and row.state != "delivered")
    return Delivered(counts, missed)


@dataclass(frozen=True)
class Found:
    """What a report says: to whom, and whom the pushes did not reach, with the Chinese reason."""

    programme_id: str
    task_id: str
    by: str
    values: Mapping[str, object]
    missed: tuple[Missed, ...]


class Report:
    """Runs "report" tasks: once all pushes are settled, who asked for them hears how many arrived.

    Names that are too many for a message follow as a file: *write_list* makes its content, *shelve*
    puts it where the relay finds it, and gives its hash.
    """

    def __init__(
        self,
        database: Database,
        write_list: Callable[[Sequence[Missed]], bytes],
        shelve: Callable[[bytes], str],
    ) -> None:
        self._database = database
        self._write_list = write_list
        self._shelve = shelve

    def __call__(self, task: Task, now: datetime) -> Mapping[str, object]:
        """Raises NotYet while pushes are on their way, for ten minutes at most."""
        found = self._database.read(lambda tx: look(tx, task, now))
        if not isinstance(found, Found):
            return found
        pushes = [Push(f"report:{found.task_id}", found.by, "change/delivered", found.values, now)]
        if len(found.missed) > NAMED:
            # On disk before the row that names it, and the second of two for one reader.
            digest = self._shelve(self._write_list(found.missed))
            pushes.append(self._list_of(found, digest, now))
        self._database.write(lambda tx: outbox.enqueue_all(tx, found.programme_id, pushes, now))
        return {"delivered": found.values["delivered"], "missed": len(found.missed)}

    def _list_of(self, found: Found, digest: str, now: datetime) -> Push:
        values = {"missed": len(found.missed)}
        file = Attachment("file", f"未送达名单{now:%m%d}.csv", digest)
        key, after = f"report:{found.task_id}:list", now + timedelta(microseconds=1)
        return Push(key, found.by, "change/delivery_list", values, after, attachment=file)


def look(tx: Tx, task: Task, now: datetime) -> Found | Mapping[str, object]:
    """What there is to report; only figures where nobody asked. Raises NotYet."""
    programme_id = str(task.programme_id)
    told = tasks.find(tx, str(task.data["task_id"]))
    if told is None:
        return {}
    rows = outbox.delivery_of(tx, programme_id, prefix(told))
    state = delivered(rows)
    began = max((row.due_at for row in rows), default=now)
    if state.on_their_way and now - began < REPORT_AT_LAST:
        raise NotYet(now + LOOK_AGAIN)
    by = task.data.get("by")
    if by is None:
        return {"delivered": state.counts.get("delivered", 0)}
    names = {person.person_id: person.name for person in people.load_people(tx, programme_id)}
    missed: list[Missed] = [
        {"name": names.get(row.person_id, "（已不在名单）"), "state": row.state, "reason": row.reason}
        for row in state.missed
    ]
    values = {
        "title": task.data.get("title"),
        "delivered": state.counts.get("delivered", 0),
        "on_their_way": state.on_their_way,
        "missed": missed,
    }
    return Found(programme_id, told.task_id, str(by), values, tuple(missed))


def mapping(value: object) -> Mapping[str, Any]:
    assert isinstance(value, dict)  # noqa: S101 - our own rows
    return value


def sequence(value: object) -> tuple[str, ...]:
    assert isinstance(value, (list, tuple))  # noqa: S101 - our own rows
    return tuple(str(part) for part in value)
