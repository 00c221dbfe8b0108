"""What stands in a person's calendar: the sessions that concern their groups, and printed deadlines."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import date, datetime, time
from types import MappingProxyType
from uuid import NAMESPACE_URL, uuid5

from programme.people import Person
from programme.programme import Programme, Rule
from programme.schedule import Event, as_printed, by_time
from programme.sessions import Occurrence, Source

DEADLINES = ("registration_deadline", "report_deadline")
NO_CHANGES: Mapping[str, datetime] = MappingProxyType({})


@dataclass(frozen=True)
class Stamps:
    """When the plan was stored, and when each session or occurrence (by its id) last changed; all aware."""

    stored_at: datetime
    changed_at: Mapping[str, datetime] = field(default_factory=lambda: NO_CHANGES)

    def of(self, *ids: str) -> datetime:
        """The latest of these; never before the plan itself was stored."""
        return max([self.stored_at, *(self.changed_at[one] for one in ids if one in self.changed_at)])

    @property
    def latest(self) -> datetime:
        return self.of(*self.changed_at)


@dataclass(frozen=True)
class Deadline:
    """The last day, and where printed the hour, of something. *name* is the rule's."""

    name: str
    source: Source | None


@dataclass(frozen=True)
class CalendarEntry:
    """*uid* stays for the life of an occurrence; *sequence* grows with each of its changes.

    Neither says anything about a person. *start* None: the hour is not known, or a whole day is meant.
    """

    uid: str
    sequence: int
    stamped_at: datetime
    on: date
    start: time | None
    end: time | None
    subject: Event | Deadline


def entries_for(programme: Programme, groups: frozenset[str], stamps: Stamps) -> tuple[CalendarEntry, ...]:
    """The calendar of somebody who belongs to *groups* or answers for them, in order of time."""
    meetings = (meeting(programme, event, stamps) for event in events_of_groups(programme, groups))
    return (*meetings, *deadlines(programme, stamps))


def groups_of(person: Person, people: Iterable[Person]) -> frozenset[str]:
    """Whose meetings concern *person*: their own group, and for a mentor the groups of their students.

    Source: notice L13 (各项目组内部开会).
    """
    groups = {person.group}
    if "mentor" in person.roles:
        groups |= {one.group for one in people if one.mentor == person.name}
    return frozenset(group for group in groups if group)


def events_of_groups(programme: Programme, groups: frozenset[str]) -> tuple[Event, ...]:
    """Every session, a group's meeting once for each of *groups*; as printed for those of no group."""
    held: dict[str, list[Occurrence]] = {}
    for occurrence in programme.occurrences:
        if occurrence.group is None or occurrence.group in groups:
            held.setdefault(occurrence.session_id, []).append(occurrence)
    events = [
        Event(session, occurrence)
        for session in programme.sessions
        for occurrence in held.get(session.session_id) or [as_printed(session)]
    ]
    return tuple(sorted(events, key=by_time))


def meeting(programme: Programme, event: Event, stamps: Stamps) -> CalendarEntry:
    """A change of the session (a title, cancelled) or of the occurrence (a group's own hour) counts alike:
    both versions only grow, so their sum does."""
    session, occurrence = event.session, event.occurrence
    return CalendarEntry(
        uid=uid_of(programme, occurrence.occurrence_id),
        sequence=session.version + occurrence.version - 2,
        stamped_at=stamps.of(session.session_id, occurrence.occurrence_id),
        on=occurrence.held_on,
        start=occurrence.start,
        end=occurrence.end,
        subject=event,
    )


def deadlines(programme: Programme, stamps: Stamps) -> tuple[CalendarEntry, ...]:
    """The deadlines that the notice prints. A rule carries no version of its own: the programme's counts."""
    found: list[CalendarEntry] = []
    for name in DEADLINES:
        rules = [rule for rule in programme.rules if rule.rule == name and isinstance(rule.value, str)]
        for position, rule in enumerate(rules):
            day, hour = moment_of(rule)
            found.append(
                CalendarEntry(
                    uid=uid_of(programme, f"{name}:{position}"),
                    sequence=programme.version - 1,
                    stamped_at=stamps.latest,
                    on=day,
                    start=hour,
                    end=None,
                    subject=Deadline(name, rule.source),
                )
            )
    return tuple(found)


def moment_of(rule: Rule) -> tuple[date, time | None]:
    """The day and hour of a deadline: "2023-07-20" or "2023-07-20T17:00"."""
    day, _, hour = str(rule.value).partition("T")
    return date.fromisoformat(day), time.fromisoformat(hour) if hour else None


def uid_of(programme: Programme, subject: str) -> str:
    """Plain letters, though ids carry the names of groups: some clients mangle anything else."""
    return str(uuid5(NAMESPACE_URL, f"qiyue:{programme.programme_id}:{subject}"))
