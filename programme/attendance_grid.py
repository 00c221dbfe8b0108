"""Who was at which session, as rows and columns: what the picture and the table of attendance show; pure."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, tzinfo
from typing import Literal

from programme.attendance import CheckinRules
from programme.people import Person
from programme.schedule import Event
from programme.summaries import (
    Facts,
    Standing,
    concerns,
    has_begun,
    is_counted,
    seen_at,
    window_in,
)

# voluntary: there without having to; not_taken: nobody could check in; none: nothing is counted here.
CellKind = Literal[
    "present", "late", "leave", "online_pending", "to_verify", "absent", "voluntary", "not_taken", "none"
]
COUNTED: tuple[Standing, ...] = ("present", "late", "leave", "online_pending", "to_verify", "absent")


@dataclass(frozen=True)
class Cell:
    kind: CellKind
    late_min: int = 0
    is_online: bool = False


@dataclass(frozen=True)
class Column:
    """One printed session; a group's own day may differ from *held_on*."""

    held_on: date
    title: str


@dataclass(frozen=True)
class GridRow:
    person: Person
    cells: tuple[Cell, ...]

    @property
    def counts(self) -> Mapping[Standing, int]:
        found = Counter(cell.kind for cell in self.cells)
        return {standing: found[standing] for standing in COUNTED}

    @property
    def expected(self) -> int:
        return sum(self.counts.values())

    @property
    def attended(self) -> int:
        return self.counts["present"] + self.counts["late"]


@dataclass(frozen=True)
class Grid:
    columns: tuple[Column, ...]
    rows: tuple[GridRow, ...]


def grid(
    sessions: Sequence[Sequence[Event]],
    people: Sequence[Person],
    facts: Facts,
    at: datetime,
    rules: CheckinRules,
    zone: tzinfo,
) -> Grid:
    """The sessions that have begun by *at*, each with its occurrences, against *people*."""

    def cell(person: Person, events: Sequence[Event]) -> Cell:
        event = next((e for e in events if concerns(e, person)), None)
        if event is None or not begun[event.occurrence.occurrence_id]:
            return Cell("none")
        checked = facts.checkins.get((event.occurrence.occurrence_id, person.person_id))
        if not is_counted(person, event, checked, zone):
            return Cell("voluntary", is_online=checked.is_online) if checked else Cell("none")
        seen = seen_at(person, event, facts)
        if seen.standing == "absent" and not taken[event.occurrence.occurrence_id]:
            return Cell("not_taken")
        return Cell(seen.standing, seen.late_min, seen.is_online)

    windows = {e.occurrence.occurrence_id: window_in(e, facts, rules, zone) for es in sessions for e in es}
    taken = {occurrence_id: window is not None for occurrence_id, window in windows.items()}
    begun = {
        e.occurrence.occurrence_id: has_begun(e, windows[e.occurrence.occurrence_id], at)
        for es in sessions
        for e in es
    }
    shown = [es for es in sessions if any(begun[e.occurrence.occurrence_id] for e in es)]
    return Grid(
        columns=tuple(Column(min(e.occurrence.held_on for e in es), title_of(es[0])) for es in shown),
        rows=tuple(GridRow(person, tuple(cell(person, es) for es in shown)) for person in people),
    )


def title_of(event: Event) -> str:
    return "；".join(item.title or item.track or "" for item in event.session.items)


WORDS: Mapping[CellKind, str] = {
    "present": "到",
    "late": "迟",
    "leave": "假",
    "online_pending": "待担保",
    "to_verify": "待核对",
    "absent": "缺",
    "voluntary": "自愿",
    "not_taken": "未签",
    "none": "",
}


def word(cell: Cell) -> str:
    """到, 迟17, 线上到: what a cell says; never by colour alone."""
    said = WORDS[cell.kind] + (str(cell.late_min) if cell.kind == "late" else "")
    return f"线上{said}" if cell.is_online and cell.kind in ("present", "late", "voluntary") else said


ChangeKind = Literal["guarantee", "leave", "explanation", "correction"]


@dataclass(frozen=True)
class Change:
    """Something that made a record what it is: a guarantee, a leave, an explanation, a correction.

    *name* and *by* are names of people, *session* is a day and a title; *state* is the one it got.
    """

    name: str
    session: str
    kind: ChangeKind
    state: str
    by: str
    at: datetime
    reason: str


def told_columns(made: Grid) -> dict[str, object]:
    """The grid in numbers, session by session, in values fit for JSON: where no picture can be shown."""
    lines = []
    for index, column in enumerate(made.columns):
        found = Counter(row.cells[index].kind for row in made.rows)
        counts = {standing: found[standing] for standing in COUNTED}
        lines.append(
            {
                "held_on": column.held_on.isoformat(),
                "expected": sum(counts.values()),
                "arrived": counts["present"] + counts["late"],
                "counts": counts,
                "is_taken": bool(sum(counts.values())) or not found["not_taken"],
            }
        )
    total = {standing: sum(row.counts[standing] for row in made.rows) for standing in COUNTED}
    return {"lines": lines, "expected": sum(row.expected for row in made.rows), "total": total}
