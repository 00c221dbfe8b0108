"""收件表: who received which push when, as the phones of the demonstration have it."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime

from fakes.phones import Line, day


@dataclass(frozen=True)
class Column:
    """One minute at which something arrived, on whichever phone."""

    at: datetime

    @property
    def date(self) -> str:
        return f"{self.at.month}/{self.at.day}"

    @property
    def time(self) -> str:
        return f"{self.at:%H:%M}"


@dataclass(frozen=True)
class Received:
    """All pushes by person and minute."""

    columns: tuple[Column, ...]
    lines: dict[str, tuple[Line, ...]]

    def of(self, userid: str) -> tuple[Line, ...]:
        """What a person received, the oldest first."""
        return self.lines.get(userid, ())

    def count(self, userid: str) -> int:
        return len(self.of(userid))

    @property
    def total(self) -> int:
        return sum(map(len, self.lines.values()))

    def cells(self, userid: str) -> list[str]:
        """For each column what this person received then, "" for nothing."""
        told: dict[datetime, list[str]] = {}
        for line in self.of(userid):
            told.setdefault(minute(line.at), []).append(words(line))
        return ["\n".join(told.get(column.at, ())) for column in self.columns]


def received(lines: Iterable[Line]) -> Received:
    by_person: dict[str, list[Line]] = {}
    for line in lines:
        by_person.setdefault(line.userid, []).append(line)
    minutes = sorted({minute(line.at) for some in by_person.values() for line in some})
    return Received(
        tuple(Column(at) for at in minutes), {userid: tuple(some) for userid, some in by_person.items()}
    )


def minute(at: datetime) -> datetime:
    return at.replace(second=0, microsecond=0)


def words(line: Line) -> str:
    """The text, or the title of a card."""
    return line.text or (line.card.title if line.card else "")


def stamp(line: Line) -> str:
    return f"{day(line.at)} {line.at:%H:%M}"


def in_order(userids: Sequence[str], found: Received) -> list[str]:
    """Whoever received something first, in the order of the members; then the others."""
    return sorted(userids, key=lambda userid: found.count(userid) == 0)
