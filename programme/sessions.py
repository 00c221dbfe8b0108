"""What is held when: sessions, their items, and their occurrences per project group."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime, time, tzinfo
from typing import Literal

Kind = Literal["group_meeting", "lecture", "talks", "report_day", "other"]
Period = Literal["dawn", "morning", "noon", "afternoon", "evening"]
Scope = Literal["everyone", "own_project_group"]
Status = Literal["tentative", "confirmed", "cancelled"]


UNCLEAR = "?"  # printed, but it can be read in more than one way


@dataclass(frozen=True)
class Source:
    """Where a fact is printed: 1-based line (txt, docx paragraph or xlsx row), the cell, the words.

    *origin* "lab": it is 本组规定 and no words of the notice. *by* (a person_id) and *at* say who
    decided it when, None for a default; *printed* is what the notice says instead ("": nothing; UNCLEAR).
    """

    line: int | None
    phrase: str
    cell: str | None = None
    origin: Literal["notice", "lab"] = "notice"
    by: str | None = None
    at: datetime | None = None
    printed: str = ""


@dataclass(frozen=True)
class Item:
    """One title of a session, in the order of the notice; None is what the notice does not say."""

    track: str | None
    title: str | None
    speaker: str | None = None


@dataclass(frozen=True)
class Session:
    """One printed session. *start* None means the notice gives no hour (never guessed)."""

    session_id: str
    held_on: date
    start: time | None
    end: time | None
    period: Period | None
    kind: Kind
    scope: Scope
    items: tuple[Item, ...]
    place: str | None
    required: tuple[str, ...]
    optional: tuple[str, ...]
    status: Status
    version: int
    source: Source
    period_source: str | None = None
    table_row: int | None = None


@dataclass(frozen=True)
class Occurrence:
    """A session as one audience meets it: check-in, reminder and calendar point here (design D14).

    *group* is None for a session of everybody. A group meeting has one occurrence per project
    group, whose lead may set its own day, hours and place, or call it off.
    """

    occurrence_id: str
    session_id: str
    group: str | None
    held_on: date
    start: time | None
    end: time | None
    place: str | None
    version: int
    is_cancelled: bool = False


def start_at(occurrence: Occurrence, zone: tzinfo) -> datetime | None:
    """The aware instant at which *occurrence* begins; None while its hour is unknown."""
    if occurrence.start is None:
        return None
    return datetime.combine(occurrence.held_on, occurrence.start, zone)


def occurrences_for(
    programme_id: str, sessions: Iterable[Session], groups: Sequence[str]
) -> tuple[Occurrence, ...]:
    """The occurrences of *sessions*: one for everybody, or one per project group of *groups* (design D14).

    Their ids are unique over all programmes: check-ins and screens of a deployment point at them.

    A group's own meeting has none while no group is known; the roster brings them.
    """
    found: list[Occurrence] = []
    for session in sessions:
        audiences: Sequence[str | None] = groups if session.scope == "own_project_group" else (None,)
        for group in audiences:
            found.append(
                Occurrence(
                    occurrence_id=":".join((programme_id, session.session_id, *([group] if group else ()))),
                    session_id=session.session_id,
                    group=group,
                    held_on=session.held_on,
                    start=session.start,
                    end=session.end,
                    place=session.place,
                    version=1,
                )
            )
    return tuple(found)


def following(occurrence: Occurrence, before: Session, after: Session) -> Occurrence:
    """*occurrence* once its session has become *after*: it follows unless its group had set its own."""
    own = (occurrence.held_on, occurrence.start, occurrence.end, occurrence.place)
    if occurrence.group is not None and own != (before.held_on, before.start, before.end, before.place):
        return occurrence
    return replace(
        occurrence,
        held_on=after.held_on,
        start=after.start,
        end=after.end,
        place=after.place,
        version=occurrence.version + 1,
    )
